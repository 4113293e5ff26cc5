"""Variance components: how much of a metric's spread is hardware's, software's, or both together.

Called for one experiment at a time. Balanced data have a closed form; others go to REML.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.moments import Moments
from osgrepro.analysis.precision import recorded_moments
from osgrepro.analysis.reml import Crossed, Grid, fit
from osgrepro.findings import Component, Components, Interval, NotAssessable

FACTORS = ("hardware", "software", "hardware × software", "residual")
_CONFIDENCE = 0.95


def components(runs: pd.DataFrame, metric: str) -> Components | NotAssessable:
    """Return the variance components of a metric over an experiment's ok runs."""
    codes, names = cell_codes(runs)
    summary = recorded_moments(runs, metric, codes, len(names))
    here = np.flatnonzero(summary.n > 0)
    cells = _crossed([names[number] for number in here], summary.take(here))
    if lacking := _lacking(cells):
        return lacking
    if cells.n.min() == cells.n.max():
        return anova(cells, metric)
    there = cells.n > 0
    if not cells.within and np.ptp(cells.mean[there]) == 0:
        return _made(metric, "REML", np.zeros(4), float(cells.mean[there][0]), [_ESTIMATED] * 4)
    found, mean = fit(cells)
    return _made(metric, "REML", found, mean, [_ESTIMATED] * 4)


def anova(cells: Crossed, metric: str) -> Components:
    """Return the components of a balanced grid: each cell has the same number of runs, 2 or more.

    Notes
    -----
    Two-way random effects with interaction: D. C. Montgomery, Design and Analysis of Experiments,
    chapter 13 (σ²_H = (MS_H − MS_HS)/bn, σ²_S = (MS_S − MS_HS)/an, σ²_HS = (MS_HS − MS_E)/n); the
    residual's interval is exact (χ²), the others Satterthwaite's (Biometrics Bulletin 2, 1946).
    """
    (a, b), n = cells.mean.shape, float(cells.n.flat[0])
    mean = float(cells.mean.mean())
    rows, columns = cells.mean.mean(1) - mean, cells.mean.mean(0) - mean
    rest = cells.mean - mean - rows[:, None] - columns
    degrees = np.array([a - 1, b - 1, (a - 1) * (b - 1), cells.degrees])
    sums = [b * n * (rows**2).sum(), a * n * (columns**2).sum(), n * (rest**2).sum(), cells.within]
    squares = np.array(sums) / degrees
    if np.ptp(cells.mean) == 0:
        mean, squares = float(cells.mean.flat[0]), np.array([0, 0, 0, squares[3]])
    weights = np.array(
        [
            [1 / (b * n), 0, -1 / (b * n), 0],
            [0, 1 / (a * n), -1 / (a * n), 0],
            [0, 0, 1 / n, -1 / n],
            [0, 0, 0, 1],
        ]
    )
    intervals = [_interval(one * squares, degrees) for one in weights]
    return _made(metric, "ANOVA", weights @ squares, mean, intervals)


def _interval(parts: Grid, degrees: Grid) -> Interval | NotAssessable:
    """Return the interval of a sum of scaled mean squares."""
    estimate = float(parts.sum())
    if estimate <= 0:
        return NotAssessable(
            why="the estimate is not above 0", missing="more environments or more repeats"
        )
    freedom = estimate**2 / float((parts**2 / degrees).sum())
    if freedom < 1:
        return NotAssessable(
            why=f"the estimate has {freedom:.2g} degrees of freedom", missing="more environments"
        )
    tail = (1 - _CONFIDENCE) / 2
    low, high = (
        freedom * estimate / float(stats.chi2.ppf(end, freedom)) for end in (1 - tail, tail)
    )
    method = "χ²" if np.count_nonzero(parts) == 1 else "Satterthwaite"
    return Interval(low=low, high=high, confidence=_CONFIDENCE, method=method)


_ESTIMATED = NotAssessable(
    why="the cells are unbalanced", missing="the same number of runs in every cell"
)


def _made(
    metric: str,
    method: Literal["ANOVA", "REML"],
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
            for factor, variance, own, interval in zip(FACTORS, kept, raw, intervals, strict=True)
        ),
        mean=mean,
    )


def _crossed(names: list[tuple[str, str]], summary: Moments) -> Crossed:
    software, softwares = pd.factorize(np.array([s for s, _ in names], dtype=object), sort=True)
    hardware, hardwares = pd.factorize(np.array([h for _, h in names], dtype=object), sort=True)
    n, mean = np.zeros((2, len(hardwares), len(softwares)))
    n[hardware, software], mean[hardware, software] = summary.n, summary.mean
    return Crossed(
        n=n,
        mean=mean,
        within=float(summary.squares.sum()),
        degrees=float((summary.n - 1).sum()),
    )


def _lacking(cells: Crossed) -> NotAssessable | None:
    there = cells.n > 0
    if min(cells.n.shape) < 2:
        return NotAssessable(
            why="one software environment or one hardware environment",
            missing="two or more of both",
        )
    if not (np.isfinite(cells.mean).all() and np.isfinite(cells.within)):
        return NotAssessable(why="NaN or infinite values", missing="finite values")
    if not cells.degrees:
        return NotAssessable(why="one repeat in each cell", missing="a second run of a cell")
    if there.sum() <= sum(there.shape) - _parts(there):
        return NotAssessable(
            why="hardware and software are not crossed",
            missing="two hardware environments that both ran in the same two software environments",
        )
    return None


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
