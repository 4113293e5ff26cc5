"""REML for crossed random effects, from the counts, means and squares of cells alone.

General mixed-model solvers fail where all repeats of a cell agree; here the residual then is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

Grid = np.ndarray[Any, np.dtype[np.float64]]

# Relative to the data's own variance: what counts as nothing beside it, and what no estimate of a
# variance exceeds. Between them a covariance can still be inverted.
NOTHING = 1e-8
MOST = 1e3


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossed:
    """Cells as hardware × software grids; ``n`` is 0, and the mean 0, where a cell is missing.

    ``within`` is Σ(y − ȳ)² over all cells, ``degrees`` its degrees of freedom.
    """

    n: Grid
    mean: Grid
    within: float
    degrees: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """Estimated variances, the general mean, and the degrees of freedom of each variance.

    A variance of 0, or one that the data hardly tell, has NaN degrees of freedom.
    """

    variances: Grid
    mean: float
    freedom: Grid


def freedom(cost: Callable[[Grid], float], variances: Grid) -> Grid:
    """Return the degrees of freedom of variances at the smallest deviance.

    Notes
    -----
    2(σ²/se)², which gives Satterthwaite's interval: R. K. Burdick and F. A. Graybill, Confidence
    Intervals on Variance Components (1992); the standard error is that of the observed information,
    half the second derivative of the deviance. In balanced data it is the closed form's.
    """
    free = np.flatnonzero(variances > NOTHING)
    found = np.full(len(variances), np.nan)
    steps = np.eye(len(variances))[free] * 1e-3

    def at(step: Grid) -> float:
        # In logarithms, where the step has the same meaning for large and small variances.
        return cost(variances * np.exp(step))

    curved = np.array([[_second(at, a, b) for b in steps] for a in steps]) / 2e-6
    if len(free) and np.isfinite(curved).all() and np.linalg.eigvalsh(curved).min() > 0:
        found[free] = 2 / np.diag(np.linalg.inv(curved))
    return found


def _second(at: Callable[[Grid], float], a: Grid, b: Grid) -> float:
    return (at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / 4


def deviance(variances: Grid, cells: Crossed) -> tuple[float, float]:
    """Return −2·log of the restricted likelihood, less a constant, and the mean at its best.

    Parameters
    ----------
    variances : array of 4
        Of hardware, software, their interaction and the residual.

    Notes
    -----
    H. D. Patterson and R. Thompson, Biometrika 58 (1971); S. R. Searle, G. Casella and C. E.
    McCulloch, Variance Components (1992), 6.6. Normal cell means and the squares within cells are
    independent, so the likelihood is a product. The means' covariance is diagonal but for one
    effect in blocks (hardware) and one of few levels (software), and is inverted in these steps.
    """
    hardware, software, crossed, residual = variances
    there = cells.n > 0
    weight = np.where(there, 1 / (crossed + residual / np.where(there, cells.n, 1)), 0.0)
    gain = hardware / (1 + hardware * weight.sum(1))

    def solved(values: Grid) -> Grid:
        inner = weight * values
        found: Grid = inner - weight * (gain * inner.sum(1))[:, None]
        return found

    inner = np.diag(weight.sum(0)) - weight.T @ (gain[:, None] * weight)
    coupling = np.eye(cells.n.shape[1]) + software * inner
    ones, right = solved(np.ones_like(weight)), solved(cells.mean)

    def product(values: Grid, grid: Grid) -> float:
        """Return a bilinear form in the inverse covariance; both sides are solved already."""
        lifted = software * np.linalg.solve(coupling, grid.sum(0))
        return float(-values.sum(0) @ lifted)

    info = float(ones.sum()) + product(ones, ones)
    mean = (float(right.sum()) + product(ones, right)) / info
    rest = right - mean * ones
    square = float(((cells.mean - mean) * rest).sum()) + product(rest, rest)
    found = -np.log(weight[there]).sum() + np.log1p(hardware * weight.sum(1)).sum()
    found += np.linalg.slogdet(coupling)[1] + np.log(info) + square
    if cells.within > 0:
        found += cells.degrees * np.log(residual) + cells.within / residual
    return float(found), mean


def fit(cells: Crossed) -> Fit:
    """Return the four variances that make the restricted likelihood largest."""
    there = cells.n > 0
    centre = float(cells.mean[there].mean())
    spread = float(cells.mean[there].var()) + cells.within / max(cells.degrees, 1.0)
    moved = np.where(there, cells.mean - centre, 0.0) / spread**0.5
    scaled = Crossed(n=cells.n, mean=moved, within=cells.within / spread, degrees=cells.degrees)
    scattering = scaled.within > 0
    # The residual is known well from the repeats alone, so that is where the search starts.
    residual = scaled.within / max(scaled.degrees, 1.0)
    floor = np.array([0.0, 0.0, 0.0 if scattering else NOTHING, residual / 1000])

    def variances(roots: Grid) -> Grid:
        found: Grid = np.clip(np.square(roots), floor, MOST)
        return found if scattering else found * _TIED

    def cost(roots: Grid) -> float:
        return deviance(variances(roots), scaled)[0]

    starts = [np.append(start, residual**0.5) for start in _STARTS]
    best = _descend(cost, starts)
    found = variances(best)
    # A root a little off zero is the optimizer's, not the data's.
    without = np.where(found <= NOTHING, floor * [0, 0, 1, 1], found)
    found = without if deviance(without, scaled)[0] <= cost(best) + 1e-6 else found
    return Fit(
        variances=found * spread,
        mean=centre + deviance(found, scaled)[1] * spread**0.5,
        freedom=freedom(lambda variances: deviance(variances, scaled)[0], found),
    )


# Where all repeats agree there is no residual.
_TIED = np.array([1.0, 1.0, 1.0, 0.0])
# Square roots of the first three variances, as parts of the whole.
_STARTS = tuple(map(np.sqrt, ([0.3, 0.3, 0.3], [0.8, 0.05, 0.05], [0.05, 0.8, 0.05])))


def _descend(cost: Any, starts: list[Grid]) -> Grid:
    tried = [optimize.minimize(cost, start, method="L-BFGS-B") for start in starts]
    rough = min(tried, key=lambda one: float(one.fun))
    fine = optimize.minimize(
        cost,
        rough.x,
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000},
    )
    found: Grid = fine.x if fine.fun <= rough.fun else rough.x
    return found
