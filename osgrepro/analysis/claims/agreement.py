"""Whether the environments give one answer to a claim, and what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osgrepro.analysis import frames
from osgrepro.analysis.claims.trials import Estimated, Trial, Trials, p_values, possible
from osgrepro.analysis.findings import (
    NO,
    NOT_ASSESSABLE,
    PARTLY,
    UNDECIDED,
    YES,
    Answer,
    Heterogeneity,
    Interval,
    MeanEffect,
    NotAssessable,
)
from osgrepro.analysis.statistics.closeness import Spread, all_within, spread, spread_by_blocks
from osgrepro.analysis.statistics.heterogeneity import (
    by_blocks,
    by_items,
    cochran,
    mean_by_blocks,
    mean_effect,
)
from osgrepro.analysis.statistics.intervals import share
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.multiplicity import holm
from osgrepro.analysis.statistics.paired import paired_items
from osgrepro.analysis.statistics.shares import ExactShare, TwoShares, mean_share
from osgrepro.analysis.statistics.tests import Estimate
from osgrepro.common.texts import counted

CONFIDENCE = 0.95
SHARES = (ExactShare, TwoShares)
# Their error is that of the test set's items, whatever the seeds are.
_OF_ITEMS = ("mcnemar", "proportions")


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreed:
    """A claim in all environments: their one answer, and what it rests on."""

    of: Trials
    answer: Answer
    heterogeneity: Heterogeneity | None
    together: MeanEffect | None


def agreed(asked: Sequence[Trials]) -> tuple[Agreed, ...]:
    """Return what the environments say together to each claim, as one family of tests."""
    means = [_mean(own) for own in asked]
    known = [
        _p_values(own, mean) for own, mean in zip(asked, means, strict=True) if mean is not None
    ]
    adjusted = iter(
        zip(holm([p for p, _ in known]), holm([against for _, against in known]), strict=True)
    )
    return tuple(
        _agreed(own, None if mean is None else _effect(own, mean, *next(adjusted)))
        for own, mean in zip(asked, means, strict=True)
    )


def _p_values(own: Trials, mean: Estimated) -> tuple[float, float]:
    """Return the p-values of a claim and its contrary on average.

    Of equivalence all effects count, and not only their mean: those that cancel are not alike.
    """
    p, against = p_values(own.claim, mean)
    about, margin = _spread(own), own.claim.margin
    if margin is not None and about is not None and isinstance(mean, Estimate):
        p = all_within(mean, about, own.claim.delta, margin)
    return p, against


def _effect(own: Trials, mean: Estimated, p: float, against: float) -> MeanEffect:
    low, high = possible(own.claim, own.cells[0], *mean.interval(own.claim.alpha))
    return MeanEffect(value=mean.value, low=low, high=high, p_holm=p, p_against=against)


def _agreed(own: Trials, together: MeanEffect | None) -> Agreed:
    spread = _heterogeneity(own)
    return Agreed(
        of=own,
        answer=_answer(own, spread, together),
        heterogeneity=spread,
        together=together,
    )


def _answer(own: Trials, spread: Heterogeneity | None, together: MeanEffect | None) -> Answer:
    """Return the environments' one answer; "partly" only where they certainly are of two minds."""
    cells, alpha = own.cells, own.claim.alpha
    holds, against = sum(cell.holds for cell in cells), sum(cell.contradicts for cell in cells)
    if not cells:
        return NOT_ASSESSABLE
    if len(cells) in (holds, against):
        return YES if holds else NO
    differ = spread is not None and spread.p < alpha
    if holds and against:
        # Of one effect only one side can be significant, after Holm but for α. The means alone may
        # scatter to both, as far as anybody knows where no error is; what is no number is none.
        tested = own.claim.test != "difference"
        odd = any(not trial.finite for trial in own.trials)
        return PARTLY if tested or odd or differ else UNDECIDED
    if together is not None and not differ:
        if together.p_holm < alpha and not against:
            return YES
        if together.p_against < alpha and not holds:
            return NO
    return UNDECIDED


