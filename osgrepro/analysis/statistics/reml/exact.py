"""Cells without any residual: where effects add up to every mean, missing cells follow from them.

Called by the variance components of an unbalanced grid whose repeats all agree. The likelihood of
such data has no maximum, since the last variances go to nothing; a full grid has a closed form.
"""

from __future__ import annotations

from itertools import combinations
from math import prod

import numpy as np

from osgrepro.analysis.statistics.moments import Floats

# Relative to the largest mean: what is as small came in with the rounding of sums.
_ROUNDING = 64 * np.finfo(np.float64).eps
# Of a vector of length about 1: how little may lie outside what the cells span.
_OUTSIDE = 1e-9
# Fields of the design, of which more would take minutes.
_LARGEST = 2_000_000


def completed(n: Floats, mean: Floats) -> Floats | None:
    """Return the means of all cells where effects of the factors add up to those that are there.

    Parameters
    ----------
    n, mean : array
        How many runs a cell has, 0 where it is missing, and its mean; an axis for each factor.

    Returns
    -------
    array or None
        By the effects of the factors alone or, where these do not do, with interactions of fewer
        than all of them. None where no such sum gives the means, where it leaves a cell open, and
        of grids too large to try.

    Notes
    -----
    A cell is estimable where its row lies in the space of the rows that are there: S. R. Searle,
    Linear Models (1971), 5.4.
    """
    there = n.ravel() > 0
    y = mean.ravel()
    if np.ptp(y[there]) == 0:
        return np.full_like(mean, y[there][0])
    for highest in range(1, mean.ndim):
        if mean.size * _effects(mean.shape, highest) > _LARGEST:
            return None
        design = _design(mean.shape, highest)
        left, sizes, right = np.linalg.svd(design[there], full_matrices=False)
        kept = sizes > sizes[0] * 1e-10
        left, sizes, right = left[:, kept], sizes[kept], right[kept]
        centre = float(y[there].mean())
        effects = right.T @ ((left.T @ (y[there] - centre)) / sizes)
        fitted = centre + design @ effects
        outside = np.abs(design - design @ right.T @ right).max()
        exact = np.abs(fitted - y)[there].max() <= _ROUNDING * np.abs(y[there]).max()
        if exact and outside <= _OUTSIDE:
            whole: Floats = np.where(there, y, fitted).reshape(mean.shape)
            return whole
    return None


def _effects(shape: tuple[int, ...], highest: int) -> int:
    """Return how many columns the design has."""
    return sum(prod(sizes) for size in range(highest + 1) for sizes in combinations(shape, size))


def _design(shape: tuple[int, ...], highest: int) -> Floats:
    """Return a row for each cell: a constant and which level of each effect is its own."""
    axes = range(len(shape))
    places = np.indices(shape).reshape(len(shape), -1)
    blocks = [np.ones((places.shape[1], 1))]
    for size in range(1, highest + 1):
        for chosen in combinations(axes, size):
            levels = [shape[axis] for axis in chosen]
            codes = np.ravel_multi_index([places[axis] for axis in chosen], levels)
            blocks.append(np.eye(prod(levels))[codes])
    design: Floats = np.hstack(blocks)
    return design
