"""What a column of the dataset is, and the two ways to say where a record has its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from osgrepro.results.dataset.values import dump, integer, number, text, truth
from osgrepro.results.records import Record

METRIC = pa.struct([("name", pa.string()), ("value", pa.float64()), ("hex", pa.string())])
SERIES = pa.struct([("name", pa.string()), ("hex", pa.list_(pa.string()))])


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column; ``get`` takes a record (a rejected file for the rejects' table)."""

    name: str
    type: Any
    description: str
    get: Callable[[Any], Any]


_TYPES: dict[Callable[[Any], Any], Any] = {
    text: pa.string(),
    integer: pa.int64(),
    number: pa.float64(),
    truth: pa.bool_(),
    dump: pa.string(),
}


def _walk(start: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        start = start.get(step) if isinstance(start, Mapping) else getattr(start, step, None)
    return start


def at(name: str, path: str, kind: Callable[[Any], Any], description: str) -> Column:
    """Return a column whose value stands at a dotted path of a record; ``kind`` makes it fit."""
    steps = tuple(path.split("."))
    return Column(
        name=name,
        type=_TYPES[kind],
        description=description,
        get=lambda record: kind(_walk(record, steps)),
    )


def made(name: str, kind: Any, get: Callable[[Record], Any], description: str) -> Column:
    """Return a column of an Arrow type whose value is computed of a record."""
    return Column(name=name, type=kind, description=description, get=get)


def schema(columns: tuple[Column, ...]) -> Any:
    """Return the Arrow schema, with each column's description as its metadata."""
    return pa.schema(
        [
            pa.field(column.name, column.type, metadata={"description": column.description})
            for column in columns
        ]
    )
