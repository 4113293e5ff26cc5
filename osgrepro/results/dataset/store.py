"""Writes the two tables: a whole new file beside the old one, then one replacement.

A Parquet file can't grow, so an update streams the old rows into a new file, behind them the new
ones; whoever reads meanwhile sees the old file. The collection decides how often that is worth it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from osgrepro.common import parts
from osgrepro.common.errors import DatasetError, UsageError
from osgrepro.common.models import Claim, Definitions
from osgrepro.results.dataset.column_type import Column, schema
from osgrepro.results.dataset.columns import COLUMNS, REJECTED_COLUMNS
from osgrepro.results.dataset.reading import (
    CLAIMS,
    CLAIMS_KEY,
    DEFINITIONS_KEY,
    FORMAT,
    groups,
    of_campaign,
)
from osgrepro.results.dataset.rows import plain_table, table
from osgrepro.results.records import Record, Rejected

_CHUNK_BYTES = 16_000_000  # of result files
_CHUNK_ROWS = 1024  # a record takes some 100 kB of memory, its row in Arrow a tenth of it
_COMPRESSION = {"compression": "zstd", "compression_level": 3}
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


def write(path: Path, rows: Iterable[Mapping[str, Any]], *, force: bool = False) -> int:
    """Make a new dataset of rows that were not collected; return how many there were.

    Parameters
    ----------
    path : Path
        The dataset to make, whole or not at all.
    rows : iterable of mapping
        From column names to values; what a row does not name is null. Taken lazily.
    force : bool
        Whether to take the place of a file that is there.

    Raises
    ------
    UsageError
        If there is a file and no ``force``, or no folder for it.
    DatasetError
        If a row has a value of another type than its column, or the file can't be written.
    """
    if path.is_dir() or not path.parent.is_dir():
        fault = "is a folder" if path.is_dir() else f"{path.parent} is not a folder"
        raise UsageError(f"{path}: {fault}", hint="name a file in a folder that exists")
    if path.exists() and not force:
        raise UsageError(f"{path}: already exists", hint="choose another name, or add --force")
    count = 0

    def tables() -> Iterator[Any]:
        nonlocal count
        for chunk in _chunks(rows, lambda _row: 0):
            count += len(chunk)
            yield plain_table(chunk)

    _replace(path, COLUMNS, tables(), needed=lambda: True)
    return count


def update(
    path: Path,
    records: Iterable[Record],
    claims: Sequence[Claim] | None = None,
    *,
    definitions: Definitions | None = None,
    defined: Mapping[str, str] = _NOTHING,
) -> int:
    """Put each record's row into the dataset, in place of its run's row if there is one.

    Parameters
    ----------
    path : Path
        The dataset; made if it is not there, left alone if there are no records.
    records : iterable of Record
        At most one for each run; taken lazily, so that they need not fit into memory.
    claims : sequence of Claim, optional
        What the campaign declares: it takes the place of what the dataset told of claims.
    definitions : Definitions, optional
        What the campaign would run now: it takes the place of what the dataset told of that.
    defined : mapping
        From run_id to definition, for rows of the dataset that do not tell theirs.

    Returns
    -------
    int
        How many records there were.
    """
    run_ids: list[str] = []

    def noted() -> Iterator[Record]:
        for record in records:
            run_ids.append(record.result.run_id)
            yield record

    def keep(rows: Any) -> Any:
        again = pc.is_in(rows.column("run_id"), value_set=pa.array(run_ids, pa.string()))
        return _defined(rows.filter(pc.invert(again)), defined)

    before = of_campaign(path)
    now = dict(before)
    if claims is not None and (claims or CLAIMS_KEY in before):
        now[CLAIMS_KEY] = CLAIMS.dump_json(tuple(claims))
    if definitions is not None:
        now[DEFINITIONS_KEY] = definitions.model_dump_json().encode()
    changed = path.exists() and now != before
    _rewrite(path, COLUMNS, noted(), keep, needed=lambda: bool(run_ids) or changed, campaign=now)
    return len(run_ids)


def _defined(rows: Any, defined: Mapping[str, str]) -> Any:
    """Return rows that tell their definition where ``defined`` knows it by their run_id."""
    column = rows.column("definition")
    if not defined or not column.null_count:
        return rows
    known = [defined.get(run_id) for run_id in rows.column("run_id").to_pylist()]
    place = rows.column_names.index("definition")
    told_of = pc.coalesce(column, pa.array(known, pa.string()))
    return rows.set_column(place, rows.schema.field("definition"), told_of)


def replace_rejected(path: Path, rows: Iterable[Rejected], keep_files: Iterable[str]) -> None:
    """Put ``rows`` into the rejects' table; of the old rows keep those of ``keep_files``."""
    kept = pa.array(list(keep_files), pa.string())

    def keep(old: Any) -> Any:
        return old.filter(pc.is_in(old.column("file"), value_set=kept))

    _rewrite(path, REJECTED_COLUMNS, rows, keep, needed=lambda: True)


def _rewrite(
    path: Path,
    columns: tuple[Column, ...],
    fresh: Iterable[Any],
    keep: Callable[[Any], Any],
    needed: Callable[[], bool],
    campaign: Mapping[bytes, bytes] = _NOTHING,
) -> None:
    # The new rows come first: only when they are through is it known which old ones they replace.
    def tables() -> Iterator[Any]:
        for chunk in _chunks(fresh, lambda record: record.source.size_bytes):
            yield table(columns, chunk)
        for rows in groups(path, columns) if needed() else ():
            yield keep(rows)

    _replace(path, columns, tables(), needed, campaign)


def _replace(
    path: Path,
    columns: tuple[Column, ...],
    tables: Iterable[Any],
    needed: Callable[[], bool],
    campaign: Mapping[bytes, bytes] = _NOTHING,
) -> None:
    part = parts.part_of(path)
    metadata = {**FORMAT, **campaign}
    wanted = schema(columns).with_metadata(metadata)
    before = path.stat().st_size if path.is_file() else 0
    try:
        with parts.explaining(path, part, before):
            with part.open("wb") as file, pq.ParquetWriter(file, wanted, **_COMPRESSION) as writer:
                for rows in tables:
                    writer.write_table(rows.replace_schema_metadata(metadata))
            if needed():
                with part.open("rb") as written:
                    os.fsync(written.fileno())
                part.replace(path)
                _sync_folder(path.parent)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(
            f"{path}: can't be written: {getattr(error, 'strerror', None) or error}",
            hint="nothing is lost: make room or fix the folder's permissions, and try again",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _chunks(rows: Iterable[Any], size: Callable[[Any], int]) -> Iterator[list[Any]]:
    """Yield ``rows`` in parts of at most so many rows, and of about so many bytes."""
    chunk: list[Any] = []
    room = _CHUNK_BYTES
    for row in rows:
        chunk.append(row)
        room -= size(row)
        if len(chunk) == _CHUNK_ROWS or room <= 0:
            yield chunk
            chunk, room = [], _CHUNK_BYTES
    if chunk:
        yield chunk


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
