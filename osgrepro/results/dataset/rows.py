"""Records as rows of the columns, and rows as Arrow tables.

Called by what writes a dataset, and for a record by itself before it stands among others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa

from osgrepro.common.errors import UNFORESEEN, RecordError
from osgrepro.results.dataset.column_type import Column, schema
from osgrepro.results.dataset.columns import COLUMNS
from osgrepro.results.records import Record, Rejected

_BY_NAME = {column.name: column for column in COLUMNS}


def row(record: Record, names: Collection[str]) -> dict[str, Any]:
    """Return the named columns of a record; names of no column are left out."""
    return {name: _BY_NAME[name].get(record) for name in names if name in _BY_NAME}


def check(record: Record) -> None:
    """See that every column can be made of a record, before it stands among others.

    Raises
    ------
    RecordError
        If one can't, with its name.
    """
    for column in COLUMNS:
        try:
            column.get(record)
        except UNFORESEEN as error:
            raise RecordError(f"{column.name}: {error}"[:200], reason="schema") from None


def plain_table(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Return rows that are mappings from column names as an Arrow table; missing names are null."""
    listed = list(rows)
    arrays = [pa.array([row.get(c.name) for row in listed], c.type) for c in COLUMNS]
    return pa.Table.from_arrays(arrays, schema=schema(COLUMNS))


def table(columns: tuple[Column, ...], rows: list[Record] | list[Rejected]) -> Any:
    """Return records (or rejected files) as an Arrow table."""
    arrays = [pa.array([column.get(row) for row in rows], column.type) for column in columns]
    return pa.Table.from_arrays(arrays, schema=schema(columns))
