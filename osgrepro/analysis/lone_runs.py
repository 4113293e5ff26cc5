"""Lone runs: the one run of a cell on which most of the cell's range rests.

Called for the cells of one experiment, with the primary metric of their runs.
"""

from __future__ import annotations

import numpy as np

from osgrepro.analysis.findings import LoneRun
from osgrepro.analysis.statistics.moments import Floats, Integers

# Of three values one is always farther from the middle than the other: that says nothing.
_FEWEST = 4
# The range without the run is less than this part of the whole.
_PART = 0.5


def lone_runs(cells: Integers, values: Floats) -> dict[int, LoneRun]:
    """Return the lone run of each cell that has one, by the cell's number.

    A run is one if the other runs, three or more, are within less than half of the whole range.

    Parameters
    ----------
    cells, values : array
        The cell and the value of each run; a cell with a value that is no number has none.
    """
    order = np.lexsort((values, cells))
    ranked = values[order]
    numbers, starts, sizes = np.unique(cells[order], return_index=True, return_counts=True)
    many = sizes >= _FEWEST
    numbers, first, last = numbers[many], starts[many], (starts + sizes - 1)[many]
    whole = np.isfinite(ranked[first]) & np.isfinite(ranked[last])
    numbers, first, last = numbers[whole], first[whole], last[whole]
    alone: dict[int, LoneRun] = {}
    for lone, low, high in ((first, first + 1, last), (last, first, last - 1)):
        rests = ranked[high] - ranked[low] < _PART * (ranked[last] - ranked[first])
        for cell, *ends in zip(numbers[rests], lone[rests], low[rests], high[rests], strict=True):
            value, least, most = (float(ranked[end]) for end in ends)
            alone[int(cell)] = LoneRun(value=value, low=least, high=most)
    return alone
