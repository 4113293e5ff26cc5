"""Counts, means and spreads of groups of runs, for all groups at once.

All that the precision and the components need of a million runs: their sufficient statistics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.findings import NotAssessable

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

    Sums are exact before they are rounded, so that the order of the rows changes nothing. NaN and
    infinities are values: they make the moments of their group NaN or infinite.
    """
    n = np.bincount(codes, minlength=groups)
    grouped = pd.Series(values).groupby(codes)
    low, high = (_spread(ends, groups) for ends in (grouped.min(), grouped.max()))
    with np.errstate(all="ignore"):
        # The rounding of a sum must not make a spread where there is none.
        mean, squares = np.where(n > 0, low, np.nan), np.zeros(groups)
        odd = np.bincount(codes, ~np.isfinite(values), groups) > 0
        mean[odd] = (np.bincount(codes, weights=values, minlength=groups) / n)[odd]
        squares[odd] = np.nan
    moving = (low < high) & ~odd
    here = np.flatnonzero(moving[codes])
    here = here[np.argsort(codes[here], kind="stable")]
    for group, own in zip(
        np.flatnonzero(moving), np.split(values[here], np.cumsum(n[moving])[:-1]), strict=False
    ):
        mean[group], squares[group] = _summed(own)
    return Moments(n=n, mean=mean, squares=squares, low=low, high=high)


def _summed(values: Floats) -> tuple[float, float]:
    """Return the mean and Σ(y − ȳ)², infinite where they are beyond all numbers."""
    try:
        mean = math.fsum(values) / len(values)
        return mean, math.fsum((value - mean) ** 2 for value in values.tolist())
    except OverflowError:
        return float("inf"), float("inf")


def _spread(by_group: pd.Series[Any], groups: int) -> Floats:
    return by_group.reindex(range(groups)).to_numpy(dtype=np.float64)


def immeasurable(low: float, high: float, runs: int) -> NotAssessable | None:
    """Return why values in [low, high] have no variance in 64 bits, or None where they have."""
    with np.errstate(over="ignore", under="ignore"):
        spread, size = np.float64(high) - low, np.float64(max(abs(low), abs(high)))
        largest = (size + spread * spread * runs) * runs
        lost = spread > 0 and spread * spread < np.finfo(np.float64).tiny
    if np.isfinite(largest) and not lost:
        return None
    return NotAssessable(
        why=f"the squares of values from {low:.3g} to {high:.3g} are no numbers of 64 bits",
        missing="the metric in another unit",
    )
