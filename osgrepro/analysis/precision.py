"""The precision of each metric by ISO 5725-2, hardware environments as laboratories.

Called for one experiment at a time, and asks for each of its software environments; unbalanced data
are the rule, not the exception. The formulas are in ``statistics/iso5725``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.against_seeds import against_seeds
from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.findings import (
    MetricPrecision,
    NotAssessable,
    Precision,
)
from osgrepro.analysis.scale import scale
from osgrepro.analysis.seeds import TOO_MANY, crossed, too_many
from osgrepro.analysis.statistics.iso5725.intervals import s_R_interval
from osgrepro.analysis.statistics.iso5725.outliers import outliers
from osgrepro.analysis.statistics.iso5725.standard_deviations import (
    by_laboratory,
    variances,
    weighed,
)
from osgrepro.analysis.statistics.moments import Integers, Moments, immeasurable, moments
from osgrepro.analysis.statistics.ties import p_upper

# 2.8 ≈ 1.96·√2: ISO 5725-6, 4.1.4.
_LIMIT = 2.8


def precision(hardware: Sequence[str], cells: Moments) -> Precision | NotAssessable:
    """Return the precision of one metric among hardware environments (× seeds) that have runs."""
    if lacking := _lacking(hardware, cells):
        return lacking
    ran = cells.n > 0
    low, high = float(cells.low[ran].min()), float(cells.high[ran].max())
    if lacking := immeasurable(low, high, int(cells.n.sum())):
        return lacking
    mean, within, between = map(float, variances(*weighed(cells)))
    if low == high:
        mean = low
    laboratories = by_laboratory(cells)
    s_r, s_l, s_R = within**0.5, between**0.5, (within + between) ** 0.5  # noqa: N806
    moves: Any = (cells.low < cells.high).any(1)
    tied = not moves.any()
    return Precision(
        laboratories=len(hardware),
        runs=int(cells.n.sum()),
        mean=mean,
        minimum=low,
        maximum=high,
        s_r=s_r,
        s_L=s_l,
        s_R=s_R,
        r=_LIMIT * s_r,
        R=_LIMIT * s_R,
        s_R_interval=s_R_interval(cells, s_R),
        tied=tied,
        # Of any one environment: the one with the fewest repeats is bounded least.
        p_upper=p_upper(int(laboratories.n[laboratories.n > 1].min()) - 1) if tied else None,
        outliers=outliers(hardware, laboratories),
        moving=int(moves.sum()),
        s_r_moving=_moving(laboratories, moves),
    )


def _moving(laboratories: Moments, moves: np.ndarray[Any, np.dtype[np.bool_]]) -> float | None:
    """Return s_r of the laboratories whose repeats disagree, None where all do or none does."""
    if moves.all() or not moves.any():
        return None
    degrees = (laboratories.n[moves] - 1).sum()
    return float((laboratories.squares[moves].sum() / degrees) ** 0.5)


def metric_precision(runs: pd.DataFrame, names: Sequence[str]) -> tuple[MetricPrecision, ...]:
    """Return the precision of each metric in each software environment of one experiment.

    Parameters
    ----------
    runs : pandas.DataFrame
        The experiment's runs that are ok.
    names : sequence of str
        The metrics.
    """
    codes, cells = cell_codes(runs)
    codes, seeds = crossed(codes, runs)
    if many := too_many(cells, seeds):
        codes, seeds = codes // seeds, 1
    software_of = np.array([software for software, _ in cells], dtype=object)
    hardware_of = [hardware for _, hardware in cells]
    precisions = []
    for metric in names:
        summary = _grid(runs, metric, codes, seeds, len(cells))
        for software in dict.fromkeys(software_of):
            places = np.flatnonzero((software_of == software) & (summary.n > 0).any(1))
            here = summary.take(places)
            laboratories = [hardware_of[place] for place in places]
            precisions.append(
                MetricPrecision(
                    software=software,
                    metric=metric,
                    precision=TOO_MANY if many else precision(laboratories, here),
                    scale=scale(runs, metric, here),
                    against_seeds=TOO_MANY if many else against_seeds(here),
                )
            )
    return tuple(sorted(precisions, key=lambda precision: (precision.software, precision.metric)))


def _grid(runs: pd.DataFrame, metric: str, codes: Integers, seeds: int, cells: int) -> Moments:
    """Return the moments of a metric in each cell (rows) with each seed (columns)."""
    flat = recorded_moments(runs, metric, codes, cells * seeds)
    return Moments(
        **{field.name: getattr(flat, field.name).reshape(cells, seeds) for field in fields(flat)}
    )


def recorded_moments(runs: pd.DataFrame, metric: str, codes: Integers, cells: int) -> Moments:
    """Return the moments of a metric in each cell, of the runs that recorded it."""
    recorded = frames.bits(runs, metric).notna().to_numpy()
    return moments(codes[recorded], frames.numbers(runs, metric)[recorded], cells)


def _lacking(hardware: Sequence[str], cells: Moments) -> NotAssessable | None:
    # What is beyond all numbers only as a sum is said elsewhere.
    values = (cells.low, cells.high, np.where(np.isnan(cells.mean), cells.mean, 0.0))
    wrong = [
        name
        for name, n, *ends in zip(hardware, cells.n, *values, strict=True)
        if not np.isfinite(np.array(ends)[:, n > 0]).all()
    ]
    if wrong:
        return NotAssessable(
            why=f"NaN or infinite values on {', '.join(wrong)}", missing="finite values"
        )
    if len(hardware) < 2:
        count = "one hardware environment" if hardware else "no run recorded it"
        return NotAssessable(why=count, missing="a second hardware environment")
    if not (cells.n > 1).any():
        return NotAssessable(why="one repeat in each cell", missing="a second run of a cell")
    if not ((cells.n > 0).sum(0) > 1).any():
        return NotAssessable(
            why="no two hardware environments ran with the same seed", missing="such runs"
        )
    return None
