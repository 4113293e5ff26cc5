"""REML of crossed random effects: no variance below 0, and how far each may be from its estimate.

Called by the variance components with the likelihood of their cells: of a full grid, of two factors
or of three. The same maximum is sought in all of them, so that one run more or less moves little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

from osgrepro.analysis.statistics import quantiles

Grid = np.ndarray[Any, np.dtype[np.float64]]

# Relative to the data's own variance: what counts as nothing beside it.
NOTHING = 1e-8
CONFIDENCE = 0.95
_STEPS, _HALVINGS = 100, 20
# Curvatures that count as none, of one variance and, relative to these, of several together.
_FLAT, _EVEN = 1e-30, 1e-9
# Of the deviance: what no further step is worth, and how near to its cut an end is.
_GAIN, _NEAR = 1e-9, 1e-5
# Of a variance, relative to the largest one.
_ROUNDING = 1e-13
# In the likelihood's unit: an end that is not below it is none, for the likelihood is flat.
_FARTHEST = 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossed:
    """Cells as a grid with an axis for each factor; ``n`` and the mean are 0 where one is missing.

    ``within`` is Σ(y − ȳ)² over all cells, ``degrees`` its degrees of freedom.
    """

    n: Grid
    mean: Grid
    within: float
    degrees: float


@dataclass(frozen=True, slots=True)
class Point:
    """−2·log of the restricted likelihood, less a constant, and how it changes with the variances.

    ``slope`` is exact; ``curvature`` is the information, expected or average.
    """

    deviance: float
    slope: Grid
    curvature: Grid


def impossible(count: int) -> Point:
    """Return what variances have under which the data could not be; no search goes there."""
    return Point(np.inf, np.zeros(count), np.eye(count))


@dataclass(frozen=True, kw_only=True, slots=True)
class Likelihood:
    """The restricted likelihood of variances, which are in units of ``unit``.

    Parameters
    ----------
    at : callable
        Of the variances in use, the likelihood there.
    mean : callable
        Of the same, the general mean.
    used : array of bool
        Which variances are estimated; the others are exactly 0, because nothing varies by them.
    least : array
        What the variances in use can't be below.
    starts : sequence of array
        Where the search begins.
    """

    at: Callable[[Grid], Point]
    mean: Callable[[Grid], float]
    used: np.ndarray[Any, np.dtype[np.bool_]]
    least: Grid
    starts: Sequence[Grid]
    unit: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """The variances that make the restricted likelihood largest, their intervals, and the mean.

    ``ends`` are (nan, nan) where a variance is not estimated or the likelihood is flat.
    """

    variances: Grid
    mean: float
    ends: tuple[tuple[float, float], ...]


def fit(likelihood: Likelihood, degrees: Sequence[float]) -> Fit:
    """Return the constrained estimate and the profile-likelihood intervals of all variances.

    ``degrees`` are those of each variance's mean square.

    Notes
    -----
    H. D. Patterson, R. Thompson, Biometrika 58, 545 (1971). An interval holds the values of a
    variance for which twice the logarithm of the likelihood, largest over all other variances, is
    below its maximum by no more than a cut: D. J. Venzon, S. H. Moolgavkar, Applied Statistics 37,
    87 (1988). The cuts are :func:`cuts`. An estimate of 0 has an upper limit alone, at the same
    cut: with one of its own, of one side, an interval would hold the truth less often than it says
    (G. J. Feldman, R. D. Cousins, Physical Review D 57, 3873, 1998).
    """
    used = np.flatnonzero(likelihood.used).tolist()
    variances, ends = np.zeros(len(likelihood.used)), [(np.nan, np.nan)] * len(likelihood.used)
    where, top = best(likelihood)
    variances[used] = where * likelihood.unit
    for place, number in enumerate(used):
        profile = _Profile(likelihood, where, top, place)
        low, high = profile.interval(*cuts(degrees[number]))
        ends[number] = (low * likelihood.unit, high * likelihood.unit)
    return Fit(variances=variances, mean=likelihood.mean(where), ends=tuple(ends))


def cuts(degrees: float) -> tuple[float, float]:
    """Return how far the deviance may be above its smallest, below an estimate and above it.

    Notes
    -----
    The deviance of a mean square with ν degrees of freedom is ν(x − 1 − log x), x = s²/σ²; these
    are its values at χ²_ν(0.975)/ν and χ²_ν(0.025)/ν, so that the interval of a mean square that
    only one variance is part of is the exact one by χ². With many degrees both are χ²₁(0.95) =
    3.84, with one degree 2.41 and 5.93.
    """
    tail = (1 - CONFIDENCE) / 2
    parts = quantiles.chi_squared([1 - tail, tail], degrees) / degrees
    below, above = degrees * (parts - 1 - np.log(parts))
    return float(below), float(above)


def best(likelihood: Likelihood) -> tuple[Grid, Point]:
    """Return the variances in use, in the likelihood's unit, where it is largest; and the point."""
    everything = np.ones(len(likelihood.least), dtype=bool)
    tried = [descend(likelihood, start, everything) for start in likelihood.starts]
    return _settled(likelihood, *min(tried, key=lambda pair: pair[1].deviance))


