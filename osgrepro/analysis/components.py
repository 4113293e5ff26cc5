"""Variance components: how much of a metric's spread is hardware's, software's, the seed's.

Called for one experiment at a time. The estimate is REML, whether or not runs are missing; beside
that of a full grid stands the raw one by ANOVA, which may be below 0.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.findings import Component, Components, Interval, NotAssessable
from osgrepro.analysis.precision import recorded_moments
from osgrepro.analysis.seeds import TOO_MANY, crossed, too_many
from osgrepro.analysis.statistics.anova import sets
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.reml.crossed import grid_of, lacking_in
from osgrepro.analysis.statistics.reml.dense import LARGEST
from osgrepro.analysis.statistics.reml.fitting import CONFIDENCE, Crossed, Fit, fit
from osgrepro.analysis.statistics.reml.grids import degrees, estimable

RESIDUAL = "residual"


def components(runs: pd.DataFrame, metric: str) -> Components | NotAssessable:
    """Return the variance components of a metric over an experiment's ok runs.

    The factors are hardware, software and seed as far as they vary, and their interactions.
    """
    codes, places = cell_codes(runs)
    codes, seeds = crossed(codes, runs)
    if too_many(places, seeds):
        return TOO_MANY
    cells, factors = grid_of(
        places, seeds, recorded_moments(runs, metric, codes, len(places) * seeds)
    )
    if lacking := lacking_in(cells, factors):
        return lacking
    names = [" × ".join(factors[axis] for axis in axes) for axes in sets(len(factors))]
    estimated = estimable(cells)
    if estimated is None:
        return _TOO_LARGE
    if estimated.likelihood is not None:
        return _made(metric, names, cells, fit(estimated.likelihood, degrees(cells)), estimated.raw)
    count = len(names) + bool(cells.degrees)
    constant = Fit(
        variances=np.zeros(count),
        mean=float(cells.mean[cells.n > 0][0]),
        ends=((np.nan, np.nan),) * count,
    )
    return _made(metric, names, cells, constant, estimated.raw)


_TOO_LARGE = NotAssessable(
    why=f"over {LARGEST:,} cells and seeds, not all with the same number of runs",
    missing="the runs that failed or are missing",
)


def _made(
    metric: str, names: list[str], cells: Crossed, estimated: Fit, raw: Floats | None = None
) -> Components:
    """Return the components by their names; without repeats the last one is no residual alone."""
    factors = (
        [*names, RESIDUAL] if cells.degrees else [*names[:-1], f"{RESIDUAL} (with {names[-1]})"]
    )
    total = float(estimated.variances.sum())
    return Components(
        metric=metric,
        method="REML",
        components=tuple(
            Component(
                factor=factor,
                variance=variance,
                raw=None if raw is None else float(raw[place]),
                share=variance / total if total > 0 else 0.0,
                interval=_interval(variance, *estimated.ends[place]),
            )
            for place, (factor, variance) in enumerate(
                zip(factors, estimated.variances.tolist(), strict=False)
            )
        ),
        mean=estimated.mean,
    )


def _interval(variance: float, low: float, high: float) -> Interval | NotAssessable:
    """Return the interval between both ends, or why there is none."""
    if np.isnan(high) and variance == 0:
        return NotAssessable(why="nothing varies by it", missing="runs that differ")
    if np.isnan(high):
        return NotAssessable(why="the likelihood is flat", missing="more environments")
    method = "profile likelihood" if variance > 0 else "profile likelihood, upper limit"
    return Interval(low=low, high=high, confidence=CONFIDENCE, method=method)
