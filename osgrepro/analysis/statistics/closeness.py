"""Whether the effects of several environments are close to a value: all of them, not their mean.

Called by the claims of equivalence: effects that cancel have a mean that says nothing of any.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from osgrepro.analysis.statistics.heterogeneity import residuals
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.tests import Estimate

# Below this p nobody asks how small it is, and no table of noncentral F does.
_SMALLEST = 1e-12
_HALVINGS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """How far effects are apart: Σ(dᵢ − d̄)² of so many, and what their errors make of it.

    Errors alone make it as large as ``variance`` times a χ² with ``free`` degrees of freedom;
    ``degrees`` are those of the variance. ``effects`` have each an error with a variance in
    ``errors``, which itself has the degrees in ``freedoms``.
    """

    squares: float
    count: int
    variance: float
    free: float
    degrees: float
    effects: Floats
    errors: Floats
    freedoms: Floats

    def upper(self, tail: float) -> float:
        """Return a bound of Σ(δᵢ − δ̄)²/k of the true effects, exceeded with this probability.

        Notes
        -----
        Σ(dᵢ − d̄)²/v follows χ² with the noncentrality Σ(δᵢ − δ̄)²/v, and over an estimate of v
        noncentral F: H. Scheffé, The Analysis of Variance (1959), 2.2 and appendix IV.
        """
        if not self.variance > 0:
            return self.squares / self.count
        ratio = self.squares / self.variance
        if math.isinf(self.degrees):
            shift = special.chndtrinc(ratio, self.free, tail)
        else:
            shift = special.ncfdtrinc(self.free, self.degrees, tail, ratio / self.free)
        return float(shift) * self.variance / self.count

    def alone(self, centre: float, tail: float) -> float:
        """Return a bound of Σ(δᵢ − c)²/k if a single effect, any of them, makes most of it.

        That one is as far from the centre as its own error allows with this probability, and the
        others are where they were seen, less what their errors add to their squares.
        """
        normal = np.isinf(self.freedoms)
        reach = -np.where(
            normal, special.ndtri(tail), special.stdtrit(np.where(normal, 1.0, self.freedoms), tail)
        )
        apart = np.abs(self.effects - centre)
        farthest = (apart + reach * np.sqrt(self.errors)) ** 2
        excess = apart**2 - self.errors
        return float((farthest + np.maximum(excess.sum() - excess, 0.0)).max()) / self.count


def spread(effects: Floats, variances: Floats, degrees: Floats) -> Spread:
    """Return the spread of effects, each with the variance of its error and that one's degrees."""
    variance, free = _boxed(variances, degrees)
    total = float(variances.sum())
    parts = float(((variances / total) ** 2 / degrees).sum()) if total else 0.0
    return Spread(
        squares=float(((effects - effects.mean()) ** 2).sum()),
        count=len(effects),
        variance=variance,
        free=free,
        degrees=1 / parts if parts else math.inf,
        effects=effects,
        errors=variances,
        freedoms=degrees,
    )


def spread_by_blocks(table: Floats, least: float = 0.0) -> Spread:
    """Return the same of effects × seeds: what a seed does everywhere sets none apart.

    Notes
    -----
    The variance of a row by what rows and columns together leave is that of F. E. Grubbs, Journal
    of the American Statistical Association 43, 243 (1948); two rows have the same.
    """
    rows, columns = table.shape
    means, free = table.mean(1), columns - 1.0
    rest = (residuals(table) ** 2).sum(1) / free
    total = float(rest.sum()) * rows / (rows - 1)
    own = np.full(rows, total / rows)
    if rows > 2:
        own = np.maximum((rest - total / rows**2) * rows / (rows - 2), 0.0)
    variance, effective = _boxed(np.maximum(own, least), np.full(rows, free))
    return Spread(
        squares=float(((means - means.mean()) ** 2).sum()),
        count=rows,
        variance=variance / columns,
        free=effective,
        degrees=effective * free,
        effects=means,
        errors=np.maximum(table.var(1, ddof=1), least) / columns,
        freedoms=np.full(rows, free),
    )


def _boxed(variances: Floats, degrees: Floats) -> tuple[float, float]:
    """Return the variance and the degrees of freedom of the χ² that errors make as a sum.

    Notes
    -----
    Σ(eᵢ − ē)² of unequal variances is about g·χ²ₙ with g = Σvᵢ²/Σvᵢ and n = (1 − 1/k)Σvᵢ/g: G. E.
    P. Box, Annals of Mathematical Statistics 25, 290 (1954). The square of an estimate with f
    degrees of freedom is on average 1 + 2/f times that of vᵢ, which is taken off.
    """
    total, count = float(variances.sum()), len(variances)
    if not total:
        return 0.0, count - 1.0
    squares = float((variances**2 / (1 + 2 / degrees)).sum())
    scale = min(max(squares / total, total / count), float(variances.max()))
    return scale, total * (1 - 1 / count) / scale


def all_within(mean: Estimate, about: Spread, centre: float, margin: float) -> float:
    """Return the p-value of effects whose root mean square distance from a value is below a margin.

    Its square is that of the mean from the value, and what the effects lie about their mean. Each
    of the two has a bound that is wrong with the probability p/2 at most. Where one effect is known
    far worse than the others it may make most of the distance by itself, so that a bound for each
    of them alone has to be within the margin, too.
    """

    def within(tail: float) -> bool:
        farthest = max(abs(end - centre) for end in mean.interval(tail))
        together = farthest**2 + about.upper(tail)
        return max(together, about.alone(centre, tail)) < margin**2

    low, high = 0.0, 0.5
    if not within(high):
        return 1.0
    for _ in range(_HALVINGS):
        # By magnitudes, since p may be tiny.
        middle = math.sqrt(low * high) if low else high / 16
        low, high = (low, middle) if within(middle) else (middle, high)
        if high < _SMALLEST or (low and high / low < 1 + 1e-9):
            break
    return 2 * high
