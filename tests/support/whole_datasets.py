"""Whole datasets, and what another program may make of one: odd values, wrong columns."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from mutations import garbled

from osgrepro.results import dataset

_HASHES = tuple(letter * 64 for letter in "abc")
_VALUES = st.floats() | st.sampled_from(
    [0.5, 0.85, 85.5, 0.0, -0.0, 5e-324, 1.7976931348623157e308, float("nan"), float("-inf")]
)
_TEXTS = ("a", "", "x" * 300, "</script>", "=1+1", "[/red]", "\x1b[31m", "a\nb", "\u202e")


def _metric(name: str, value: float) -> dict[str, Any]:
    finite = math.isfinite(value)
    return {"name": name, "value": value if finite else None, "hex": value.hex()}


@st.composite
def _row(draw: st.DrawFn, number: int) -> dict[str, Any]:
    value = draw(_VALUES)
    failed = draw(st.integers(0, 5)) == 5
    return {
        "campaign": "c",
        "run_id": f"{number:024x}",
        "experiment": draw(st.sampled_from(["mnist", "lstm"])),
        "software": draw(st.sampled_from(["tf", "torch"])),
        "hardware": draw(st.sampled_from(["a", "b", "c"])),
        "repeat": draw(st.integers(1, 3)),
        "seed": draw(st.sampled_from([1, 1, 2, None])),
        "status": "failed" if failed else "ok",
        "primary_metric": "accuracy",
        "primary_value": None if failed else _metric("", value)["value"],
        "metrics": [] if failed else [_metric("accuracy", value), _metric("loss", draw(_VALUES))],
        "final_weights": draw(st.sampled_from(_HASHES)),
        "predictions": draw(st.sampled_from([None, *_HASHES])),
        "losses": [{"name": "loss", "hex": [draw(_VALUES).hex()]}],
        "cpu_family": draw(st.sampled_from([None, 6, 23])),
        "cpu_avx512f": draw(st.sampled_from([None, True, False])),
        "cpu_model_name": draw(st.sampled_from(_TEXTS)),
        "logical_cpus": draw(st.sampled_from([None, 1, 64])),
        "test_set": draw(st.sampled_from([None, 10_000])),
        "wall_s": draw(st.none() | st.floats(0, 1e6)),
    }


@st.composite
def whole(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw the rows of a dataset that is right, whatever its runs were."""
    return [draw(_row(number)) for number in range(draw(st.integers(0, 12)))]


@st.composite
def odd(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw rows of the right types and of values that no collection writes."""
    rows = draw(whole())
    for row in rows[:: draw(st.integers(1, 3))]:
        column = draw(st.sampled_from(dataset.COLUMNS))
        row[column.name] = draw(_of_type(column.type))
    return rows


_ODD_TEXTS = ("nan", "0x1.0p", "{}", "[1]", '{"a": [NaN]}', "1e999", "{" * 99)
_OF_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    pa.string(): st.sampled_from((*_TEXTS, *_ODD_TEXTS)),
    pa.int64(): st.sampled_from([0, -1, 2**63 - 1, -(2**63), 1]),
    pa.float64(): _VALUES,
    pa.bool_(): st.booleans(),
    pa.binary(): st.binary(max_size=8),
    pa.timestamp("us", tz="UTC"): st.sampled_from([0, -(2**62), 2**62]),
}


def _of_type(kind: Any) -> st.SearchStrategy[Any]:
    if pa.types.is_struct(kind):
        return st.none() | st.fixed_dictionaries({f.name: _of_type(f.type) for f in kind})
    if pa.types.is_list(kind):
        return st.none() | st.lists(_of_type(kind.value_type), max_size=2)
    return st.none() | _OF_SCALARS[kind]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Draw a Parquet file that is mostly no dataset: other types of columns, lost bytes."""
    rows = draw(whole())
    names = [column.name for column in dataset.COLUMNS]
    fields = {column.name: pa.field(column.name, column.type) for column in dataset.COLUMNS}
    arrays = {n: pa.array([row.get(n) for row in rows], fields[n].type) for n in names}
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(sorted(arrays)))
        act = draw(st.sampled_from(["drop", "type", "add", "twice"]))
        if act == "drop":
            del arrays[name]
        elif act == "type":
            kind = draw(st.sampled_from([pa.int32(), pa.large_string(), pa.list_(pa.int64())]))
            arrays[name] = pa.nulls(len(rows), kind)
        else:
            arrays[name + "2" * (act == "add")] = pa.nulls(len(rows), pa.string())
    version = draw(st.sampled_from([b"1", b"1", b"1", b"2", b"\xff"]))
    claims = draw(st.sampled_from([b"[]", b"{}", b"[{}]", b"\xff", b"[" * 5000, b"null"]))
    about = {b"osgrepro_dataset": version, b"osgrepro.claims": claims}
    about |= {b"osgrepro.definitions": claims} if draw(st.booleans()) else {}
    table = pa.table(list(arrays.values()), names=list(arrays)).replace_schema_metadata(about)
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return draw(garbled(buffer.getvalue(), most=1))


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Make a dataset of rows."""
    dataset.write(path, rows, force=True)