def _arrays(trials: Sequence[Trial]) -> tuple[Floats, Floats, Floats] | None:
    """Return effects with the variances of their errors and their degrees, where all are known."""
    known = [trial.estimate for trial in trials if trial.estimate is not None]
    if len(known) < 2 or len(known) < len(trials):
        return None
    effects, variances, degrees = (
        np.array([getattr(estimate, name) for estimate in known], dtype=np.float64)
        for name in ("value", "variance", "degrees")
    )
    return effects, variances, degrees


def _table(own: Trials) -> Floats | None:
    """Return effects of environments × the seeds that all of them ran with, if there are two.

    Of a test of items these take the place of seeds: the same ones were drawn for all.
    """
    items = [trial.items for trial in own.trials if trial.items is not None]
    if own.claim.test == "mcnemar":
        return np.array(items) if len(items) > 1 else None
    finite = [trial for trial in own.trials if trial.finite]
    if own.claim.test == "proportions" or len(finite) < 2:
        return None
    common = set.intersection(*(set(trial.by_seed) for trial in finite))
    table = np.array([[trial.by_seed[seed] for seed in sorted(common)] for trial in finite])
    return table if len(common) > 1 and bool(np.isfinite(table).all()) else None


def _least(own: Trials) -> float:
    """Return the variance that effects have at least under one seed."""
    return float(np.mean([trial.least for trial in own.trials if trial.finite]))


def _heterogeneity(own: Trials) -> Heterogeneity | None:
    """Return whether the effects differ; None where their errors are not known.

    Repeats have no part of the error that another seed makes, so without a seed that all ran with
    nobody knows it, unless the error is that of items.
    """
    table = _table(own)
    if table is None and own.claim.test not in _OF_ITEMS and _seeds_apart(own):
        return None
    if table is not None:
        return by_items(table) if own.claim.test == "mcnemar" else by_blocks(table, _least(own))
    arrays = _arrays([trial for trial in own.trials if trial.finite])
    return None if arrays is None else cochran(*arrays)


def _seeds_apart(own: Trials) -> bool:
    """Whether seeds are known, but none with which all environments ran."""
    seeds = [set(trial.by_seed) for trial in own.trials if trial.by_seed]
    return bool(seeds) and not set.intersection(*seeds)


def _spread(own: Trials) -> Spread | None:
    """Return how far the effects are apart; None where their errors are not known."""
    table, arrays = _table(own), _arrays(own.trials)
    if table is not None:
        return spread_by_blocks(table, _least(own))
    return None if arrays is None else spread(*arrays)


def _mean(own: Trials) -> Estimated | None:
    """Return the mean effect, where each environment has one with an error and a test asks."""
    if own.claim.test == "difference" or not all(trial.finite for trial in own.trials):
        return None
    table, arrays = _table(own), _arrays(own.trials)
    if table is not None and own.claim.test == "mcnemar":
        mean: Estimated = paired_items(table.mean(0))
    elif table is not None:
        mean = mean_by_blocks(table, _least(own))
    elif arrays is None:
        return None
    elif own.claim.test == "proportions":
        mean = mean_share([t.estimate for t in own.trials if isinstance(t.estimate, SHARES)])
    else:
        mean = mean_effect(*arrays, shared=any(trial.seeded for trial in own.trials))
    return mean if mean.variance > 0 else None


def flips(own: Trials) -> tuple[int, int, int]:
    """Return how many contradict what most say, of how many that decide, on how many machines.

    What stood in for a machine is no further one.
    """
    decided = [cell for cell in own.cells if cell.holds or cell.contradicts]
    holds = sum(cell.holds for cell in decided)
    machines = {cell.hardware.removesuffix(frames.EMULATED) for cell in decided}
    return min(holds, len(decided) - holds), len(decided), len(machines)


def interval(flipped: int, decided: int, machines: int) -> Interval | NotAssessable:
    """Return the interval of the share of environments that contradict the others.

    Machines are what was drawn, not environments: one machine answers alike with the next software.
    """
    if not decided:
        return NotAssessable(
            why="no environment decides it", missing="more runs, or a larger test set"
        )
    low, high = share(flipped / decided, machines, CONFIDENCE)
    method = f"Clopper-Pearson, {counted(machines, 'hardware environment')}"
    return Interval(low=low, high=high, confidence=CONFIDENCE, method=method)
