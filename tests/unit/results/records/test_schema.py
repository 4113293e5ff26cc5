"""The schema that the payload ships is what the collector judges by: both say the same."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import zlib
from importlib import resources
from typing import Any

import jsonschema
import pytest
import trial
from hypothesis import given
from hypothesis import strategies as st
from mutations import places

from osgrepro.common.errors import RecordError
from osgrepro.results import records

MATRIX = trial.expand(1, ("host",))
SCHEMA = json.loads((resources.files("osgrepro") / "payload/result.schema.json").read_text("utf-8"))
JUDGE = jsonschema.Draft202012Validator(SCHEMA)
GPU = {
    **dict.fromkeys(("index", "name", "uuid", "memory_mb", "driver", "capability", "mig", "ecc")),
    "visible": True,
}
RICH = {
    "process": {"pid": 1, "argv": ["python3"], "peak_memory_mb": 512.5},
    "gpus": [GPU],
    "libraries": [{"path": "/lib/x.so", "sha256": "a" * 64, "source": "file"}],
    "image": {"labels": {"a": "b"}, "sha256": None, "sha256_source": "declared"},
    "notes": ["left out"],
    "gpu_used": None,
    "errors": {},
}
EXAMPLES = {
    "count": 2,
    "classes": 3,
    "type": "uint8",
    "predicted": {
        "sha256": hashlib.sha256(bytes([2, 0])).hexdigest(),
        "zlib": base64.b64encode(zlib.compress(bytes([2, 0]))).decode(),
    },
    "truth": {"sha256": "c" * 64, "zlib": None},
    "ranks": None,
    "omitted": "truth: more than 2000000 characters",
}


def honest(rich: bool, failed: bool) -> dict[str, Any]:
    plain = trial.result(MATRIX, MATRIX.runs[0], "b" * 32, cluster=1, proc=0)
    changes: dict[str, Any] = {}
    if rich:
        changes["examples"] = EXAMPLES
        changes["provenance"] = {**plain["provenance"], **RICH}
        losses = {"loss": ["0x1.8000000000000p-1", "nan"]}
        changes["fingerprints"] = {"final_weights": "b" * 64, "losses": losses}
    if failed:
        changes |= {"status": "failed", "exit_code": 10, "metrics": {}}
    return trial.result(MATRIX, MATRIX.runs[0], "b" * 32, cluster=1, proc=0, **changes)


HONEST = [honest(rich, failed) for rich in (False, True) for failed in (False, True)]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -1, 2**63, 30, "", "zzz", "host", "a" * 64, "a" * 63 + "\n", [], {}]),
    st.sampled_from(["2026-06-30T23:59:60Z", "2026-99-01T00:00:00Z", "\u0662026-01-01T00:00:00Z"]),
    st.sampled_from([[{}], ["x"], {"a": 1}, {"a": "b"}, "0x1.0p", "nan", "\x1b", "x" * 1_000_001]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)


def mutated(content: dict[str, Any], way: tuple[Any, ...], act: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(content)
    inner: Any = made
    for step in way[:-1]:
        inner = inner[step]
    if act == "set":
        inner[way[-1]] = value
    elif act == "drop":
        del inner[way[-1]]
    elif isinstance(inner, dict):
        inner["stranger"] = value
    else:
        inner.append(value)
    return {**made, "checksum": records.checksum(made)}


def taken(content: dict[str, Any]) -> bool:
    try:
        records.parse(json.dumps(content).encode())
    except RecordError as error:
        assert error.reason in records.REASONS
        # What no schema can say: a number has two values, labels are not those of their hash, or a
        # file is of another version.
        said_by_none = {"metrics", "examples", "schema-version"}
        return error.reason in said_by_none and JUDGE.is_valid(content)
    return True


@pytest.mark.parametrize("content", HONEST)
def test_honest_results_are_taken_by_both(content: dict[str, Any]) -> None:
    JUDGE.validate(content)
    assert records.parse(json.dumps(content).encode())


@given(st.data())
def test_collector_and_schema_say_the_same_of_a_mutated_result(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(HONEST))
    way = data.draw(st.sampled_from(sorted(places(content), key=repr)))
    act = data.draw(st.sampled_from(["set", "drop", "add"]))
    changed = mutated(content, way, act, data.draw(VALUES))
    assert taken(changed) == JUDGE.is_valid(changed)


@pytest.mark.sweep
@pytest.mark.parametrize("value", [None, 0, 1.0, "zzz", [], {}, [{}], 10**400, "a" * 64])
def test_every_place_of_a_result_is_judged_alike(value: Any) -> None:
    for content in HONEST:
        for way in places(content):
            for act in ("set", "drop"):
                changed = mutated(content, way, act, value)
                assert taken(changed) == JUDGE.is_valid(changed), (way, act)


def test_a_million_metrics_are_refused_before_they_become_values() -> None:
    metric = {"value": 0.5, "hex": "0x1.0000000000000p-1"}
    many = HONEST[0] | {"metrics": {f"m{number}": metric for number in range(10_001)}}
    many["checksum"] = records.checksum(many)
    with pytest.raises(RecordError, match="10000"):
        records.parse(json.dumps(many).encode())
