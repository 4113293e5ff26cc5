"""Whole campaign files, and what a person may make of one in an editor."""

from __future__ import annotations

from typing import Any

import tomli_w
from hypothesis import strategies as st
from mutations import deepened, garbled, mutated

_NAMES = ("a", "B2", "tensorflow-2.8.0", "x.y_z", "n" * 64)
_REQUIREMENTS = ("true", "CpuFamily == 23", 'regexp("EPYC", Model)', "has_avx512f =?= true")
_VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a b", "é", "'\"\\", "{seed}"]),
)


def _names(most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(
        st.sampled_from(_NAMES), min_size=1, max_size=most, unique_by=lambda name: name.lower()
    )


@st.composite
def _experiment(draw: st.DrawFn, name: str) -> dict[str, Any]:
    metrics = draw(st.sampled_from([["loss"], ["test_accuracy", "loss"]]))
    return {
        "name": name,
        "entry": draw(
            st.sampled_from(["experiments.mnist_convnet:run", "train.py", "src/train.py"])
        ),
        "data": draw(st.sampled_from([[], ["sample:digits"], ["keras:mnist", "sample:reviews"]])),
        "params": draw(st.dictionaries(st.sampled_from(["epochs", "a b", "é"]), _VALUES)),
        "environment": draw(st.sampled_from([{}, {"TF_X": "1"}])),
        "metrics": metrics,
        "primary": metrics[0],
    }


@st.composite
def _hardware(draw: st.DrawFn, name: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": name, "requirements": draw(st.sampled_from(_REQUIREMENTS))}
    if draw(st.booleans()):
        entry["proves"] = "cpu_avx2 && CpuFamily > 5"
    if draw(st.booleans()):
        entry["gpus"] = {"count": draw(st.integers(1, 64)), "device": "A100"}
    return entry | {"request_memory_mb": draw(st.integers(1, 2**40))}


@st.composite
def whole(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the content of a campaign file that is right."""
    experiments = draw(_names(3))
    content: dict[str, Any] = {
        "campaign": {"name": "c", "repeats": draw(st.integers(1, 3)), "seeds": [1, 4294967295]},
        "experiment": [draw(_experiment(name)) for name in experiments],
        "software": [{"name": name} for name in draw(_names(2))],
        "hardware": [draw(_hardware(name)) for name in draw(_names(3))],
        "submit": draw(st.sampled_from([{}, {"max_idle": 5, "extra": ["+A = 1"]}])),
    }
    if draw(st.booleans()):
        delta = draw(st.floats(-9, 9))
        claim = {"name": "k", "a": experiments[0], "metric": "loss", "delta": delta}
        content["claim"] = [claim | ({"b": experiments[1]} if len(experiments) > 1 else {})]
    return content


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Draw a campaign file that is mostly wrong somewhere."""
    changed = draw(mutated(draw(whole())))
    return draw(garbled(toml(changed)))


def toml(content: dict[str, Any]) -> bytes:
    """Return ``content`` as TOML; what TOML has no form for is left out, or nested deep."""
    text = tomli_w.dumps(_representable(content))
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    return deepened(text.encode("utf-8", "surrogateescape"), b"[")


def _representable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _representable(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_representable(item) for item in value if item is not None]
    return value
