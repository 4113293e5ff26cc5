"""What another machine changes, held against what another seed does.

Called by the precision, for each metric in each software environment.
"""

from __future__ import annotations

import numpy as np

from osgrepro.analysis.findings import AgainstSeeds, NotAssessable
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
    there = cells.n > 0
    grid = Crossed(
        n=n.astype(float),
        mean=np.where(there, cells.mean, 0.0)[there.any(1)][:, there.any(0)],
        within=float(cells.squares[there].sum()),
        degrees=float((cells.n - 1)[there].sum()),
    )
    estimated = estimable(grid)
    if estimated is None or estimated.likelihood is None:
        return _NOTHING
    found = ratio(estimated.likelihood)
    return AgainstSeeds(
        environments=found.above**0.5,
        seeds=found.below**0.5,
        ratio=(found.above / found.below) ** 0.5 if found.below else None,
        low=found.low**0.5,
        high=None if found.high is None else found.high**0.5,
        confidence=CONFIDENCE,
        method="profile likelihood",
    )


_NOTHING = NotAssessable(
    why="neither a machine nor a seed changes anything", missing="runs that differ"
)


def _lacking(cells: Moments, shape: tuple[int, ...]) -> NotAssessable | None:
    if shape[0] < 2:
        return NotAssessable(
            why="one hardware environment or none", missing="a second one with the same seeds"
        )
    there = cells.n > 0
    values = np.array([cells.low[there], cells.high[there], cells.mean[there]])
    if not np.isfinite(values).all():
        return NotAssessable(why="NaN or infinite values", missing="finite values")
    if beyond := immeasurable(float(values.min()), float(values.max()), int(cells.n.sum())):
        return beyond
    connected = there.sum() > sum(shape) - parts(there[there.any(1)][:, there.any(0)])
    if not connected:
        return NotAssessable(
            why="hardware and seeds are not crossed",
            missing="two environments that both ran with the same two seeds",
        )
    return None
