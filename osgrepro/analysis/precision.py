"""Precision by ISO 5725-2, hardware environments as laboratories, one software at a time.

Called for one experiment at a time; unbalanced data are the rule, not the exception.
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
    Interval,
    MetricPrecision,
    NotAssessable,
    Precision,
)
from osgrepro.analysis.scale import scale
from osgrepro.analysis.seeds import TOO_MANY, crossed, too_many
from osgrepro.analysis.statistics.intervals import (
    FEWEST,
    MeanSquare,
    degrees_of_means,
    degrees_of_repeats,
    sum_of_variances,
)
from osgrepro.analysis.statistics.moments import Floats, Integers, Moments, immeasurable, moments
from osgrepro.analysis.statistics.outliers import outliers
from osgrepro.analysis.statistics.ties import p_upper

# 2.8 ≈ 1.96·√2: ISO 5725-6, 4.1.4.
_LIMIT = 2.8
_CONFIDENCE = 0.95


def variances(n: Floats, mean: Floats, squares: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the general mean, s_r² and s_L² of laboratories × seeds, the last two axes.

    Parameters
    ----------
    n, mean, squares : array
        Runs nᵢ, mean ȳᵢ and (nᵢ − 1)sᵢ² of each laboratory with each seed; 0 where it has no run.

    Notes
    -----
    ISO 5725-2:1994, 7.4.5: s_r² = Σ(nᵢ−1)sᵢ²/Σ(nᵢ−1); s_d² = Σnᵢ(ȳᵢ−ȳ)²/(p−1), which is the
    standard's (Σnᵢȳᵢ² − ȳ²Σnᵢ)/(p−1) without its cancellation; n̄ = (Σnᵢ − Σnᵢ²/Σnᵢ)/(p−1);
    s_L² = max(0, (s_d² − s_r²)/n̄). Laboratories are compared under the same seed only: sums of
    squares, degrees of freedom and the numerator of n̄ are added up over the seeds.
    """
    there, runs, last = n > 0, n.sum(-2), (-2, -1)
    centre = (n * mean).sum(-2) / np.maximum(runs, 1)
    degrees = (n - there).sum(last)
    apart = np.maximum(there.sum(-2) - 1, 0).sum(-1)
    within = _ratio(squares.sum(last), degrees)
    # The rounding of the centre must not set environments apart that agree.
    lowest, highest = np.where(there, mean, np.inf).min(-2), np.where(there, mean, -np.inf).max(-2)
    squared = (n * (mean - centre[..., None, :]) ** 2).sum(-2)
    between = _ratio(np.where(lowest < highest, squared, 0.0).sum(-1), apart)
    size = _ratio((runs - (n**2).sum(-2) / np.maximum(runs, 1)).sum(-1), apart)
    general = (n * mean).sum(last) / n.sum(last)
    return general, within, np.maximum(0.0, _ratio(between - within, size))


def _ratio(above: Floats, below: Floats) -> Floats:
    found: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return found


def precision(hardware: Sequence[str], cells: Moments) -> Precision | NotAssessable:
    """Return the precision of one metric among hardware environments (× seeds) that have runs."""
    if lacking := _lacking(hardware, cells):
        return lacking
    there = cells.n > 0
    low, high = float(cells.low[there].min()), float(cells.high[there].max())
    if lacking := immeasurable(low, high, int(cells.n.sum())):
        return lacking
    mean, within, between = map(float, variances(*_weighed(cells)))
    if low == high:
        mean = low
    each = _together(cells)
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
        p_upper=p_upper(int(each.n[each.n > 1].min()) - 1) if tied else None,
        outliers=outliers(hardware, each),
        moving=int(moves.sum()),
        s_r_moving=_moving(each, moves),
    )


def _moving(each: Moments, moves: np.ndarray[Any, np.dtype[np.bool_]]) -> float | None:
    """Return s_r of the laboratories whose repeats disagree, None where all do or none does."""
    if moves.all() or not moves.any():
        return None
    return float((each.squares[moves].sum() / (each.n[moves] - 1).sum()) ** 0.5)


def _weighed(cells: Moments) -> tuple[Floats, Floats, Floats]:
    """Return counts, means and squares as numbers, 0 where there is no run."""
    n = cells.n.astype(float)
    return n, np.where(n > 0, cells.mean, 0.0), np.where(n > 0, cells.squares, 0.0)


def _together(cells: Moments) -> Moments:
    """Return one group for each laboratory: what it is apart from the others under the same seeds.

    With n runs of s seeds it counts for n − s + 1, which leaves it the degrees of freedom it has.
    """
    if cells.n.shape[-1] == 1:
        return Moments(**{one.name: getattr(cells, one.name)[:, 0] for one in fields(cells)})
    n, mean, squares = _weighed(cells)
    centre = (n * mean).sum(0) / np.maximum(n.sum(0), 1)
    apart = (n * (mean - centre)).sum(1) / n.sum(1)
    return Moments(
        n=(cells.n - (cells.n > 0)).sum(1) + 1,
        mean=apart,
        squares=squares.sum(1),
        low=apart,
        high=apart,
    )


