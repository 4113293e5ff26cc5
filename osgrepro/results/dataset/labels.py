"""The labels of a dataset's runs, example by example: read only when they are asked for by hash.

Runs that predict alike share a hash, so that who asks for hashes reads and holds each vector once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from osgrepro.common.errors import DatasetError
from osgrepro.results.dataset.columns import COLUMNS
from osgrepro.results.dataset.reading import open_table
from osgrepro.results.records import RANKS, Labels, decoded

# Columns that hold them; the hashes of each stand in a column whose name ends in _sha256.
LABELS = ("predicted_labels", "true_labels", "truth_ranks")
_RANKS = "truth_ranks"
# A row may hold more than a megabyte of labels.
_BATCH_ROWS = 64


def labels(
    path: Path | str, hashes: Collection[str], column: str = "predicted_labels"
) -> dict[str, Labels]:
    """Return labels by their hashes, each of which is read and decompressed once.

    Parameters
    ----------
    path : Path or str
        The dataset.
    hashes : collection of str
        Of the column's ``_sha256``.
    column : str
        One of ``LABELS``.

    Returns
    -------
    dict
        From the hash to an array of whole numbers, one for each example; what the dataset has no
        labels of is not there.

    Raises
    ------
    DatasetError
        If there is no dataset, or labels in it are not those of their hash.
    """
    path, wanted = Path(path), set(hashes)
    made: dict[str, Labels] = {}
    with open_table(path, COLUMNS) as file:
        if column not in file.schema_arrow.names:
            return made
        for batch in _batches(file, column, wanted):
            for row in batch.to_pylist():
                sha256 = row[f"{column}_sha256"]
                if sha256 in wanted:
                    made[sha256] = _decoded(path, row, column)
                    wanted.discard(sha256)
    return made


def _batches(file: Any, column: str, wanted: set[str]) -> Iterator[Any]:
    """Yield the rows with wanted labels; groups of rows without any are not read."""
    key = f"{column}_sha256"
    names = [key, column, "label_count", "label_type"]
    for group in range(file.num_row_groups):
        if not wanted:
            return
        own = file.read_row_group(group, columns=[key]).column(0)
        if not pc.any(pc.is_in(own, value_set=pa.array(wanted, pa.string()))).as_py():
            continue
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=names):
            asked = pc.is_in(batch.column(key), value_set=pa.array(wanted, pa.string()))
            yield batch.filter(pc.and_(asked, pc.is_valid(batch.column(column))))


def _decoded(path: Path, row: dict[str, Any], column: str) -> Labels:
    kind = RANKS if column == _RANKS else row["label_type"]
    try:
        return decoded(row[column], row["label_count"], kind, row[f"{column}_sha256"])
    except (TypeError, ValueError) as error:
        raise DatasetError(
            f"{path}: {column}: {error}",
            hint="`osgrepro collect` makes a campaign's dataset anew when it is moved away",
        ) from error
