"""A claim put to the test in each environment by itself: what its runs say, before all are told."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.claims.paired import paired
from osgrepro.analysis.claims.samples import Place, lent, places, samples
from osgrepro.analysis.examples import LabelReader
from osgrepro.analysis.findings import ClaimCell, is_share
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.multiplicity import holm
from osgrepro.analysis.statistics.paired import PairedItems, paired_items
from osgrepro.analysis.statistics.shares import ExactShare, TwoShares
from osgrepro.analysis.statistics.tests import (
    Estimate,
    Sample,
    exceeds,
    proportions,
    welch,
)
from osgrepro.common.models import Claim

Estimated = Estimate | ExactShare | TwoShares | PairedItems


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A claim in one environment: what the means say, and what it takes to test them.

    ``estimate`` is None where the error of the difference is not known. ``seeded`` says that what
    was drawn are seeds, which other environments may have drawn as well. ``items`` has the
    difference of each test item, where the test is of items. ``least`` is the variance that the
    difference of two runs has at least, although several may tie.
    """

    cell: ClaimCell
    estimate: Estimated | None
    by_seed: Mapping[str, float]
    seeded: bool = False
    items: Floats | None = None
    least: float = 0.0

    @property
    def finite(self) -> bool:
        """Whether the difference is a number."""
        return math.isfinite(self.cell.difference)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trials:
    """A claim in all environments, and how many have no run that can judge it.

    ``unlike`` says that some of these have repeats of one seed, and others ran with other seeds.
    """

    claim: Claim
    trials: tuple[Trial, ...]
    unjudged: int
    unlike: bool = False

    @property
    def cells(self) -> tuple[ClaimCell, ...]:
        """The environments' answers."""
        return tuple(trial.cell for trial in self.trials)


def put_to_trial(
    claim: Claim,
    runs: Mapping[str, pd.DataFrame],
    exact: Mapping[str, Collection[Place]],
    labels: LabelReader | None = None,
) -> Trials:
    """Return a claim where it can be judged, with the p-values of each environment by itself.

    ``exact`` are the cells of each experiment whose runs are all of one outcome class.
    """

    def of(name: str) -> Mapping[Place, Sample]:
        return samples(frames.ok(runs[name]), claim.metric, exact.get(name, ()))

    first, second = of(claim.a), None if claim.b is None else of(claim.b)
    if claim.test == "difference":
        first, second = lent(first), None if second is None else lent(second)
    shared = sorted(set(first) if second is None else set(first) & set(second))
    # Those whose runs all failed, too: they do not speak for the claim.
    every = set(places(runs[claim.a]))
    every |= set(places(runs[claim.b])) if claim.b is not None else set()
    items = paired(claim, runs, labels) if claim.test == "mcnemar" else {}
    judged = [
        own
        for place in shared
        if (
            own := trial(
                claim, place, first[place], second[place] if second else None, items.get(place)
            )
        )
    ]
    decided = {(own.cell.software, own.cell.hardware) for own in judged}
    unlike = any(
        sample.n == 1 and sample.by_seed
        for side in (first, second or {})
        for place, sample in side.items()
        if place not in decided
    )
    return Trials(
        claim=claim, trials=tuple(judged), unjudged=len(every) - len(judged), unlike=unlike
    )


def trial(
    claim: Claim, place: Place, a: Sample, b: Sample | None, items: Floats | None = None
) -> Trial | None:
    """Return the claim in one environment, or None where its test can't be done there.

    ``items`` says how often a is right on each item less how often b is, where labels are known.
    """
    holds = _by_means(claim, a, b)
    cell = ClaimCell(
        software=place[0],
        hardware=place[1],
        a=a.mean,
        b=b.mean if b else None,
        difference=a.mean - (b.mean if b else 0.0),
        holds=holds,
        contradicts=not holds,
        lowest=_known(a.low - (b.high if b else 0.0)),
        highest=_known(a.high - (b.low if b else 0.0)),
        divided=claim.test == "difference" and _divided(claim, a, b),
    )
    by_seed = {
        seed: value - (b.by_seed[seed] if b else 0.0)
        for seed, value in a.by_seed.items()
        if b is None or seed in b.by_seed
    }
    if not math.isfinite(cell.difference):
        return Trial(cell=cell, estimate=None, by_seed={})
    estimate = _estimated(claim, a, b, items)
    if claim.test != "difference" and estimate is None:
        return None
    # A variance of few runs is far too small now and then; where cells are added up it evens out.
    alone = welch(a.guarded, b and b.guarded) if claim.test in _OF_RUNS else estimate
    if claim.test != "difference" and alone and alone.variance > 0:
        low, high = alone.interval(claim.alpha)
        p, against = p_values(claim, alone)
        low, high = possible(claim, cell, low, high)
        cell = replace(cell, p=p, p_against=against, low=low, high=high)
    return Trial(
        cell=cell,
        estimate=estimate,
        by_seed=by_seed,
        seeded=bool(a.by_seed) or bool(b and b.by_seed),
        items=items,
        least=a.least + (b.least if b else 0.0),
    )