def descend(
    likelihood: Likelihood, start: Grid, free: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[Grid, Point]:
    """Return where the deviance is smallest, and the point there; what is not free stays.

    Notes
    -----
    Scoring by the expected information or, where it would be dear, by the average one (A. R.
    Gilmour, R. Thompson, B. R. Cullis, Biometrics 51, 1440, 1995), each step to the smallest value
    of a parabola over what is allowed, and halved until the deviance falls.
    """
    here = np.maximum(start, likelihood.least)
    point = likelihood.at(here)
    for _ in range(_STEPS):
        step = _step(point, likelihood.least - here, free)
        fall = float(point.slope @ step)
        if fall > -_GAIN:
            # Too little to be seen in the deviance, but not in where it is smallest.
            here = np.maximum(here + step, likelihood.least)
            return here, likelihood.at(here)
        for halving in range(_HALVINGS):
            there = np.maximum(here + step * 0.5**halving, likelihood.least)
            tried = likelihood.at(there)
            if tried.deviance <= point.deviance + 1e-4 * fall * 0.5**halving:
                break
        else:
            break
        here, point = there, tried
    return here, point


def _settled(likelihood: Likelihood, here: Grid, point: Point) -> tuple[Grid, Point]:
    """Return the same minimum to the last digits, so that every machine finds the same one.

    Where the deviance no longer tells values apart, the slope still does.
    """
    free, size = np.ones(len(here), dtype=bool), np.inf
    for _ in range(_STEPS):
        step = _step(point, likelihood.least - here, free)
        last, size = size, float(np.abs(step).max())
        if size >= last or size <= _ROUNDING * float(here.max()):
            break
        here = np.maximum(here + step, likelihood.least)
        point = likelihood.at(here)
    return here, point


def _step(point: Point, least: Grid, free: np.ndarray[Any, np.dtype[np.bool_]]) -> Grid:
    """Return the step to where the parabola is smallest, none of its parts below ``least``."""
    step = np.zeros_like(least)
    if not free.any():
        return step
    slope, curvature = point.slope[free], point.curvature[np.ix_(free, free)]
    scale = 1 / np.sqrt(np.maximum(np.diag(curvature), _FLAT))
    sizes, axes = np.linalg.eigh(curvature * np.outer(scale, scale))
    root = np.sqrt(np.maximum(sizes, _EVEN))[:, None] * axes.T
    lowest = least[free] / scale
    right = -root @ lowest - np.linalg.solve(root.T, slope * scale)
    above, _ = optimize.nnls(root, right)
    step[free] = (above + lowest) * scale
    return step


class _Profile:
    """The smallest deviance for each value of one variance, over all others."""

    def __init__(self, likelihood: Likelihood, best: Grid, top: Point, place: int) -> None:
        self._likelihood, self._best, self._top, self._place = likelihood, best, top, place
        self._free = np.arange(len(best)) != place

    def interval(self, below: float, above: float) -> tuple[float, float]:
        """Return both ends, in the likelihood's unit, by the cut for each."""
        estimate, least = (
            float(values[self._place]) for values in (self._best, self._likelihood.least)
        )
        if estimate <= least:
            return 0.0, self._end(above, upwards=True)
        # A variance that can't be 0 has no likelihood there.
        reaches = least == 0 and self._above(0.0, self._best)[0] <= below
        return (0.0 if reaches else self._end(below, upwards=False)), self._end(above, upwards=True)

    def _above(self, value: float, near: Grid) -> tuple[float, float, Grid]:
        """Return how far the deviance is above the smallest, its slope, and where it is so."""
        start = near.copy()
        start[self._place] = value
        where, point = descend(self._likelihood, start, self._free)
        slope = float(point.slope[self._place])
        return point.deviance - self._top.deviance, slope, where

    def _end(self, cut: float, *, upwards: bool) -> float:
        """Return the value at which the deviance is ``cut`` above the smallest.

        Newton's steps in the logarithm, within the ends between which the value is known to be.
        """
        estimate = float(self._best[self._place])
        curved = max(float(self._top.curvature[self._place, self._place]), np.finfo(float).tiny)
        inside, outside = (
            estimate,
            np.inf if upwards else float(self._likelihood.least[self._place]),
        )
        reach = (2 * cut / curved) ** 0.5
        value = estimate + reach if upwards else max(estimate - reach, estimate / 4)
        near = self._best
        for _ in range(_STEPS):
            above, slope, near = self._above(value, near)
            growth = slope * value
            change = (cut - above) / growth if growth * (1 if upwards else -1) > 0 else np.nan
            if abs(above - cut) <= _NEAR * cut:
                # The last step squares what the one before it was off.
                return float(value * np.exp(change))
            inside, outside = (value, outside) if above < cut else (inside, value)
            value = _between(value * np.exp(np.clip(change, -2.5, 2.5)), inside, outside)
            if not upwards and value <= outside * (1 + 1e-9):
                break
            if upwards and value > _FARTHEST:
                return np.nan
        return float(value)


def _between(value: float, inside: float, outside: float) -> float:
    """Return the value if it is between both, else one that is."""
    low, high = min(inside, outside), max(inside, outside)
    if low < value < high:
        return value
    if np.isinf(high):
        return 4 * low
    return (low * high) ** 0.5 if low > 0 else high / 4
