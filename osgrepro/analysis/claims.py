"""Claims: does a conclusion get the same answer in every environment, and by other measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from osgrepro.analysis import frames
from osgrepro.analysis.adequacy import environments_needed
from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.findings import (
    NO,
    NOT_ASSESSABLE,
    PARTLY,
    YES,
    Answer,
    ClaimCell,
    ClaimFindings,
    ExperimentFindings,
    Interval,
    NotAssessable,
)
from osgrepro.analysis.seeds import crossed
from osgrepro.analysis.statistics.moments import Floats, Integers, moments
from osgrepro.analysis.statistics.tests import Sample, exceeds, proportions, welch
from osgrepro.common.models import Alternative, Claim

_TESTS = {"welch": welch, "proportions": proportions}
Place = tuple[str, str]
CONFIDENCE = 0.95


Samples = Mapping[Place, Sample]


def claims(
    runs: pd.DataFrame, experiments: Sequence[ExperimentFindings], declared: Sequence[Claim]
) -> tuple[ClaimFindings, ...]:
    """Return each claim's answer in every environment, and how much they agree.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs of all experiments, as for :func:`osgrepro.analysis.analyze`.
    experiments : sequence of ExperimentFindings
        What was found of them: their outcome classes tell which environments are twins.
    declared : sequence of Claim
        The claims.
    """
    if not declared:
        return ()
    named = {one for claim in declared for one in (claim.a, claim.b) if one is not None}
    own = {name: runs[runs["experiment"].astype(str) == name] for name in named}
    seen = {
        (experiment.name, cell.software, cell.hardware): tuple(sorted(cell.classes))
        for experiment in experiments
        for cell in experiment.cells
    }
    return tuple(_claim(claim, own, seen) for claim in declared)


def _claim(
    claim: Claim,
    runs: Mapping[str, pd.DataFrame],
    seen: Mapping[tuple[str, str, str], tuple[str, ...]],
) -> ClaimFindings:
    cells, aside = _cells(claim, runs)
    holds = sum(cell.holds for cell in cells)
    flips = min(holds, len(cells) - holds)
    classes = {
        tuple(
            seen.get((name, cell.software, cell.hardware), ())
            for name in (claim.a, claim.b)
            if name is not None
        )
        for cell in cells
    }
    share = flips / len(cells) if cells else None
    own = {(cell.software, cell.hardware): cell.holds for cell in cells}
    return ClaimFindings(
        name=claim.name,
        statement=statement(claim),
        answer=_answer(holds, len(cells)),
        holds=holds,
        environments=len(cells),
        distinct=len(classes),
        flips=flips,
        share=share,
        interval=_interval(flips, len(cells)),
        disagree=None if share is None else 2 * share * (1 - share),
        needed=None if share is None else environments_needed(share),
        cells=tuple(cells),
        alternatives={
            _named(claim, other): _alternative(claim, other, runs, own)
            for other in claim.alternatives
        },
        text=_text(claim, cells, len(classes), aside),
        delta=claim.delta,
        below=claim.below,
        test=claim.test,
        unjudged=aside,
        metric=claim.metric,
    )


def statement(claim: Claim) -> str:
    """Return a claim as a formula, with its test."""
    sides = f"{claim.a}.{claim.metric}"
    if claim.b is not None:
        sides += f" − {claim.b}.{claim.metric}"
    how = "" if claim.test == "difference" else f" ({claim.test}, α = {claim.alpha:g})"
    return f"{sides} {'<' if claim.below else '>'} {claim.delta:g}{how}"


def _cells(claim: Claim, runs: Mapping[str, pd.DataFrame]) -> tuple[list[ClaimCell], int]:
    """Return the claim where it can be judged, and how many environments can't judge it."""
    first = _samples(frames.ok(runs[claim.a]), claim.metric)
    second = None if claim.b is None else _samples(frames.ok(runs[claim.b]), claim.metric)
    places = sorted(set(first) if second is None else set(first) & set(second))
    # Those whose runs all failed, too: they do not speak for the claim.
    every = set(_places(runs[claim.a]))
    every |= set(_places(runs[claim.b])) if claim.b is not None else set()
    found = [
        cell
        for place in places
        if (cell := _cell(claim, place, first[place], second[place] if second else None))
    ]
    return found, len(every) - len(found)


def _places(runs: pd.DataFrame) -> list[Place]:
    return cell_codes(runs)[1] if len(runs) else []


def _samples(runs: pd.DataFrame, metric: str) -> Samples:
    """Return the metric in each cell that recorded it; NaN where a run ended in no number."""
    if not len(runs) or f"metric.{metric}" not in runs:
        return {}
    codes, places = cell_codes(runs)
    values, here = frames.numbers(runs, metric), frames.bits(runs, metric).notna().to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        double = here & (values.astype(np.float32) != values)
    odd = np.bincount(codes[double], minlength=len(places)) > 0
    found = moments(*_independent(codes, values, here, runs), len(places))
    items = frames.column(runs, "test_set").groupby(codes).first().reindex(range(len(places)))
    return {
        place: Sample(
            n=int(found.n[number]),
            mean=float(found.mean[number]),
            variance=float(found.squares[number] / (found.n[number] - 1))
            if found.n[number] > 1
            else float("nan"),
            items=None if pd.isna(items[number]) else float(items[number]),
            single=not odd[number],
        )
        for number, place in enumerate(places)
        if found.n[number]
    }


