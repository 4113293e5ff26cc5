"""Whole results, as jobs return them, and what a slot may make of one before it returns."""

from __future__ import annotations

import base64
import hashlib
import math
import zlib
from typing import Any

import trial
from hypothesis import strategies as st
from mutations import ODD, as_json, garbled, mutated

from osgrepro.common.models import Json, Run
from osgrepro.results import records

MATRIX = trial.expand(2, ("host", "gpu"))
_HASHES = st.sampled_from([hashlib.sha256(bytes([n])).hexdigest() for n in range(4)])
_FLOATS = st.floats() | st.sampled_from([0.5, -0.0, 5e-324, float("nan"), float("inf")])
_TEXTS = st.sampled_from(["", "x", "[/red]", "a\nb", "\u202e", "\x1b[31m", "x" * 300])
_TIMES = st.sampled_from(
    ["2026-11-23T05:00:00Z", "1970-01-01T00:00:00.000000001+00:00", "9999-12-31T23:59:59Z"]
)


def _metric(value: float) -> Json:
    finite = math.isfinite(value)
    return {"value": value if finite else None, "hex": value.hex()}


@st.composite
def _examples(draw: st.DrawFn) -> Json:
    kind = draw(st.sampled_from(["uint8", "uint16", "uint32"]))
    numbers = draw(st.lists(st.integers(0, 9), min_size=1, max_size=5))

    def vector(width: int) -> Json:
        raw = b"".join(number.to_bytes(width, "little") for number in numbers)
        text = base64.b64encode(zlib.compress(raw)).decode()
        return {"sha256": hashlib.sha256(raw).hexdigest(), "zlib": text}

    of_kind = vector({"uint8": 1, "uint16": 2, "uint32": 4}[kind])
    return {
        **{"count": len(numbers), "classes": 10, "type": kind, "predicted": of_kind},
        **{"truth": draw(st.none() | st.just(of_kind)), "ranks": vector(1), "omitted": None},
    }


@st.composite
def whole(draw: st.DrawFn, run: Run | None = None) -> Json:
    """Draw a result that is right, of a run of ``MATRIX``, sealed."""
    run = run or draw(st.sampled_from(MATRIX.runs))
    plain = trial.result(MATRIX, run, "b" * 32, cluster=7, proc=draw(st.integers(0, 3)))
    failed = draw(st.booleans())
    extra = draw(st.dictionaries(st.sampled_from(["accuracy", "a b", "é"]), _FLOATS, max_size=2))
    metrics = {name: _metric(value) for name, value in {**extra, "loss": draw(_FLOATS)}.items()}
    gpu = {"index": 0, "name": draw(_TEXTS), "memory_mb": draw(st.integers(0, 2**40))}
    absent = dict.fromkeys(("uuid", "driver", "capability", "mig", "ecc"))
    provenance = plain["provenance"] | {
        "process": {"pid": 1, "argv": [draw(_TEXTS)], "peak_memory_mb": draw(st.floats(0, 1e9))},
        "gpus": [{**gpu, **absent, "visible": True}] * draw(st.integers(0, 2)),
        "libraries": [{"path": "/l", "sha256": draw(_HASHES), "source": "file"}],
        "notes": [draw(_TEXTS)],
        "gpu_used": draw(st.sampled_from([None, True])),
    }
    losses = {"loss": [value.hex() for value in draw(st.lists(_FLOATS, max_size=3))]}
    own = {
        "status": "failed" if failed else "ok",
        "exit_code": draw(st.sampled_from([10, 20, 30, 40])) if failed else 0,
        "metrics": {} if failed else metrics,
        "fingerprints": {"final_weights": draw(_HASHES), "losses": losses},
        "examples": draw(st.none() | _examples()),
        "provenance": provenance,
        "timings": {"started_at": draw(_TIMES), "ended_at": draw(_TIMES), "wall_s": 1.0},
    }
    return trial.result(MATRIX, run, "b" * 32, cluster=7, proc=plain["proc"], **own)


@st.composite
def broken(draw: st.DrawFn) -> tuple[Json, bytes]:
    """Draw a result that is right, and the bytes that a slot made of it: mostly not a result."""
    content = draw(whole())
    changed = draw(mutated(content))
    if draw(st.booleans()):  # whoever changes a result can seal it again
        changed = {**changed, "checksum": _sealed(changed)}
    text = as_json(changed)
    if draw(st.booleans()):  # a key twice: the last one counts
        key = draw(st.sampled_from(sorted(content)))
        text = text[:-1] + b', "%s": %s}' % (key.encode(), as_json(draw(ODD)))
    return content, draw(garbled(text))


def _sealed(changed: dict[str, Any]) -> str:
    try:
        return records.checksum(changed)
    except (ValueError, TypeError):  # NaN, or what no JSON holds
        return "sha256:" + "0" * 64


def file_name(content: Json) -> str:
    """Return the name under which the access point stores a result."""
    return trial.source(content).file
