"""Reads the two tables, whole or a column at a time, and refuses what is not one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from osgrepro.common import texts
from osgrepro.common.errors import DatasetError
from osgrepro.common.models import Claim, Definitions
from osgrepro.results.dataset.added_columns import ADDED
from osgrepro.results.dataset.column_type import Column, schema
from osgrepro.results.dataset.columns import COLUMNS, REJECTED_COLUMNS

FORMAT = {b"osgrepro_dataset": b"1"}
CLAIMS_KEY = b"osgrepro.claims"
CLAIMS = TypeAdapter(tuple[Claim, ...])
DEFINITIONS_KEY = b"osgrepro.definitions"
_GROUP_ROWS = 4096
# A row with the labels of a million examples takes more than a megabyte.
_GROUP_BYTES = 256_000_000


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


def files_of(path: Path, run_ids: Collection[str]) -> dict[str, str]:
    """Return the result file of each of these runs, below the folder of the returned ones.

    Raises
    ------
    DatasetError
        If there is no dataset, or it is none of this version.
    """
    _expect(path)
    wanted = pa.array(list(run_ids), pa.string())
    files: dict[str, str | None] = {}
    with open_table(path, COLUMNS) as file, reading(path):
        # Of a million runs a few are asked for, so a piece at a time is held.
        for batch in file.iter_batches(columns=["run_id", "file"]):
            own = batch.filter(pc.is_in(batch.column("run_id"), wanted)).to_pydict()
            files.update(zip(own["run_id"], own["file"], strict=True))
    return {run_id: name for run_id, name in files.items() if name}


def rejected(path: Path) -> list[dict[str, Any]]:
    """Return the rows of the rejects' table, as mappings; empty if there is none."""
    names = [column.name for column in REJECTED_COLUMNS]
    return [dict(zip(names, row, strict=True)) for row in _columns(path, names, REJECTED_COLUMNS)]


def read(path: Path, columns: list[str] | None = None) -> Any:
    """Return the dataset as an Arrow table; ``.to_pandas()`` makes a data frame of it.

    Raises
    ------
    DatasetError
        If there is none, or it is not one of this version.
    """
    _expect(path)
    return _read(path, columns, COLUMNS)


