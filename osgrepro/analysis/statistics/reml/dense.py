"""The restricted likelihood of crossed factors with missing cells, in one dense covariance.

Called by the variance components where runs are missing, of three factors and of two with not too
many cells; a full grid needs its mean squares alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg, sparse

from osgrepro.analysis.statistics.anova import sets
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.reml.fitting import (
    NOTHING,
    Crossed,
    Likelihood,
    Point,
    impossible,
)

# A covariance of as many means takes seconds, and of fewer it can be started from several places.
LARGEST, MANY = 600, 200


def likelihood(cells: Crossed) -> Likelihood:
    """Return the likelihood of the variances of all sets of factors, then of the residual.

    With one run in each cell there is no residual but the interaction of all factors, and the last
    variance is 0.

    Notes
    -----
    The derivative is tr(PK) − y′PKPy with P the projection of S. R. Searle, G. Casella and C. E.
    McCulloch, Variance Components (1992), 6.6. Cell means and the squares within cells are
    independent, so the likelihood is a product.
    """
    place = np.nonzero(cells.n)
    n, mean = cells.n[place], cells.mean[place]
    spread = float(mean.var()) + cells.within / max(cells.degrees, 1.0)
    root = float(spread**0.5)
    y, within, degrees = (mean - mean.mean()) / root, cells.within / spread, cells.degrees
    levels = [_levels(place, cells.n.shape, factors) for factors in sets(cells.n.ndim)]
    scattering, residual = within > 0, within / max(degrees, 1.0)
    used = np.array([*([True] * len(levels)), scattering])
    effects = [*levels, sparse.diags_array(n**-0.5).tocsr()][: int(used.sum())]
    kernels = [(effect @ effect.T).toarray() for effect in effects]
    turned = [effect.T.tocsr() for effect in effects]  # once, for each takes as long as a product
    pairs = list(zip(effects, turned, strict=True))

    def at(variances: Floats) -> Point:
        try:
            point, _ = _point(variances, pairs, kernels, y)
        except linalg.LinAlgError:
            return impossible(len(variances))
        return _within(point, variances[-1], within, degrees) if scattering else point

    least = np.zeros(len(used))
    least[-2:] = (0.0, residual / 1000) if scattering else (NOTHING, 0.0)
    starts = _starts(len(levels))[: 1 if len(y) > MANY else None]

    def general(variances: Floats) -> float:
        return float(mean.mean()) + _point(variances, pairs, kernels, y)[1] * root

    return Likelihood(
        at=at,
        mean=general,
        used=used,
        least=least[used],
        starts=[np.append(start, residual)[used] for start in starts],
        unit=spread,
    )


def _within(point: Point, residual: float, within: float, degrees: float) -> Point:
    """Return a point with what the squares within cells say of the residual, the last variance."""
    slope, curvature = point.slope.copy(), point.curvature.copy()
    slope[-1] += degrees / residual - within / residual**2
    curvature[-1, -1] += degrees / residual**2
    deviance = point.deviance + degrees * np.log(residual) + within / residual
    return Point(deviance, slope, curvature)


def _levels(place: tuple[Any, ...], shape: tuple[int, ...], factors: tuple[int, ...]) -> Any:
    """Return 1 where a cell (row) has a level of these factors together (column), as sparse."""
    codes = np.ravel_multi_index(
        [place[axis] for axis in factors], [shape[axis] for axis in factors]
    )
    _, column = np.unique(codes, return_inverse=True)
    rows = np.arange(len(column))
    return sparse.csr_array((np.ones(len(column)), (rows, column)))


def _starts(count: int) -> list[Floats]:
    even = np.full(count, 1 / count)
    leading = [np.where(np.arange(count) == place, 0.7, 0.3 / count) for place in range(3)]
    return [even, *leading]


def _point(
    variances: Floats, effects: list[tuple[Any, Any]], kernels: list[Floats], y: Floats
) -> tuple[Point, float]:
    """Return the means' likelihood, its slope and expected information, and the mean.

    With Z and Z′ the levels of an effect, its kernel is K = ZZ′.
    """
    whole = sum(v * kernel for v, kernel in zip(variances, kernels, strict=True))
    factor = linalg.cho_factor(whole, lower=True)
    inverse: Floats = linalg.cho_solve(factor, np.eye(len(y)))
    row_sums = inverse.sum(1)
    info, mean = float(row_sums.sum()), float(row_sums @ y) / float(row_sums.sum())
    projection = inverse - np.outer(row_sums, row_sums) / info
    rest = projection @ y
    lifted = np.array([effect @ (turned @ projection) for effect, turned in effects])
    flat = lifted.reshape(len(effects), -1)
    curvature = flat @ lifted.transpose(0, 2, 1).reshape(flat.shape).T
    fitted = np.array([float(rest @ kernel @ rest) for kernel in kernels])
    slope = np.trace(lifted, axis1=1, axis2=2) - fitted
    deviance = 2 * float(np.log(np.diag(factor[0])).sum()) + float(np.log(info) + y @ rest)
    return Point(deviance, slope, curvature), mean
