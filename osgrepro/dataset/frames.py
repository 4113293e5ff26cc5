"""The dataset as a flat data frame, which is what an analysis works on.

All in Arrow and NumPy: a million rows take seconds, so no loop here goes over rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from osgrepro.dataset.columns import COLUMNS
from osgrepro.dataset.store import read

if TYPE_CHECKING:
    import pandas as pd

# Some 100 kB a row: a million of them fit into no memory, and no analysis looks into them.
BULK = ("provenance_json", "machine_ad_json", "machine_json", "gradients_json", "probe_json")
_JOINED = ("emulation", "not_emulated", "filled")


def frame(path: Path, *, bulk: bool = False) -> pd.DataFrame:
    """Return the dataset with one scalar in each field.

    Parameters
    ----------
    path : Path
        The dataset.
    bulk : bool
        Whether to take the columns of ``BULK`` too.

    Returns
    -------
    DataFrame
        The scalar columns; ``metric.NAME`` (float64) and ``metric_hex.NAME`` (string) for each
        metric; ``losses_hex``: ``NAME=HEX HEX …`` of each series, joined by ``;``, or null; lists
        of texts joined by `` + ``. Texts that repeat are categorical.

    Raises
    ------
    DatasetError
        If there is none, or it is none of this version.
    """
    names = [column.name for column in COLUMNS if bulk or column.name not in BULK]
    table = read(path, names).combine_chunks()
    flat: dict[str, Any] = {}
    for name in names:
        column = _one(table.column(name))
        if name == "metrics":
            flat.update(_metrics(column))
        elif name == "losses":
            flat["losses_hex"] = _losses(column)
        elif name in _JOINED:
            flat[name] = pc.binary_join(column, " + ")
        else:
            flat[name] = column
    small = {name: _encoded(column) for name, column in flat.items()}
    made: pd.DataFrame = pa.table(small).to_pandas(self_destruct=True, split_blocks=True)
    return made


def _one(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _metrics(column: Any) -> Iterator[tuple[str, Any]]:
    # For each name: at which place of the flattened metrics each row has it; -1 is nowhere.
    items = pc.list_flatten(column)
    rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
    names, values, hexes = (_one(pc.struct_field(items, [field])) for field in range(3))
    for name in sorted(pc.unique(names.drop_null()).to_pylist()):
        places = np.flatnonzero(pc.fill_null(pc.equal(names, name), False).to_numpy(False))
        where = np.full(len(column), -1, dtype=np.int64)
        where[rows[places]] = places
        taken = pa.array(where, mask=where < 0)
        yield f"metric.{name}", pc.take(values, taken)
        yield f"metric_hex.{name}", pc.take(hexes, taken)


def _losses(column: Any) -> Any:
    series = pc.list_flatten(column)
    names, hexes = (_one(pc.struct_field(series, [field])) for field in range(2))
    texts = pc.binary_join_element_wise(names, pc.binary_join(hexes, " "), "=")
    # The rows' offsets, counted from lengths: a slice's own offsets need not begin at 0.
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, _one(texts)), ";")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _encoded(column: Any) -> Any:
    # A dictionary saves memory where a text stands in two rows or more on the average.
    if not pa.types.is_string(column.type):
        return column
    encoded = _one(pc.dictionary_encode(column))
    return encoded if 2 * len(encoded.dictionary) <= len(column) else column
