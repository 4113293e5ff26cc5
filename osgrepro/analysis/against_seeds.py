"""What another machine changes, held against what another seed does.

Called by the precision, for each metric in each software environment.
"""

from __future__ import annotations

import numpy as np

from osgrepro.analysis.findings import AgainstSeeds, NotAssessable
from osgrepro.analysis.statistics.heterogeneity import by_blocks
from osgrepro.analysis.statistics.moments import Moments, immeasurable
from osgrepro.analysis.statistics.ratios import ratio
from osgrepro.analysis.statistics.reml.fitting import CONFIDENCE, Crossed
from osgrepro.analysis.statistics.reml.grids import estimable, parts

_ONE_SEED = NotAssessable(
    why="one seed ran, so nothing tells whether a machine or a seed changes more",
    missing="the same runs with other seeds (`seeds = [1, 2, 3]`)",
)


def against_seeds(cells: Moments) -> AgainstSeeds | NotAssessable:
    """Return the ratio of both standard deviations.

    Parameters
    ----------
    cells : Moments
        Of a metric in one software environment: hardware × seeds.
    """
    n = cells.n[cells.n.any(1)][:, cells.n.any(0)]
    if n.size and n.shape[1] < 2:
        return _ONE_SEED
    if lacking := _lacking(cells, n.shape):
        return lacking
    ran = cells.n > 0
    grid = Crossed(
        n=n.astype(float),
        mean=np.where(ran, cells.mean, 0.0)[ran.any(1)][:, ran.any(0)],
        within=float(cells.squares[ran].sum()),
        degrees=float((cells.n - 1)[ran].sum()),
    )
    estimated = estimable(grid)
    if estimated is None or estimated.likelihood is None:
        return _NOTHING
    variances = ratio(estimated.likelihood, n.shape)
    low, high = _held(grid, variances.low**0.5, variances.high)
    return AgainstSeeds(
        environments=variances.above**0.5,
        seeds=variances.below**0.5,
        ratio=(variances.above / variances.below) ** 0.5 if variances.below else None,
        low=low,
        high=high,
        confidence=CONFIDENCE,
        method="profile likelihood",
    )


def _held(grid: Crossed, low: float, high: float | None) -> tuple[float, float | None]:
    """Return the interval, which has 1 inside unless the larger of both certainly changes anything.

    The likelihood has one scatter for all machines. Where a single one reacts to seeds its mean is
    apart from the others' by chance, which looks like what a machine changes everywhere.

    Notes
    -----
    Machines change more than seeds only if they change something without regard to the seed, which
    the F test of randomised blocks tells however unequally they scatter: G. E. P. Box, Annals of
    Mathematical Statistics 25, 484 (1954). Likewise for seeds.
    """
    end = None if high is None else high**0.5
    whole = grid.mean[(grid.n > 0).all(1)]
    if len(whole) < 2:
        return low, end
    if low > 1 and by_blocks(whole).p > (1 - CONFIDENCE) / 2:
        low = 1.0
    if end is not None and end < 1 and by_blocks(whole.T).p > (1 - CONFIDENCE) / 2:
        end = 1.0
    return low, end


_NOTHING = NotAssessable(
    why="neither a machine nor a seed changes anything", missing="runs that differ"
)


def _lacking(cells: Moments, shape: tuple[int, ...]) -> NotAssessable | None:
    if shape[0] < 2:
        return NotAssessable(
            why="one hardware environment or none", missing="a second one with the same seeds"
        )
    ran = cells.n > 0
    values = np.array([cells.low[ran], cells.high[ran], cells.mean[ran]])
    if not np.isfinite(values).all():
        return NotAssessable(why="NaN or infinite values", missing="finite values")
    if no_variance := immeasurable(float(values.min()), float(values.max()), int(cells.n.sum())):
        return no_variance
    connected = ran.sum() > sum(shape) - parts(ran[ran.any(1)][:, ran.any(0)])
    if not connected:
        return NotAssessable(
            why="hardware and seeds are not crossed",
            missing="two environments that both ran with the same two seeds",
        )
    return None