def _estimated(claim: Claim, a: Sample, b: Sample | None, items: Floats | None) -> Estimated | None:
    """Return the difference as the claim's test takes it; None where it can't."""
    if claim.test == "mcnemar":
        # Labels that don't make the difference of the metric are not those that it is of.
        difference = a.mean - (b.mean if b else 0.0)
        if items is None or abs(items.mean() - difference) * len(items) > _PART_OF_AN_ITEM:
            return None
        return paired_items(items)
    return proportions(a, b) if claim.test == "proportions" else welch(a, b)


_PART_OF_AN_ITEM = 0.5
_OF_RUNS = ("welch", "equivalence")


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _divided(claim: Claim, a: Sample, b: Sample | None) -> bool:
    """Whether single runs, the most extreme ones, answer a claim in both ways."""
    low, high = (replace(a, mean=end) for end in (a.low, a.high))
    if b is None:
        return _by_means(claim, low, None) != _by_means(claim, high, None)
    below, above = (replace(b, mean=end) for end in (b.low, b.high))
    return _by_means(claim, low, above) != _by_means(claim, high, below)


def possible(claim: Claim, cell: ClaimCell, low: float, high: float) -> tuple[float, float]:
    """Return an interval without what no share, and no difference of two, can be."""
    if not is_share(claim.metric) or any(not 0 <= side <= 1 for side in (cell.a, cell.b or 0.0)):
        return low, high
    return max(low, 0.0 if cell.b is None else -1.0), min(high, 1.0)


def _by_means(claim: Claim, a: Sample, b: Sample | None) -> bool:
    if claim.margin is not None:
        above = exceeds(a, b, claim.delta, 1.0, -claim.margin)
        return above and exceeds(a, b, claim.delta, -1.0, claim.margin)
    return exceeds(a, b, claim.delta, -1.0 if claim.below else 1.0)


def p_values(claim: Claim, estimate: Estimated) -> tuple[float, float]:
    """Return the one-sided p-values of a claim and of its contrary.

    Notes
    -----
    Equivalence is two one-sided tests at once: D. J. Schuirmann, Journal of Pharmacokinetics and
    Biopharmaceutics 15, 657 (1987). Its contrary may be on either side, so that it counts twice.
    """
    if claim.margin is not None:
        low, high = claim.delta - claim.margin, claim.delta + claim.margin
        outside = min(estimate.below(low), estimate.above(high))
        return max(estimate.above(low), estimate.below(high)), min(1.0, 2 * outside)
    above, below = estimate.above(claim.delta), estimate.below(claim.delta)
    return (below, above) if claim.below else (above, below)


def told_together(asked: Sequence[Trials]) -> tuple[tuple[Trials, ...], int]:
    """Return the same with what all tests together decide, and how many tests there are.

    An environment holds or contradicts only where that is significant among all tests: of all
    environments of all claims, and of what is asked in their place. Otherwise it is undecided.
    """
    tested = [cell for own in asked for cell in own.cells if cell.p is not None]
    both = (
        holm([cell.p if cell.p is not None else 1.0 for cell in tested]),
        holm([cell.p_against if cell.p_against is not None else 1.0 for cell in tested]),
    )
    adjusted = iter(zip(*both, strict=True))
    corrected = tuple(
        replace(
            own,
            trials=tuple(
                trial
                if trial.cell.p is None
                else replace(trial, cell=_decided(trial.cell, own.claim.alpha, *next(adjusted)))
                for trial in own.trials
            ),
        )
        for own in asked
    )
    return corrected, len(tested)


def _decided(cell: ClaimCell, alpha: float, p: float, against: float) -> ClaimCell:
    return replace(cell, holds=p < alpha, contradicts=against < alpha, p_holm=p, p_against=against)
