"""Writes and reads the two tables: a whole new file beside the old one, then one replacement.

A Parquet file can't grow, so an update streams the old rows into a new file, behind them the new
ones; whoever reads meanwhile sees the old file. The collection decides how often that is worth it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from osgrepro.dataset.columns import (
    ADDED,
    COLUMNS,
    REJECTED_COLUMNS,
    Column,
    plain_table,
    schema,
    table,
)
from osgrepro.errors import DatasetError, UsageError
from osgrepro.models import Claim
from osgrepro.records import Record, Rejected

_FORMAT = {b"osgrepro_dataset": b"1"}
_CLAIMS_KEY = b"osgrepro.claims"
_CLAIMS = TypeAdapter(tuple[Claim, ...])
_GROUP_ROWS = 4096
_CHUNK_ROWS = 1024  # a record takes some 100 kB of memory, its row in Arrow a tenth of it
_COMPRESSION = {"compression": "zstd", "compression_level": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What the dataset says of the file that a row came from."""

    run_id: str
    status: str
    file: str
    size_bytes: int
    modified_ns: int


def taken(path: Path) -> dict[str, Taken]:
    """Return which file each run's row came from, by run_id; empty if there is no dataset."""
    names = ["run_id", "status", "file", "file_bytes", "file_modified_ns"]
    rows = _columns(path, names, COLUMNS)
    return {
        row[0]: Taken(
            run_id=row[0], status=row[1], file=row[2], size_bytes=row[3], modified_ns=row[4]
        )
        for row in rows
    }


def rejected(path: Path) -> list[dict[str, Any]]:
    """Return the rows of the rejects' table, as mappings; empty if there is none."""
    names = [column.name for column in REJECTED_COLUMNS]
    return [dict(zip(names, row, strict=True)) for row in _columns(path, names, REJECTED_COLUMNS)]


def read(path: Path, columns: list[str] | None = None) -> Any:
    """Return the dataset as an Arrow table; ``.to_pandas()`` makes a data frame of it.

    Raises
    ------
    DatasetError
        If there is none, or it is none of this version.
    """
    _expect(path)
    return _read(path, columns, COLUMNS)


def _expect(path: Path) -> None:
    if not path.exists():
        raise DatasetError(
            f"{path}: no dataset yet", hint="`osgrepro collect CAMPAIGN` makes it from the results"
        )


def columns_of(
    path: Path, *, empty: bool = True, without: Collection[str] = ()
) -> Iterator[tuple[str, Any]]:
    """Yield each column of the dataset with its name, and hold none of them.

    Parameters
    ----------
    path : Path
        The dataset.
    empty : bool
        Whether to yield columns that are null in every row.
    without : collection of str
        Columns to pass over.

    Raises
    ------
    DatasetError
        If there is none, or it is none of this version.
    """
    _expect(path)
    with _open(path, COLUMNS) as file:
        there, nulls = set(file.schema_arrow.names), set() if empty else _nulls(file)
        for field in schema(COLUMNS):
            if field.name in without or field.name in nulls:
                continue
            if field.name in there:
                yield field.name, file.read(columns=[field.name]).column(0)
            elif empty:
                yield field.name, pa.chunked_array([pa.nulls(file.metadata.num_rows, field.type)])


def _nulls(file: Any) -> set[str]:
    """Return the columns of which the statistics say that they are null in every row."""
    metadata, found = file.metadata, set(file.schema_arrow.names)
    if not metadata.num_rows:
        return set()
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        if not found:
            break
        for column in map(group.column, range(group.num_columns)):
            name, told = column.path_in_schema.split(".")[0], column.statistics
            if name in found and (told is None or told.null_count != column.num_values):
                found.discard(name)
    return found


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
        what = "is a folder" if path.is_dir() else f"{path.parent} is no folder"
        raise UsageError(f"{path}: {what}", hint="name a file in a folder that is there")
    if path.exists() and not force:
        raise UsageError(f"{path}: is there already", hint="choose another name, or add --force")
    count = 0

    def tables() -> Iterator[Any]:
        nonlocal count
        for chunk in _chunks(rows):
            count += len(chunk)
            yield plain_table(chunk)

    _replace(path, COLUMNS, tables(), needed=lambda: True)
    return count


