"""Variance components: how much of a metric's spread is hardware's, software's, the seed's.

Called for one experiment at a time. Balanced data have a closed form; others go to REML.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.findings import Component, Components, Interval, NotAssessable
from osgrepro.analysis.precision import recorded_moments
from osgrepro.analysis.seeds import TOO_MANY, crossed, too_many
from osgrepro.analysis.statistics import reml_dense
from osgrepro.analysis.statistics.anova import anova
from osgrepro.analysis.statistics.moments import Moments, immeasurable
from osgrepro.analysis.statistics.reml import Crossed, Grid, fit
from osgrepro.analysis.statistics.reml_exact import completed

FACTORS = ("hardware", "software", "seed")
_RESIDUAL = "residual"
_CONFIDENCE = 0.95


def components(runs: pd.DataFrame, metric: str) -> Components | NotAssessable:
    """Return the variance components of a metric over an experiment's ok runs.

    The factors are hardware, software and seed as far as they vary, and their interactions.
    """
    codes, names = cell_codes(runs)
    codes, seeds = crossed(codes, runs)
    if too_many(names, seeds):
        return TOO_MANY
    cells, factors = _crossed(
        names, seeds, recorded_moments(runs, metric, codes, len(names) * seeds)
    )
    if lacking := _lacking(cells, factors):
        return lacking
    if cells.n.min() == cells.n.max():
        return _balanced(cells, metric, factors)
    if not cells.within and (whole := completed(cells.n, cells.mean)) is not None:
        # Without any residual it makes no difference how many runs a cell has.
        full = replace(cells, n=np.ones_like(cells.n), mean=whole)
        return _balanced(full, metric, factors)
    return _unbalanced(cells, metric, factors)


def _unbalanced(
    cells: Crossed, metric: str, factors: tuple[str, ...]
) -> Components | NotAssessable:
    """Return the components where cells are missing or have different numbers of runs."""
    there = cells.n > 0
    if len(factors) > 2 and there.sum() > reml_dense.LARGEST:
        return NotAssessable(
            why=f"over {reml_dense.LARGEST:,} cells and seeds, not all with the same number of "
            "runs",
            missing="the runs that failed or are missing",
        )
    names = [" × ".join(factors[axis] for axis in one) for one in reml_dense.sets(len(factors))]
    names.append(_RESIDUAL)
    found = (reml_dense.fit if len(factors) > 2 else fit)(cells)
    intervals = [
        _around(float(one), float(freedom), "Satterthwaite, by REML")
        for one, freedom in zip(found.variances, found.freedom, strict=True)
    ]
    variances = found.variances
    if not cells.degrees:
        names[-2:], variances, intervals = [_with(names[-2])], variances[:-1], intervals[:-1]
    return _made(metric, "REML", tuple(names), variances, found.mean, intervals)


def _with(name: str) -> str:
    return f"{_RESIDUAL} (with {name})"


def _balanced(cells: Crossed, metric: str, factors: tuple[str, ...]) -> Components:
    """Return the components of a full grid: each cell has the same number of runs.

    So has one that is full after what is missing was inferred; its degrees are those of the grid.

    Notes
    -----
    The residual's interval is exact (χ²), the others are Satterthwaite's (Biometrics Bulletin 2,
    1946).
    """
    found = anova(cells.mean, float(cells.n.flat[0]), cells.within, cells.degrees)
    names = [" × ".join(factors[axis] for axis in one.factors) or _RESIDUAL for one in found]
    if not cells.degrees:
        names[-1] = _with(names[-1])
    constant = np.ptp(cells.mean) == 0
    return _made(
        metric,
        "ANOVA",
        tuple(names),
        np.array([one.parts.sum() for one in found]),
        float(cells.mean.flat[0] if constant else cells.mean.mean()),
        [_interval(one.parts, one.degrees) for one in found],
    )


def _interval(parts: Grid, degrees: Grid) -> Interval | NotAssessable:
    """Return the interval of a sum of scaled mean squares."""
    estimate, method = float(parts.sum()), "χ²" if np.count_nonzero(parts) == 1 else "Satterthwaite"
    uncertain = float((parts**2 / degrees).sum())
    return _around(estimate, estimate**2 / uncertain if uncertain else np.nan, method)


def _around(estimate: float, freedom: float, method: str) -> Interval | NotAssessable:
    """Return the interval of a variance that has so many degrees of freedom."""
    if estimate <= 0:
        return NotAssessable(
            why="the estimate is not above 0", missing="more environments or more repeats"
        )
    if np.isnan(freedom):
        return NotAssessable(why="the likelihood is flat around it", missing="more environments")
    if freedom < 1:
        return NotAssessable(
            why=f"the estimate has {freedom:.2g} degrees of freedom", missing="more environments"
        )
    tail = (1 - _CONFIDENCE) / 2
    low, high = (
        freedom * estimate / float(stats.chi2.ppf(end, freedom)) for end in (1 - tail, tail)
    )
    return Interval(low=low, high=high, confidence=_CONFIDENCE, method=method)


def _made(
    metric: str,
    method: Literal["ANOVA", "REML"],
    factors: tuple[str, ...],
    raw: Grid,
    mean: float,
    intervals: list[Any],
) -> Components:
    kept = np.maximum(raw, 0.0)
    total = float(kept.sum())
    return Components(
        metric=metric,
        method=method,
        components=tuple(
            Component(
                factor=factor,
                variance=float(variance),
                raw=float(own),
                share=float(variance) / total if total > 0 else 0.0,
                interval=interval,
            )
            for factor, variance, own, interval in zip(factors, kept, raw, intervals, strict=True)
        ),
        mean=mean,
    )


def _crossed(
    names: list[tuple[str, str]], seeds: int, summary: Moments
) -> tuple[Crossed, tuple[str, ...]]:
    """Return the grid of what recorded the metric, and the factors that vary: its axes."""
    here = np.flatnonzero(summary.n > 0)
    where = [
        pd.factorize(np.array(values), sort=True)
        for values in (
            [names[number // seeds][1] for number in here],
            [names[number // seeds][0] for number in here],
            here % seeds,
        )
    ]
    n, mean = np.zeros((2, *(max(1, len(levels)) for _, levels in where)))
    place = tuple(codes for codes, _ in where)
    n[place], mean[place] = summary.n[here], summary.mean[here]
    varied = tuple(name for name, size in zip(FACTORS, n.shape, strict=True) if size > 1)
    grid = Crossed(
        n=n.squeeze(),
        mean=mean.squeeze(),
        within=float(summary.squares[here].sum()),
        degrees=float((summary.n[here] - 1).sum()),
    )
    return grid, varied


def _lacking(cells: Crossed, factors: tuple[str, ...]) -> NotAssessable | None:
    if len(factors) < 2:
        return NotAssessable(
            why="one software environment or one hardware environment",
            missing="two or more of both, or of one of them and of the seeds",
        )
    if not (np.isfinite(cells.mean).all() and np.isfinite(cells.within)):
        return NotAssessable(why="NaN or infinite values", missing="finite values")
    there = cells.n > 0
    ends = float(cells.mean[there].min()), float(cells.mean[there].max())
    if beyond := immeasurable(*ends, int(cells.n.sum())):
        return beyond
    if not cells.degrees and "seed" not in factors:
        return NotAssessable(why="one repeat in each cell", missing="a second run of a cell")
    for pair in combinations(range(len(factors)), 2):
        others = tuple(axis for axis in range(len(factors)) if axis not in pair)
        both: Any = there.any(others)
        if both.sum() <= sum(both.shape) - _parts(both):
            named = " and ".join(factors[axis] for axis in pair)
            return NotAssessable(why=f"{named} are not crossed", missing=_CROSSED)
    return None


_CROSSED = "two environments that both ran in the same two others of each kind"


def _parts(there: np.ndarray[Any, np.dtype[np.bool_]]) -> int:
    """Return into how many parts the grid falls that share neither hardware nor software."""
    rows, parts = np.ones(len(there), dtype=bool), 0
    while rows.any():
        reached = np.zeros_like(rows)
        reached[np.flatnonzero(rows)[0]] = True
        while True:
            wider = reached | there[:, there[reached].any(0)].any(1)
            if (wider == reached).all():
                break
            reached = wider
        rows &= ~reached
        parts += 1
    return parts
