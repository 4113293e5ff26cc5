"""Whether the effects of several environments are close to a value: all of them, not their mean.

Called by the claims of equivalence: effects that cancel have a mean that says nothing of any.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from osgrepro.analysis.statistics.heterogeneity import residuals
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.tests import Estimate

# Below this p nobody asks how small it is, and no table of noncentral F does.
_SMALLEST = 1e-12
_HALVINGS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """How far effects are apart: Σ(dᵢ − d̄)² of so many, and the mean variance of their errors."""

    squares: float
    count: int
    variance: float
    degrees: float

    def upper(self, tail: float) -> float:
        """Return a bound of Σ(δᵢ − δ̄)²/k of the true effects, exceeded with this probability.

        Notes
        -----
        Σ(dᵢ − d̄)²/v follows χ² with the noncentrality Σ(δᵢ − δ̄)²/v, and over an estimate of v
        noncentral F: H. Scheffé, The Analysis of Variance (1959), 2.2 and appendix IV.
        """
        if not self.variance > 0:
            return self.squares / self.count
        free = self.count - 1
        ratio = self.squares / self.variance
        if math.isinf(self.degrees):
            shift = special.chndtrinc(ratio, free, tail)
        else:
            shift = special.ncfdtrinc(free, self.degrees, tail, ratio / free)
        return float(shift) * self.variance / self.count


def spread(effects: Floats, variances: Floats, degrees: Floats) -> Spread:
    """Return the spread of effects, each with the variance of its error and that one's degrees."""
    total = float(variances.sum())
    parts = float(((variances / total) ** 2 / degrees).sum()) if total else 0.0
    return Spread(
        squares=float(((effects - effects.mean()) ** 2).sum()),
        count=len(effects),
        variance=total / len(effects),
        degrees=1 / parts if parts else math.inf,
    )


def spread_by_blocks(table: Floats, least: float = 0.0) -> Spread:
    """Return the same of effects × seeds: what a seed does everywhere sets none apart."""
    rows, columns = table.shape
    means, degrees = table.mean(1), (rows - 1) * (columns - 1)
    return Spread(
        squares=float(((means - means.mean()) ** 2).sum()),
        count=rows,
        variance=max(least, float((residuals(table) ** 2).sum()) / degrees) / columns,
        degrees=degrees,
    )


def all_within(mean: Estimate, about: Spread, centre: float, margin: float) -> float:
    """Return the p-value of effects whose root mean square distance from a value is below a margin.

    Its square is that of the mean from the value, and what the effects lie about their mean. Each
    of the two has a bound that is wrong with the probability p/2 at most.
    """

    def within(tail: float) -> bool:
        farthest = max(abs(end - centre) for end in mean.interval(tail))
        return bool(farthest**2 + about.upper(tail) < margin**2)

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