def s_R_interval(  # noqa: N802, the standard's symbol
    cells: Moments, estimate: float
) -> Interval | NotAssessable:
    """Return the interval of s_R; ``estimate``, the standard's, is always in it.

    Notes
    -----
    With the variance S² of the laboratories' unweighted means, s_R² = S² + (1 − 1/ñ)s_r², ñ the
    harmonic mean of the numbers of runs: two independent terms, whether or not these numbers are
    equal: R. K. Burdick, F. A. Graybill, Technometrics 26, 131 (1984). With several seeds S² is the
    sum of what laboratories differ by under all seeds and of what they do seed by seed.
    """
    n, mean, squares = _weighed(cells)
    compared = n * ((n > 0).sum(0) > 1)
    here = (compared > 0).any(1)
    if (count := int(here.sum())) < FEWEST:
        few = f"{count} hardware environments are too few for an interval"
        return NotAssessable(why=few, missing=f"{FEWEST} or more that ran with the same seed")
    terms = _between(compared[here] > 0, mean[here])
    degrees = (n - (n > 0)).sum(1)
    within = float(squares.sum() / degrees.sum()) if degrees.any() else 0.0
    if within:
        part = 1 - float((1 / compared[compared > 0]).mean())
        freedom = degrees_of_repeats(squares.sum(1), degrees)
        terms.append(MeanSquare(within, freedom, part))
    if not any(term.value > 0 for term in terms):
        return NotAssessable(
            why="all runs agree, which tells nothing of how far another environment would be off",
            missing="environments whose results differ",
        )
    low, high = (end**0.5 for end in sum_of_variances(terms, _CONFIDENCE))
    return Interval(
        low=min(low, estimate), high=max(high, estimate), confidence=_CONFIDENCE, method=_METHOD
    )


_METHOD = "modified large sample, Satterthwaite's degrees of freedom"


def _between(there: np.ndarray[Any, np.dtype[np.bool_]], mean: Floats) -> list[MeanSquare]:
    """Return the variance of the means of laboratories, each compared under the same seed."""
    count = there.sum(0)
    values = np.where(there, mean, 0.0)
    lowest, highest = np.where(there, mean, np.inf).min(0), np.where(there, mean, -np.inf).max(0)
    apart = np.where(there & (lowest < highest), values - values.sum(0) / np.maximum(count, 1), 0.0)
    total = float((apart**2).sum() / np.maximum(count - 1, 0).sum())
    own = apart.sum(1) / there.sum(1)
    degrees = degrees_of_means(own)
    p, seeds = there.shape
    if seeds == 1 or not there.all():
        # Laboratories that ran with other seeds than others: at least their own degrees.
        return [MeanSquare(total, degrees, 1.0)]
    always = float((own**2).sum() / (p - 1))
    by_seed = MeanSquare(max(0.0, total - always), (p - 1.0) * (seeds - 1), 1.0)
    return [MeanSquare(min(always, total), degrees, 1.0), by_seed]


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
    software = np.array([one for one, _ in cells], dtype=object)
    hardware = [name for _, name in cells]
    found = []
    for metric in names:
        summary = _grid(runs, metric, codes, seeds, len(cells))
        for one in dict.fromkeys(software):
            here = np.flatnonzero((software == one) & (summary.n > 0).any(1))
            own = summary.take(here)
            answer = TOO_MANY if many else precision([hardware[number] for number in here], own)
            found.append(
                MetricPrecision(
                    software=one,
                    metric=metric,
                    precision=answer,
                    scale=scale(runs, metric, own),
                    against_seeds=TOO_MANY if many else against_seeds(own),
                )
            )
    return tuple(sorted(found, key=lambda one: (one.software, one.metric)))


def _grid(runs: pd.DataFrame, metric: str, codes: Integers, seeds: int, cells: int) -> Moments:
    """Return the moments of a metric in each cell (rows) with each seed (columns)."""
    flat = recorded_moments(runs, metric, codes, cells * seeds)
    return Moments(
        **{one.name: getattr(flat, one.name).reshape(cells, seeds) for one in fields(flat)}
    )


def recorded_moments(runs: pd.DataFrame, metric: str, codes: Integers, cells: int) -> Moments:
    """Return the moments of a metric in each cell, of the runs that recorded it."""
    here = frames.bits(runs, metric).notna().to_numpy()
    return moments(codes[here], frames.numbers(runs, metric)[here], cells)


def _lacking(hardware: Sequence[str], cells: Moments) -> NotAssessable | None:
    # What is beyond all numbers only as a sum is said elsewhere.
    others = (cells.low, cells.high, np.where(np.isnan(cells.mean), cells.mean, 0.0))
    wrong = [
        name
        for name, n, *ends in zip(hardware, cells.n, *others, strict=True)
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
