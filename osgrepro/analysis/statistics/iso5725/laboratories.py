"""The precision of one metric among laboratories: s_r, s_R, r, R, and what they rest on.

Called for each metric in each software environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from osgrepro.analysis.findings import NotAssessable, Precision
from osgrepro.analysis.statistics.iso5725.intervals import s_R_interval
from osgrepro.analysis.statistics.iso5725.outliers import outliers
from osgrepro.analysis.statistics.iso5725.standard_deviations import (
    by_laboratory,
    variances,
    weighed,
)
from osgrepro.analysis.statistics.moments import Moments, immeasurable
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
