"""Which restricted likelihood a grid of cells has: that of mean squares, blocks, or all cells.

Called by the variance components, and by the comparison of environments with seeds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from osgrepro.analysis.statistics.anova import anova, sets
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.reml import blocks, dense, full
from osgrepro.analysis.statistics.reml.exact import completed
from osgrepro.analysis.statistics.reml.fitting import Crossed, Likelihood


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimable:
    """The likelihood, None where all means are the same, and of a full grid ANOVA's variances."""

    likelihood: Likelihood | None
    raw: Floats | None = None


def estimable(cells: Crossed) -> Estimable | None:
    """Return how the variances of a grid are estimated; None where it is too large for that."""
    if cells.n.min() == cells.n.max():
        return _full(cells)
    if not cells.within and (whole := completed(cells.n, cells.mean)) is not None:
        # Without any residual it makes no difference how many runs a cell has; the degrees of
        # freedom are those of the grid.
        return _full(replace(cells, n=np.ones_like(cells.n), mean=whole))
    count = int((cells.n > 0).sum())
    if cells.n.ndim > 2 and count > dense.LARGEST:
        return None
    small = cells.n.ndim > 2 or count <= dense.MANY
    return Estimable(likelihood=(dense if small else blocks).likelihood(cells))


def _full(cells: Crossed) -> Estimable:
    table = anova(cells.mean, float(cells.n.flat[0]), cells.within, cells.degrees)
    mean = float(cells.mean.mean())
    return Estimable(likelihood=full.likelihood(table, mean), raw=table.raw)


def degrees(cells: Crossed) -> list[float]:
    """Return the degrees of freedom of the mean square of each set of factors, and within cells.

    Those of the interaction of all factors are fewer by as many cells as are missing.
    """
    shape = cells.n.shape
    own = [float(prod(shape[axis] - 1 for axis in axes)) for axes in sets(len(shape))]
    own[-1] = max(1.0, own[-1] - float((cells.n == 0).sum()))
    return [*own, cells.degrees]


def parts(there: np.ndarray[Any, np.dtype[np.bool_]]) -> int:
    """Return into how many parts the grid falls that share neither a row nor a column."""
    rows, count = np.ones(len(there), dtype=bool), 0
    while rows.any():
        reached = np.zeros_like(rows)
        reached[np.flatnonzero(rows)[0]] = True
        while True:
            wider = reached | there[:, there[reached].any(0)].any(1)
            if (wider == reached).all():
                break
            reached = wider
        rows &= ~reached
        count += 1
    return count
