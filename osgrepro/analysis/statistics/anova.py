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
class Estimate:
    """One variance: the factors it belongs to, and the scaled mean squares that it is the sum of.

    ``factors`` are positions of axes; ``degrees`` are those of each mean square in ``parts``.
    """

    factors: tuple[int, ...]
    parts: Floats
    degrees: Floats


def anova(mean: Floats, n: float, within: float, degrees: float) -> tuple[Estimate, ...]:
    """Return the variance of each factor, of each interaction, and of the residual.

    Parameters
    ----------
    mean : array
        The cells' means, an axis for each factor, of two levels or more.
    n : float
        How many runs each cell has.
    within, degrees : float
        Σ(y − ȳ)² within cells, and its degrees of freedom.

    Returns
    -------
    tuple of Estimate
        The residual, which has no factors, comes last. With one run in each cell there is none: it
        is in the interaction of all factors.

    Notes
    -----
    E(MS_A) = σ² + n Σ_{B ⊇ A} σ²_B Π_{f ∉ B} l_f for random effects, l_f the levels of factor f,
    solved for the variances: J. Cornfield and J. W. Tukey, Annals of Mathematical Statistics 27
    (1956); S. R. Searle, G. Casella and C. E. McCulloch, Variance Components (1992), chapter 4.
    """
    axes = range(mean.ndim)
    sets = [one for size in range(1, mean.ndim + 1) for one in combinations(axes, size)]
    squares = [_mean_square(mean, n, attributes) for attributes in sets]
    freedom = [float(prod(mean.shape[axis] - 1 for axis in attributes)) for attributes in sets]
    if degrees > 0:
        sets, squares, freedom = [*sets, ()], [*squares, within / degrees], [*freedom, degrees]
    expected = np.array([[_share(a, b, mean.shape, n) for b in sets] for a in sets])
    weights = np.linalg.inv(expected)
    return tuple(
        Estimate(factors=one, parts=weight * squares, degrees=np.array(freedom))
        for one, weight in zip(sets, weights, strict=True)
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
