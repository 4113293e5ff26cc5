"""REML for three crossed random factors and all their interactions, in one dense covariance.

Called by the variance components where runs are missing; of a full grid the closed form is exact.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from scipy import linalg, optimize

from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.reml import MOST, NOTHING, Crossed, Fit, freedom

# A covariance of as many means takes seconds, and of fewer it can be started from several places.
LARGEST = 600
_MANY = 200


def sets(factors: int) -> list[tuple[int, ...]]:
    """Return the factors and their interactions as positions of axes, as :func:`fit` has them."""
    axes = range(factors)
    return [one for size in range(1, factors + 1) for one in combinations(axes, size)]


def fit(cells: Crossed) -> Fit:
    """Return the variances that make the restricted likelihood largest: sets, then the residual.

    With one run in each cell there is no residual but the interaction of all factors, and the last
    variance is 0.

    Notes
    -----
    H. D. Patterson and R. Thompson, Biometrika 58 (1971); the derivative is tr(PK) − y′PKPy with
    P the projection of S. R. Searle, G. Casella and C. E. McCulloch, Variance Components (1992),
    6.6. Cell means and the squares within cells are independent, so the likelihood is a product.
    """
    place = np.nonzero(cells.n)
    n, mean = cells.n[place], cells.mean[place]
    spread = float(mean.var()) + cells.within / max(cells.degrees, 1.0)
    y, within, degrees = (mean - mean.mean()) / spread**0.5, cells.within / spread, cells.degrees
    alike = [_alike(place, one) for one in sets(cells.n.ndim)]
    scattering = within > 0

    def cost(variances: Floats) -> tuple[float, Floats]:
        found, slopes = _deviance(variances[:-1], variances[-1] / n, y, alike)
        slope = float((slopes[-1] / n).sum())
        if scattering:
            found += degrees * np.log(variances[-1]) + within / variances[-1]
            slope += degrees / variances[-1] - within / variances[-1] ** 2
        return found, np.array([*(float((one * slopes[-2]).sum()) for one in alike), slope])

    residual = within / max(degrees, 1.0)
    low = np.array([*np.zeros(len(alike) - 1), 0.0 if scattering else NOTHING, residual / 1000])
    bounds = [
        (float(one), MOST if scattering or k < len(alike) else 0.0) for k, one in enumerate(low)
    ]
    tried = [
        optimize.minimize(
            cost,
            np.append(start, residual),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 1000},
        )
        for start in _starts(len(alike))[: 1 if len(y) > _MANY else None]
    ]
    best = min(tried, key=lambda one: float(one.fun)).x
    best = np.where(best <= NOTHING, low * (np.arange(len(low)) >= len(alike) - 1), best)
    return Fit(
        variances=best * spread,
        mean=float(mean.mean()) + _centre(best, n, y, alike) * spread**0.5,
        freedom=freedom(lambda variances: cost(variances)[0], best),
    )


def _alike(place: tuple[Any, ...], factors: tuple[int, ...]) -> Floats:
    """Return 1 where two cells have the same levels of these factors, 0 elsewhere."""
    same = [place[axis][:, None] == place[axis][None, :] for axis in factors]
    found: Floats = np.logical_and.reduce(same).astype(np.float64)
    return found


def _starts(count: int) -> list[Floats]:
    even = np.full(count, 1 / count)
    leading = [np.where(np.arange(count) == place, 0.7, 0.3 / count) for place in range(3)]
    return [even, *leading]


def _inverse(variances: Floats, own: Floats, alike: list[Floats]) -> tuple[Floats, float]:
    """Return the inverse of the means' covariance, and the logarithm of its determinant."""
    whole = sum((v * one for v, one in zip(variances, alike, strict=True)), np.diag(own))
    factor = linalg.cho_factor(whole, lower=True)
    inverse: Floats = linalg.cho_solve(factor, np.eye(len(own)))
    return inverse, 2 * float(np.log(np.diag(factor[0])).sum())


def _deviance(
    variances: Floats, own: Floats, y: Floats, alike: list[Floats]
) -> tuple[float, tuple[Floats, Floats]]:
    """Return −2·log of the means' restricted likelihood, and its slope by the covariance.

    The slope is a matrix, and once more its diagonal.
    """
    inverse, logarithm = _inverse(variances, own, alike)
    ones = inverse.sum(1)
    info = float(ones.sum())
    projection = inverse - np.outer(ones, ones) / info
    rest = projection @ y
    slope: Floats = projection - np.outer(rest, rest)
    return logarithm + float(np.log(info) + y @ rest), (slope, np.diag(slope))


def _centre(variances: Floats, n: Floats, y: Floats, alike: list[Floats]) -> float:
    ones = _inverse(variances[:-1], variances[-1] / n, alike)[0].sum(1)
    return float(ones @ y / ones.sum())
