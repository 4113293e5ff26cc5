"""The dataset as a flat data frame, which is what an analysis works on.

All in Arrow and NumPy: a million rows take seconds, so no loop here goes over rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from osgrepro.results.dataset.labels import LABELS
from osgrepro.results.dataset.reading import DEFINITIONS_KEY, columns_of, definitions

if TYPE_CHECKING:
    import pandas as pd

# Some 100 kB a row: a million of them fit into no memory, and no analysis looks into them.
BULK = (
    *("provenance_json", "machine_ad_json", "machine_json", "gradients_json", "probe_json"),
    *LABELS,
)
_JOINED = ("emulation", "not_emulated", "filled")


def frame(
    path: Path | str, *, bulk: bool = False, empty: bool = True, without: Collection[str] = ()
) -> pd.DataFrame:
    """Return the dataset with one scalar in each field.

    Parameters
    ----------
    path : Path or str
        The dataset.
    bulk : bool
        Whether to take the columns of ``BULK`` too.
    empty : bool
        Whether to take columns that are null in every row, which cost memory for nothing.
    without : collection of str
        Columns to leave out.

    Returns
    -------
    DataFrame
        The scalar columns; ``metric.NAME`` (float64) and ``metric_hex.NAME`` (string) for each
        metric; ``losses_hex``: ``NAME=HEX HEX …`` of each series, joined by ``;``, or null; lists
        of texts joined by `` + ``. Texts that repeat are categorical. What the dataset tells of
        the campaign's current definitions is in ``attrs``, for the analysis.

    Raises
    ------
    DatasetError
        If there is none, or it is not one of this version.
    """
    left_out = {*without, *(() if bulk else BULK)}
    made: dict[str, pd.Series[Any]] = {}
    # One after the other: of ten million rows all columns at once fit into few memories.
    with _starving():
        for name, column in columns_of(Path(path), empty=empty, without=left_out):
            for own, values in _flat(name, _in_one_piece(column)):
                single_column = pa.table({own: _encoded(values)}).to_pandas(self_destruct=True)
                made[own] = single_column[own]
    # Half a second to load, which whoever only writes datasets need not wait for.
    whole: pd.DataFrame = import_module("pandas").DataFrame(made, copy=False)
    if current := definitions(Path(path)):
        whole.attrs[DEFINITIONS_KEY.decode()] = current.model_dump_json()
    return whole


@contextmanager
def _starving() -> Iterator[None]:
    """Say that memory is short also where Arrow has none for the stack of a thread of its own."""
    try:
        yield
    except pa.ArrowException as error:
        if "worker thread" not in str(error):
            raise
        raise MemoryError(str(error)) from error


def _flat(name: str, column: Any) -> Iterator[tuple[str, Any]]:
    """Yield the columns of scalars that a column becomes."""
    if name == "metrics":
        yield from _metrics(column)
    elif name == "losses":
        yield "losses_hex", _losses(column)
    else:
        yield name, pc.binary_join(column, " + ") if name in _JOINED else column


def _in_one_piece(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _metrics(column: Any) -> Iterator[tuple[str, Any]]:
    # For each name: at which place of the flattened metrics each row has it; -1 is nowhere.
    items = pc.list_flatten(column)
    rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
    names, values, hexes = (_in_one_piece(pc.struct_field(items, [field])) for field in range(3))
    for name in sorted(pc.unique(names.drop_null()).to_pylist()):
        places = np.flatnonzero(pc.fill_null(pc.equal(names, name), False).to_numpy(False))
        where = np.full(len(column), -1, dtype=np.int64)
        where[rows[places]] = places
        taken = pa.array(where, mask=where < 0)
        yield f"metric.{name}", pc.take(values, taken)
        yield f"metric_hex.{name}", pc.take(hexes, taken)


def _losses(column: Any) -> Any:
    series = pc.list_flatten(column)
    names, hexes = (_in_one_piece(pc.struct_field(series, [field])) for field in range(2))
    texts = pc.binary_join_element_wise(names, pc.binary_join(hexes, " "), "=")
    # The rows' offsets, counted from lengths: a slice's own offsets need not begin at 0.
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, _in_one_piece(texts)), ";")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _encoded(column: Any) -> Any:
    # A dictionary saves memory where a text stands in two rows or more on the average.
    if not pa.types.is_string(column.type):
        return column
    encoded = _in_one_piece(pc.dictionary_encode(column))
    return encoded if 2 * len(encoded.dictionary) <= len(column) else column
