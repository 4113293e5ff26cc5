"""The ratio of two variances with a part in common, and its profile-likelihood interval.

Called by the comparison of environments with seeds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from osgrepro.analysis.statistics import quantiles
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.reml.fitting import CONFIDENCE, Likelihood, Point, best, descend

# What counts as 0 and as no limit, for a ratio of variances.
_LEAST, _MOST = 1e-8, 1e8


@dataclass(frozen=True, slots=True)
class Ratio:
    """(σ²₀ + σ²₂)/(σ²₁ + σ²₂) of the first two factors and their interaction.

    ``above`` and ``below`` are its parts; ``high`` is None where there is no upper limit.
    """

    above: float
    below: float
    low: float
    high: float | None


def ratio(likelihood: Likelihood, levels: tuple[int, int]) -> Ratio:
    """Return the ratio of the variance over the first factor to that over the second.

    Of two factors A and B, of so many ``levels``, the variance of values that differ in A alone is
    σ²_A + σ²_AB, of those that differ in B alone σ²_B + σ²_AB.

    Notes
    -----
    The interval holds the ratios for which −2·log of the likelihood, smallest over all variances
    that have this ratio, is above the smallest by no more than a cut: D. J. Venzon, S. H.
    Moolgavkar, Applied Statistics 37, 87 (1988). With many levels that is χ²₁(0.95) = 3.84. Two
    levels have one degree of freedom, so that the cuts are those with which the interval of effects
    that add up, without interaction and residual, is the exact one of two normal variances, by F
    with a − 1 and b − 1 degrees of freedom: H. Scheffé, The Analysis of Variance (1959), 7.2.
    """
    where, top = best(likelihood)
    variances = np.zeros(len(likelihood.used))
    variances[likelihood.used] = where * likelihood.unit
    above, below = float(variances[[0, 2]].sum()), float(variances[[1, 2]].sum())
    if not (likelihood.used[[0, 2]].any() and likelihood.used[[1, 2]].any()):
        # One of both changes nothing at all, which has no likelihood.
        return Ratio(above, below, 0.0, None)
    lower, upper = _cuts(levels[0] - 1, levels[1] - 1)

    def over(logarithm: float, cut: float) -> float:
        deviance = _constrained(likelihood, float(np.exp(logarithm)), variances)
        return min(deviance - top.deviance - cut, 1e6)

    lowest, highest = np.log(_LEAST), np.log(_MOST)
    # An estimate of 0 or ∞ is inside as well.
    middle = float(np.clip(np.log(above / below) if above and below else 0.0, lowest, highest))
    if not (above and below):
        middle = highest if above else lowest
    low, high = 0.0, None
    if over(lowest, lower) > 0:
        low = float(np.exp(optimize.brentq(over, lowest, middle, (lower,), xtol=1e-11)))
    if over(highest, upper) > 0:
        high = float(np.exp(optimize.brentq(over, middle, highest, (upper,), xtol=1e-11)))
    return Ratio(above, below, low, high)


def _cuts(first: int, second: int) -> tuple[float, float]:
    """Return how far the deviance is above its smallest at the exact limits of two variances.

    F = (s²₁/σ²₁)/(s²₂/σ²₂) of ν₁ and ν₂ degrees of freedom has the deviance (ν₁ + ν₂)·log((ν₁F +
    ν₂)/(ν₁ + ν₂)) − ν₁·log F; the lower limit of σ²₁/σ²₂ is where F is at its upper quantile.
    """
    tail = (1 - CONFIDENCE) / 2
    limits = quantiles.fisher([1 - tail, tail], first, second)
    degrees = first + second
    deviances = degrees * np.log((first * limits + second) / degrees) - first * np.log(limits)
    return float(deviances[0]), float(deviances[1])


def _constrained(likelihood: Likelihood, of: float, near: Floats) -> float:
    """Return the smallest deviance of variances whose ratio is ``of``."""
    # Columns are what stays free: one factor, the interaction, and whatever else there is.
    count = len(likelihood.used)
    made = np.eye(count)
    if of >= 1:
        made[0, 1], made[0, 2], dropped = of, of - 1, 0
    else:
        made[1, 0], made[1, 2], dropped = 1 / of, 1 / of - 1, 1
    kept = np.flatnonzero(
        [
            column != dropped and bool((made[:, column] == 0)[~likelihood.used].all())
            for column in range(count)
        ]
    )
    if not len(kept):
        return np.inf
    turned = made[np.ix_(likelihood.used, kept)]

    def at(free: Floats) -> Point:
        point = likelihood.at(turned @ free)
        return Point(point.deviance, turned.T @ point.slope, turned.T @ point.curvature @ turned)

    least = np.zeros(count)
    least[likelihood.used] = likelihood.least
    start, _ = optimize.nnls(turned, near[likelihood.used] / likelihood.unit)
    inner = replace(
        likelihood, at=at, used=np.ones(len(kept), dtype=bool), least=least[kept], starts=()
    )
    # Where nothing is left of one that can't be 0, the likelihood has no slope to follow.
    start = np.maximum(start, 1e-3 * max(float(start.max()), _LEAST))
    return descend(inner, start, inner.used)[1].deviance
