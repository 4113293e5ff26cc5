"""The restricted likelihood of two crossed factors with missing cells, from blocks of cells.

Called by the variance components. The covariance of all cells is never made: it is diagonal but for
one effect in blocks (rows) and one of fewer levels (columns), and is inverted in these steps.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.reml.fitting import (
    NOTHING,
    Crossed,
    Likelihood,
    Point,
    impossible,
)

# The first three variances, as parts of the whole.
_STARTS = ((0.3, 0.3, 0.3), (0.8, 0.05, 0.05), (0.05, 0.8, 0.05))


def likelihood(cells: Crossed) -> Likelihood:
    """Return the likelihood of the variances of rows, columns, their interaction, the residual."""
    if cells.n.shape[1] > cells.n.shape[0]:
        return _turned(cells)
    there = cells.n > 0
    centre = float(cells.mean[there].mean())
    spread = float(cells.mean[there].var()) + cells.within / max(cells.degrees, 1.0)
    scaled = Crossed(
        n=cells.n,
        mean=np.where(there, cells.mean - centre, 0.0) / spread**0.5,
        within=cells.within / spread,
        degrees=cells.degrees,
    )
    scattering = scaled.within > 0
    # The residual is known well from the repeats alone, so that is where the search starts.
    residual = scaled.within / max(scaled.degrees, 1.0)
    used = np.array([True, True, True, scattering])

    def at(variances: Floats) -> Point:
        own = variances if scattering else np.append(variances, 0.0)
        try:
            point = Blocks(own, scaled).point()
        except linalg.LinAlgError:
            return impossible(len(variances))
        kept = np.flatnonzero(used)
        return Point(point.deviance, point.slope[kept], point.curvature[np.ix_(kept, kept)])

    def mean(variances: Floats) -> float:
        own = variances if scattering else np.append(variances, 0.0)
        return centre + Blocks(own, scaled).mean * float(spread**0.5)

    return Likelihood(
        at=at,
        mean=mean,
        used=used,
        # Without a residual the interaction is what no variance can be without.
        least=np.array([0.0, 0.0, 0.0 if scattering else NOTHING, residual / 1000])[used],
        starts=[np.append(start, residual)[used] for start in _STARTS],
        unit=spread,
    )


def _turned(cells: Crossed) -> Likelihood:
    """Return the likelihood where columns are more than rows: of the grid turned over."""
    inner = likelihood(
        Crossed(n=cells.n.T, mean=cells.mean.T, within=cells.within, degrees=cells.degrees)
    )
    order = np.array([1, 0, 2, 3])[inner.used]

    def at(variances: Floats) -> Point:
        point = inner.at(variances[order])
        return Point(point.deviance, point.slope[order], point.curvature[np.ix_(order, order)])

    return Likelihood(
        at=at,
        mean=lambda variances: inner.mean(variances[order]),
        used=inner.used,
        least=inner.least,
        starts=[start[order] for start in inner.starts],
        unit=inner.unit,
    )


class Blocks:
    """The inverse covariance V⁻¹ of the cells' means at given variances, in blocks.

    Notes
    -----
    V⁻¹ = B − σ²BZM⁻¹Z′B by Woodbury, B the inverse without the columns' effect, whose variance is
    σ², Z the columns of the cells and M = 1 + σ²Z′BZ; P = V⁻¹ − V⁻¹11′V⁻¹/1′V⁻¹1. The deviance is
    that of S. R. Searle, G. Casella, C. E. McCulloch, Variance Components (1992), 6.6, its slope
    tr(PK) − y′PKPy. Normal cell means and the squares within cells are independent.

    Raises
    ------
    scipy.linalg.LinAlgError
        If V is singular to the precision of the numbers.
    """

    def __init__(self, variances: Floats, cells: Crossed) -> None:
        self._rows, self._columns, crossed, self._residual = map(float, variances)
        self._cells, self._there = cells, cells.n > 0
        n = np.where(self._there, cells.n, 1)
        self._per_run = np.where(self._there, 1 / n, 0.0)
        own = crossed + self._residual / n
        self._weight = np.where(self._there, 1 / own, 0.0)
        self._sums = self._weight.sum(1)
        self._gain = self._rows / (1 + self._rows * self._sums)
        self._inner = np.diag(self._weight.sum(0)) - self._weight.T @ (
            self._gain[:, None] * self._weight
        )
        self._coupling = np.eye(len(self._inner)) + self._columns * self._inner
        self._factor = linalg.cho_factor(self._coupling)
        self._inverse = linalg.cho_solve(self._factor, np.eye(len(self._inner)))
        self._ones = self._solved(np.ones_like(self._weight))
        self._info = float(self._ones.sum())
        self.mean = float((self._ones * cells.mean).sum()) / self._info

    def _solved(self, values: Floats) -> Floats:
        """Return V⁻¹ times a grid, or each of several.

        By a factor and not by the inverse, of which no digit is left where a small variance of the
        cells meets a large one of the columns.
        """
        once = self._without(values)
        back = self._columns * linalg.cho_solve(self._factor, once.sum(-2).T).T
        solved: Floats = once - self._without(back[..., None, :])
        return solved

    def _without(self, values: Floats) -> Floats:
        """Return B times a grid, or each of several."""
        once = self._weight * values
        applied: Floats = once - self._weight * (self._gain * once.sum(-1))[..., None]
        return applied

    def point(self) -> Point:
        """Return the likelihood, its slope and the average information, of all four variances."""
        cells, residual = self._cells, self._residual
        rest = self._solved(np.where(self._there, cells.mean - self.mean, 0.0))
        deviance = -np.log(self._weight[self._there]).sum()
        deviance += np.log1p(self._rows * self._sums).sum()
        deviance += 2 * np.log(np.diag(self._factor[0])).sum() + np.log(self._info)
        deviance += float((cells.mean * rest).sum())
        constant = self._ones
        quadratic = [_sizes(grid, self._per_run) for grid in (rest, constant)]
        slope = self._traces() - quadratic[1] / self._info - quadratic[0]
        moved = np.array(
            [
                self._there * rest.sum(1, keepdims=True),
                self._there * rest.sum(0),
                self._there * rest,
                rest * self._per_run,
            ]
        )
        solved = self._solved(moved)
        through = moved.reshape(4, -1) @ solved.reshape(4, -1).T
        means = solved.sum((1, 2))
        curvature = through - np.outer(means, means) / self._info
        if cells.within > 0:
            deviance += cells.degrees * np.log(residual) + cells.within / residual
            slope[3] += cells.degrees / residual - cells.within / residual**2
            curvature[3, 3] += cells.within / residual**3
        if not (np.isfinite(slope).all() and np.isfinite(curvature).all()):
            return impossible(len(slope))
        return Point(float(deviance), slope, curvature)

    def _traces(self) -> Floats:
        """Return tr(V⁻¹K) for the rows, the columns, the cells, and the runs of cells."""
        weight, gain, sums = self._weight, self._gain, self._sums
        spread = weight @ self._inverse
        squared = (spread * weight).sum(1)
        rest = 1 - gain * sums
        rows = sums * rest - self._columns * rest**2 * squared
        inside = np.diag(self._inverse) - 2 * gain[:, None] * spread
        inside = inside + (gain**2 * squared)[:, None]
        diagonal = weight - gain[:, None] * weight**2 - self._columns * weight**2 * inside
        return np.array(
            [
                rows.sum(),
                np.trace(self._inner @ self._inverse),
                diagonal.sum(),
                (diagonal * self._per_run).sum(),
            ]
        )


def _sizes(grid: Floats, per_run: Floats) -> Floats:
    """Return x′Kx of a grid for each variance."""
    return np.array(
        [
            (grid.sum(1) ** 2).sum(),
            (grid.sum(0) ** 2).sum(),
            (grid**2).sum(),
            (grid**2 * per_run).sum(),
        ]
    )