def unseeded(path: Path) -> dict[str, int]:
    """Return how many runs nobody seeded, by experiment; none where there is no dataset yet."""
    if not path.exists():
        return {}
    rows = read(path, ["experiment", "seeded"])
    counts = rows.filter(pc.equal(rows.column("seeded"), False)).column("experiment").value_counts()
    return {str(count["values"]): int(count["counts"]) for count in counts.to_pylist()}


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
        If there is none, or it is not one of this version.
    """
    _expect(path)
    with open_table(path, COLUMNS) as file, reading(path):
        there, nulls = set(file.schema_arrow.names), set() if empty else _nulls(file)
        for field in schema(COLUMNS):
            if field.name in without or field.name in nulls:
                continue
            if field.name in there:
                yield field.name, file.read(columns=[field.name]).column(0)
            elif empty:
                yield field.name, pa.chunked_array([pa.nulls(file.metadata.num_rows, field.type)])


def claims(path: Path) -> tuple[Claim, ...]:
    """Return the claims that the campaign of a dataset declared; none if it tells of none.

    Raises
    ------
    DatasetError
        If it can't be read.
    """
    try:
        return CLAIMS.validate_json(of_campaign(path).get(CLAIMS_KEY, b"[]"))
    except ValidationError as error:
        raise DatasetError(
            f"{path}: its claims can't be read: {error.error_count()} problems",
            hint="`osgrepro collect` writes the campaign's claims again",
        ) from error


def definitions(path: Path) -> Definitions | None:
    """Return what the campaign of a dataset would run now; None if it does not tell.

    Raises
    ------
    DatasetError
        If it can't be read.
    """
    if (content := of_campaign(path).get(DEFINITIONS_KEY)) is None:
        return None
    try:
        return Definitions.model_validate_json(content)
    except ValidationError as error:
        raise DatasetError(
            f"{path}: its definitions can't be read: {error.error_count()} problems",
            hint="`osgrepro collect` writes the campaign's definitions again",
        ) from error


def of_campaign(path: Path) -> dict[bytes, bytes]:
    """Return what a dataset tells of its campaign, as it is written; empty if it tells nothing."""
    if not path.exists():
        return {}
    with open_table(path, COLUMNS) as file:
        metadata: dict[bytes, bytes] = dict(file.schema_arrow.metadata or {})
    return {key: metadata[key] for key in (CLAIMS_KEY, DEFINITIONS_KEY) if key in metadata}


def groups(path: Path, columns: tuple[Column, ...]) -> Iterator[Any]:
    """Yield the rows of a table in pieces; none if there is no table."""
    if not path.exists():
        return
    with open_table(path, columns) as file, reading(path, columns):
        for batch in file.iter_batches(batch_size=_rows_at_once(file.metadata)):
            yield _widened(pa.Table.from_batches([batch]), [c.name for c in columns], columns)


def _rows_at_once(metadata: Any) -> int:
    sizes = (metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    fitting: int = _GROUP_BYTES * metadata.num_rows // max(1, sum(sizes))
    return max(1, min(_GROUP_ROWS, fitting))


def _columns(
    path: Path, names: list[str], columns: tuple[Column, ...]
) -> Iterable[tuple[Any, ...]]:
    if not path.exists():
        return ()
    rows: Mapping[str, list[Any]] = _read(path, names, columns).to_pydict()
    return zip(*(rows[name] for name in names), strict=True)


def _read(path: Path, names: list[str] | None, columns: tuple[Column, ...]) -> Any:
    wanted = [column.name for column in columns] if names is None else names
    with open_table(path, columns) as file, reading(path, columns):
        there = set(file.schema_arrow.names)
        return _widened(file.read(columns=[n for n in wanted if n in there]), wanted, columns)


def _widened(rows: Any, names: list[str], columns: tuple[Column, ...]) -> Any:
    # What a dataset of an earlier version lacks is null.
    there = set(rows.column_names)
    for field in schema(tuple(c for c in columns if c.name in names and c.name not in there)):
        rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows.select([name for name in names if name in set(rows.column_names)])


def _nulls(file: Any) -> set[str]:
    """Return the columns of which the statistics say that they are null in every row."""
    metadata, candidates = file.metadata, set(file.schema_arrow.names)
    if not metadata.num_rows:
        return set()
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        if not candidates:
            break
        for column in map(group.column, range(group.num_columns)):
            name, statistics = column.path_in_schema.split(".")[0], column.statistics
            if name in candidates and (
                statistics is None or statistics.null_count != column.num_values
            ):
                candidates.discard(name)
    return candidates


def _expect(path: Path) -> None:
    if not path.exists():
        raise DatasetError(
            f"{path}: no dataset yet", hint="`osgrepro collect CAMPAIGN` makes it from the results"
        )


def _remedy(path: Path, columns: tuple[Column, ...]) -> str:
    aside = texts.command("mv", path, path.with_name(f"{path.name}.damaged"))
    if columns is REJECTED_COLUMNS:
        return f"`{aside}` and collect again: every file that was not taken is judged again"
    return (
        f"name a dataset, such as NAME.runs/dataset.parquet; if this is a campaign's, `{aside}` "
        "and collect again: it is made again from the returned results"
    )


@contextmanager
def reading(path: Path, columns: tuple[Column, ...] = COLUMNS) -> Iterator[None]:
    """Say of which table it was that a part can't be read."""
    try:
        yield
    except MemoryError:  # Arrow's own is one of its other exceptions, too
        raise
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(
            f"{path}: can't be read: {error}", hint=_remedy(path, columns)
        ) from error


def named(path: Path) -> str | BinaryIO:
    """Return what pyarrow opens for ``path``: it knows no name that is not Unicode text."""
    name = str(path)
    return name if texts.unicode(name) == name else path.open("rb")


def open_table(path: Path, columns: tuple[Column, ...]) -> Any:
    """Return a table's Parquet file, which the caller closes.

    Raises
    ------
    DatasetError
        If it can't be read, or is not one of this version.
    """
    with reading(path, columns):
        file = pq.ParquetFile(named(path))
    metadata = file.schema_arrow.metadata or {}
    if metadata.get(b"osgrepro_dataset") != b"1" or not _known(file.schema_arrow, columns):
        file.close()
        raise DatasetError(
            f"{path}: not a dataset of this version of osgrepro",
            hint=_remedy(path, columns),
        )
    return file


def _known(arrow_schema: Any, columns: tuple[Column, ...]) -> bool:
    added = {column.name for column in ADDED} - set(arrow_schema.names)
    expected = schema(tuple(column for column in columns if column.name not in added))
    return bool(arrow_schema.equals(expected, check_metadata=False))