def update(path: Path, records: Iterable[Record], claims: Sequence[Claim] | None = None) -> int:
    """Put each record's row into the dataset, in place of its run's row if there is one.

    Parameters
    ----------
    path : Path
        The dataset; made if it is not there, left alone if there are no records.
    records : iterable of Record
        At most one for each run; taken lazily, so that they need not fit into memory.
    claims : sequence of Claim, optional
        What the campaign declares: it takes the place of what the dataset told of claims.

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
        return rows.filter(pc.invert(again))

    before = _claims(path)
    told = before if claims is None else _CLAIMS.dump_json(tuple(claims))
    changed = path.exists() and told != (before or b"[]") and claims is not None
    _rewrite(path, COLUMNS, noted(), keep, needed=lambda: bool(run_ids) or changed, claims=told)
    return len(run_ids)


def claims(path: Path) -> tuple[Claim, ...]:
    """Return the claims that the campaign of a dataset declared; none if it tells of none.

    Raises
    ------
    DatasetError
        If it can't be read.
    """
    try:
        return _CLAIMS.validate_json(_claims(path) or b"[]")
    except ValidationError as error:
        raise DatasetError(
            f"{path}: its claims can't be read: {error.error_count()} problems",
            hint="`osgrepro collect` writes the campaign's claims anew",
        ) from error


def _claims(path: Path) -> bytes | None:
    if not path.exists():
        return None
    with _open(path, COLUMNS) as file:
        found: bytes | None = (file.schema_arrow.metadata or {}).get(_CLAIMS_KEY)
    return found


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
    claims: bytes | None = None,
) -> None:
    # The new rows come first: only when they are through is it known which old ones they replace.
    def tables() -> Iterator[Any]:
        for chunk in _chunks(fresh):
            yield table(columns, chunk)
        for rows in _groups(path, columns) if needed() else ():
            yield keep(rows)

    _replace(path, columns, tables(), needed, claims)


def _replace(
    path: Path,
    columns: tuple[Column, ...],
    tables: Iterable[Any],
    needed: Callable[[], bool],
    claims: bytes | None = None,
) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    metadata = _FORMAT if claims is None else {**_FORMAT, _CLAIMS_KEY: claims}
    wanted = schema(columns).with_metadata(metadata)
    try:
        with pq.ParquetWriter(beside, wanted, **_COMPRESSION) as writer:
            for rows in tables:
                writer.write_table(rows.replace_schema_metadata(metadata))
        if needed():
            with beside.open("rb") as file:
                os.fsync(file.fileno())
            beside.replace(path)
            _sync_folder(path.parent)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(
            f"{path}: can't be written: {error}",
            hint="nothing is lost: make room or mend the folder's rights, and try again",
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _groups(path: Path, columns: tuple[Column, ...]) -> Iterator[Any]:
    if not path.exists():
        return
    with _open(path, columns) as file:
        for batch in file.iter_batches(batch_size=_GROUP_ROWS):
            yield _widened(pa.Table.from_batches([batch]), [c.name for c in columns], columns)


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while chunk := list(islice(left, _CHUNK_ROWS)):
        yield chunk


def _columns(
    path: Path, names: list[str], columns: tuple[Column, ...]
) -> Iterable[tuple[Any, ...]]:
    if not path.exists():
        return ()
    rows: Mapping[str, list[Any]] = _read(path, names, columns).to_pydict()
    return zip(*(rows[name] for name in names), strict=True)


def _read(path: Path, names: list[str] | None, columns: tuple[Column, ...]) -> Any:
    wanted = [column.name for column in columns] if names is None else names
    with _open(path, columns) as file:
        there = set(file.schema_arrow.names)
        return _widened(file.read(columns=[n for n in wanted if n in there]), wanted, columns)


def _widened(rows: Any, names: list[str], columns: tuple[Column, ...]) -> Any:
    # What a dataset of an earlier version lacks is null.
    there = set(rows.column_names)
    for field in schema(tuple(c for c in columns if c.name in names and c.name not in there)):
        rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows.select([name for name in names if name in set(rows.column_names)])


def _open(path: Path, columns: tuple[Column, ...]) -> Any:
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(
            f"{path}: can't be read: {error}",
            hint="move it away and collect again: it is made anew from the returned results",
        ) from error
    metadata = file.schema_arrow.metadata or {}
    if metadata.get(b"osgrepro_dataset") != b"1" or not _known(file.schema_arrow, columns):
        file.close()
        raise DatasetError(
            f"{path}: no dataset of this version of osgrepro",
            hint="move it away and collect again: it is made anew from the returned results",
        )
    return file


def _known(found: Any, columns: tuple[Column, ...]) -> bool:
    added = {column.name for column in ADDED} - set(found.names)
    expected = schema(tuple(column for column in columns if column.name not in added))
    return bool(found.equals(expected, check_metadata=False))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