def _independent(
    codes: Integers, values: Floats, here: np.ndarray[Any, np.dtype[np.bool_]], runs: pd.DataFrame
) -> tuple[Integers, Floats]:
    """Return the cell and the value of each seed: its repeats are no further evidence."""
    both, seeds = crossed(codes, runs)
    if seeds == 1:
        return codes[here], values[here]
    group, groups = pd.factorize(both[here])
    return (groups // seeds).astype(np.int64), moments(group, values[here], len(groups)).mean


def _cell(claim: Claim, place: Place, a: Sample, b: Sample | None) -> ClaimCell | None:
    """Return the claim in one environment, or None where its test can't be done there."""
    difference = a.mean - (b.mean if b else 0.0)
    sign = -1.0 if claim.below else 1.0
    p = None
    holds = exceeds(a, b, claim.delta, sign)
    if claim.test != "difference" and np.isfinite(difference):
        p = _TESTS[claim.test](a, b, claim.delta, sign)
        if p is None:
            return None
        holds = p < claim.alpha if np.isfinite(p) else holds
    return ClaimCell(
        software=place[0],
        hardware=place[1],
        a=a.mean,
        b=b.mean if b else None,
        difference=difference,
        holds=bool(holds),
        p=p if p is not None and np.isfinite(p) else None,
    )


def _answer(holds: int, environments: int) -> Answer:
    if not environments:
        return NOT_ASSESSABLE
    return YES if holds == environments else PARTLY if holds else NO


def _interval(flips: int, environments: int) -> Interval | NotAssessable:
    """Return Clopper and Pearson's interval of the share of flips."""
    if not environments:
        return NotAssessable(why="no environment can judge it", missing="runs of its experiments")
    found = stats.binomtest(flips, environments).proportion_ci(CONFIDENCE, method="exact")
    return Interval(
        low=float(found.low),
        high=float(found.high),
        confidence=CONFIDENCE,
        method="Clopper-Pearson",
    )


def _text(claim: Claim, cells: Sequence[ClaimCell], distinct: int, aside: int) -> str:
    if not cells:
        return f"No environment can judge it: {_missing(claim)}."
    text = f"Holds in {sum(cell.holds for cell in cells)} of {len(cells)} environments"
    if distinct < len(cells):
        text += f", of which {distinct} differ in their outcome classes"
    if odd := sum(not np.isfinite(cell.difference) for cell in cells):
        text += f"; in {odd} a run ended in NaN or an infinite value, where it does not hold"
    tied = sum(cell.p is None and np.isfinite(cell.difference) for cell in cells)
    if tied and claim.test != "difference":
        text += f"; in {tied} there is no spread to test with, so that the means decide"
    if aside:
        text += f"; {aside} more can't judge it: {_missing(claim)}"
    return f"{text}."


def _missing(claim: Claim) -> str:
    sides = claim.a if claim.b is None else f"{claim.a} and {claim.b}"
    needs = {
        "difference": "",
        "welch": ", two runs of each",
        "proportions": ", and the size of its test set",
    }
    return f"it takes runs of {sides} that recorded {claim.metric}{needs[claim.test]}"


def _alternative(
    claim: Claim,
    alternative: Alternative,
    runs: Mapping[str, pd.DataFrame],
    own: Mapping[Place, bool],
) -> bool | None:
    """Return whether each environment answers as it answers the claim, when asked otherwise.

    None where some of those that judge the claim can't be asked, and the others do not differ.
    """
    asked = {
        (cell.software, cell.hardware): cell.holds
        for one in _instead(claim, alternative, runs)
        for cell in _cells(one, runs)[0]
    }
    if any(asked[place] != holds for place, holds in own.items() if place in asked):
        return False
    return True if own and set(own) <= set(asked) else None


def _instead(
    claim: Claim, alternative: Alternative, runs: Mapping[str, pd.DataFrame]
) -> Iterator[Claim]:
    changes: dict[str, object] = dict(_given(alternative))
    if alternative.baseline:
        baselines = frames.column(frames.ok(runs[claim.a]), "baseline").dropna().unique()
        if len(baselines) != 1:
            return
        changes.update(b=None, delta=float(baselines[0]), below=False)
    yield claim.model_copy(update=changes)


def _named(claim: Claim, alternative: Alternative) -> str:
    said = [f"{key} {value}" for key, value in _given(alternative).items()]
    return ", ".join(
        [*said, *([f"{claim.a} against the trivial model"] if alternative.baseline else [])]
    )


def _given(alternative: Alternative) -> dict[str, str | float]:
    """Return what an alternative asks otherwise; a dataset's claims spell out what is not given."""
    given = {"metric": alternative.metric, "test": alternative.test, "delta": alternative.delta}
    return {key: value for key, value in given.items() if value is not None}
