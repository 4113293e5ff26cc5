"""Counts, means and spreads of groups of runs, for all groups at once.

All that the precision and the components need of a million runs: their sufficient statistics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """Groups in the order of their codes: counts, means, Σ(y − ȳ)², smallest and largest value.

    A group whose values are all the same has exactly this mean and exactly no spread.
    """

    n: Integers
    mean: Floats
    squares: Floats
    low: Floats
    high: Floats

    def take(self, which: Integers) -> Moments:
        """Return the groups with these positions."""
        return Moments(
            n=self.n[which],
            mean=self.mean[which],
            squares=self.squares[which],
            low=self.low[which],
            high=self.high[which],
        )


def moments(codes: Integers, values: Floats, groups: int) -> Moments:
    """Return the moments of ``values`` by their group's code, 0 to ``groups`` − 1.

    NaN and infinities are values: they make the moments of their group NaN or infinite.
    """
    n = np.bincount(codes, minlength=groups)
    grouped = pd.Series(values).groupby(codes)
    low, high = (_spread(found, groups) for found in (grouped.min(), grouped.max()))
    with np.errstate(all="ignore"):
        mean = np.bincount(codes, weights=values, minlength=groups) / n
        # The rounding of a sum must not make a spread where there is none.
        mean = np.where(low == high, low, mean)
        mean = np.where(np.bincount(codes, np.isnan(values), groups) > 0, np.nan, mean)
        squares: Any = np.bincount(codes, weights=(values - mean[codes]) ** 2, minlength=groups)
    return Moments(n=n, mean=mean, squares=squares.astype(np.float64), low=low, high=high)


def _spread(found: pd.Series[Any], groups: int) -> Floats:
    return found.reindex(range(groups)).to_numpy(dtype=np.float64)
