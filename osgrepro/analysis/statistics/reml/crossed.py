"""The grid of crossed factors that components are estimated from, and what it lacks for that.

Called by ``components``; an axis is a factor that varies: hardware, software, seed.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.findings import NotAssessable
from osgrepro.analysis.statistics.moments import Moments, immeasurable
from osgrepro.analysis.statistics.reml.fitting import Crossed
from osgrepro.analysis.statistics.reml.grids import parts

FACTORS = ("hardware", "software", "seed")


def grid_of(
    names: list[tuple[str, str]], seeds: int, summary: Moments
) -> tuple[Crossed, tuple[str, ...]]:
    """Return the grid of what recorded the metric, and the factors that vary: its axes."""
    ran = np.flatnonzero(summary.n > 0)
    where = [
        pd.factorize(np.array(values), sort=True)
        for values in (
            [names[number // seeds][1] for number in ran],
            [names[number // seeds][0] for number in ran],
            ran % seeds,
        )
    ]
    n, mean = np.zeros((2, *(max(1, len(levels)) for _, levels in where)))
    place = tuple(codes for codes, _ in where)
    n[place], mean[place] = summary.n[ran], summary.mean[ran]
    varied = tuple(name for name, size in zip(FACTORS, n.shape, strict=True) if size > 1)
    grid = Crossed(
        n=n.squeeze(),
        mean=mean.squeeze(),
        within=float(summary.squares[ran].sum()),
        degrees=float((summary.n[ran] - 1).sum()),
    )
    return grid, varied


def lacking_in(cells: Crossed, factors: tuple[str, ...]) -> NotAssessable | None:
    """Return why nothing can be estimated from a grid, None where it can."""
    if len(factors) < 2:
        return NotAssessable(
            why="one software environment or one hardware environment",
            missing="two or more of both, or of one of them and of the seeds",
        )
    if not (np.isfinite(cells.mean).all() and np.isfinite(cells.within)):
        return NotAssessable(why="NaN or infinite values", missing="finite values")
    ran = cells.n > 0
    ends = float(cells.mean[ran].min()), float(cells.mean[ran].max())
    if beyond := immeasurable(*ends, int(cells.n.sum())):
        return beyond
    if not cells.degrees and "seed" not in factors:
        return NotAssessable(why="one repeat in each cell", missing="a second run of a cell")
    for pair in combinations(range(len(factors)), 2):
        remaining = tuple(axis for axis in range(len(factors)) if axis not in pair)
        both: Any = ran.any(remaining)
        if both.sum() <= sum(both.shape) - parts(both):
            named = " and ".join(factors[axis] for axis in pair)
            return NotAssessable(why=f"{named} are not crossed", missing=_CROSSED)
    return None


_CROSSED = "two environments that both ran in the same two others of each kind"
