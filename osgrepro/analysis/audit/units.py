"""Suspects that a metric was recorded in two units (shares and percents), or is not a number.

The dataset records no units. Called by the design audit and by what puts the findings together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.audit.notes import note
from osgrepro.analysis.findings import Note, in_percent, is_share
from osgrepro.common.models import Claim
from osgrepro.common.texts import among, counted

KIND = "two units"
DOUBT = "Doubtful: a metric seems to be recorded in two units."
_FACTORS = {100.0: "shares and percents", 1000.0: "units a thousandfold apart, s and ms say"}
# The larger group, divided by the factor, must fall within this ratio of the smaller one's range.
_NEAR = 1.5
# The gap between the groups must be at least this part of the factor: a metric that spreads over
# all magnitudes has no such gap.
_GAP = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class _Groups:
    """Where the larger values begin, and how many times too large they are."""

    bound: float
    factor: float


def suspected(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield a remark for each experiment and metric whose values look like two units.

    Conservative, since a real effect may be large too. All values must be finite and positive; in
    their order there must be one gap of at least 0.3 times the factor, 100 or 1000; and the values
    above it, divided by the factor, must fall within a ratio of 1.5 of the range of those below.
    For 100 those below must be shares, in (0, 1], and those above percents, in (1, 100].

    Parameters
    ----------
    runs : pandas.DataFrame
        The runs that are ok, of all experiments.
    """
    for experiment, own in runs.groupby("experiment", sort=True, observed=True):
        for metric in frames.metrics(own):
            values = frames.numbers(own, metric)
            if scales := _groups(values):
                yield _note(str(experiment), metric, own, values, scales)


def percents(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield a remark for each metric that is an accuracy in percent, with its experiments."""
    where: dict[str, list[str]] = {}
    for experiment, own in runs.groupby("experiment", sort=True, observed=True):
        for metric in filter(is_share, frames.metrics(own)):
            values = frames.numbers(own, metric)
            known = values[np.isfinite(values) & (values != 0)]
            if len(known) and in_percent(metric, (float(known.min()), float(known.max()))):
                where.setdefault(metric, []).append(str(experiment))
    for metric, experiments in where.items():
        text = (
            f"{metric} is recorded in percent, and printed as it is; a claim about it has its "
            "number in percent, too"
        )
        yield note("recorded in percent", text, experiments)


def as_share(claim: Claim, runs: pd.DataFrame) -> Claim | None:
    """Return what a claim in percents probably means; None where its numbers are of the metric.

    Reports print accuracies in percent, and the runs record them as shares, from 0 to 1. A level
    above 1, or a difference or margin of 1 or more, is none of them.

    Parameters
    ----------
    claim : Claim
        With its numbers as they were written.
    runs : pandas.DataFrame
        Runs of all experiments.
    """
    if not is_share(claim.metric) or not max(_beyond(claim)):
        return None
    named = runs["experiment"].astype(str).isin([claim.a, claim.b or claim.a])
    values = frames.numbers(frames.ok(runs[named.to_numpy()]), claim.metric)
    known = values[np.isfinite(values)]
    if not len(known) or known.min() < 0 or known.max() > 1:
        return None
    delta, margin = _beyond(claim)
    return claim.model_copy(
        update={
            "delta": claim.delta / 100 if delta else claim.delta,
            "margin": claim.margin / 100 if margin and claim.margin else claim.margin,
        }
    )


def _beyond(claim: Claim) -> tuple[bool, bool]:
    """Whether the number and the margin of a claim are larger than any share."""
    delta = claim.delta > 1 if claim.b is None else abs(claim.delta) >= 1
    return delta, claim.margin is not None and claim.margin >= 1


def claimed(claims: Sequence[Claim], runs: pd.DataFrame) -> Iterator[Note]:
    """Yield a remark for each claim that seems to be in percents, of a metric in shares."""
    for claim in claims:
        if (meant := as_share(claim, runs)) is not None:
            text = (
                f"claim {claim.name} is about {claim.metric}, which is recorded as a share from 0 "
                f"to 1, but has the number {_numbers(claim)}: if percents are meant, write "
                f"{_numbers(meant)}"
            )
            yield Note(kind="claim in percents", text=text, where=(claim.a,))


def _numbers(claim: Claim) -> str:
    return f"{claim.delta:g}" if claim.margin is None else f"{claim.delta:g} ± {claim.margin:g}"


def no_numbers(runs: pd.DataFrame) -> Iterator[Note]:
    """Yield a remark for each experiment and metric that is NaN or infinite in some run."""
    for experiment, own in runs.groupby("experiment", sort=True, observed=True):
        for metric in frames.metrics(own):
            recorded = frames.bits(own, metric).notna().to_numpy()
            if count := int((recorded & ~np.isfinite(frames.numbers(own, metric))).sum()):
                text = (
                    f"{metric} of {experiment} is NaN or infinite in "
                    f"{among(count, len(own), 'run')} that ended well: it tells of no "
                    "result; look at the training"
                )
                yield Note(kind="no number", text=text, where=(str(experiment),))


def _groups(values: np.ndarray[Any, np.dtype[np.float64]]) -> _Groups | None:
    known = np.unique(values[~np.isnan(values)])
    if len(known) < 2 or known[0] <= 0 or not np.isfinite(known[-1]):
        return None
    gaps = known[1:] / known[:-1]
    widest = int(np.argmax(gaps))
    low, high = known[: widest + 1], known[widest + 1 :]
    for factor in _FACTORS:
        near = low[0] / _NEAR <= high[0] / factor and high[-1] / factor <= low[-1] * _NEAR
        shares = factor != 100.0 or (low[-1] <= 1 < high[0] and high[-1] <= 100)
        if near and shares and gaps[widest] >= _GAP * factor:
            return _Groups(bound=float(low[-1]), factor=factor)
    return None


def _note(experiment: str, metric: str, runs: pd.DataFrame, values: Any, scales: _Groups) -> Note:
    large = values > scales.bound
    where = runs.loc[large, ["software", "hardware"]].astype(str).drop_duplicates()
    names = tuple(sorted(", ".join(pair) for pair in where.itertuples(index=False)))
    small = int((values <= scales.bound).sum())
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    what, times = _FACTORS[scales.factor], f"about {scales.factor:.0f} times"
    text = (
        f"{metric} of {experiment} seems to be recorded in two units ({what}): its values on "
        f"{'; '.join(names[:6])}{more} ({counted(int(large.sum()), 'row')}) are {times} "
        f"those of the other {counted(small, 'row')}. Its spread, classes and claims then tell "
        "of the units and not of the hardware: record it in one unit, or analyse these runs apart."
    )
    return Note(kind=KIND, text=text, where=names[:6])
