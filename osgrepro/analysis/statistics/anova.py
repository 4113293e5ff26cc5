"""Analysis of variance of a full grid of crossed factors, each of them random.

Called by the variance components, with two factors or three.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Any

import numpy as np

from osgrepro.analysis.statistics.moments import Floats

# Relative to the cells' means: an effect as small as this is what adding them up rounded away.
_ROUNDING = 16 * np.finfo(np.float64).eps


@dataclass(frozen=True, kw_only=True, slots=True)
class MeanSquares:
    """The mean square of each set of factors, and which variances it is expected to hold.

    ``factors`` are positions of axes; the residual, which has none, comes last. ``expected`` has a
    row for each mean square and a column for each variance.
    """

    factors: tuple[tuple[int, ...], ...]
    squares: Floats
    degrees: Floats
    expected: Floats

    @property
    def raw(self) -> Floats:
        """The variances that the mean squares are exactly what is expected of; some may be < 0."""
        return np.asarray(np.linalg.solve(self.expected, self.squares), dtype=np.float64)


def sets(factors: int) -> list[tuple[int, ...]]:
    """Return the factors and interactions as positions of axes, in the order of variances."""
    axes = range(factors)
    return [chosen for size in range(1, factors + 1) for chosen in combinations(axes, size)]


def anova(mean: Floats, n: float, within: float, degrees: float) -> MeanSquares:
    """Return the mean squares of each factor, of each interaction, and of the residual.

    Parameters
    ----------
    mean : array
        The cells' means, an axis for each factor, of two levels or more.
    n : float
        How many runs each cell has.
    within, degrees : float
        Σ(y − ȳ)² within cells, and its degrees of freedom. With one run in each cell there are
        none, and the residual is in the interaction of all factors.

    Notes
    -----
    E(MS_A) = σ² + n Σ_{B ⊇ A} σ²_B Π_{f ∉ B} l_f for random effects, l_f the levels of factor f,
    solved for the variances: J. Cornfield and J. W. Tukey, Annals of Mathematical Statistics 27
    (1956); S. R. Searle, G. Casella and C. E. McCulloch, Variance Components (1992), chapter 4.
    """
    effects = sets(mean.ndim)
    squares = [_mean_square(mean, n, factors) for factors in effects]
    freedom = [float(prod(mean.shape[axis] - 1 for axis in factors)) for factors in effects]
    if degrees > 0:
        effects.append(())
        squares.append(within / degrees)
        freedom.append(degrees)
    return MeanSquares(
        factors=tuple(effects),
        squares=np.array(squares),
        degrees=np.array(freedom),
        expected=np.array([[_share(a, b, mean.shape, n) for b in effects] for a in effects]),
    )


def _share(
    square: tuple[int, ...], of: tuple[int, ...], levels: tuple[int, ...], n: float
) -> float:
    """Return how often a variance is in the expected mean square of a set of factors."""
    if not of:
        return 1.0
    if not square or not set(square) <= set(of):
        return 0.0
    return n * prod(size for axis, size in enumerate(levels) if axis not in of)


def _mean_square(mean: Floats, n: float, factors: tuple[int, ...]) -> float:
    """Return the mean square of the effect of some factors together, lower ones taken off."""
    effect: Any = 0.0
    for size in range(len(factors) + 1):
        for part in combinations(factors, size):
            rest = tuple(axis for axis in range(mean.ndim) if axis not in part)
            effect = effect + (-1) ** (len(factors) - size) * mean.mean(axis=rest, keepdims=True)
    if np.abs(effect).max() <= _ROUNDING * np.abs(mean).max():
        return 0.0
    copies = n * mean.size / prod(mean.shape[axis] for axis in factors)
    return float((effect**2).sum() * copies / prod(mean.shape[axis] - 1 for axis in factors))
