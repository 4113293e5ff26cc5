"""Claims put to the test: each one's answer in every environment, and how far they agree."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from osgrepro.analysis.adequacy import environments_needed
from osgrepro.analysis.claims import agreement
from osgrepro.analysis.claims.alternatives import instead, same_answer
from osgrepro.analysis.claims.samples import Place
from osgrepro.analysis.claims.trials import Trials, put_to_trial, told_together
from osgrepro.analysis.examples import LabelReader
from osgrepro.analysis.findings import (
    NO,
    TIED,
    YES,
    ClaimFindings,
    ExperimentFindings,
    Outcomes,
    SameAnswer,
)
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Claim
from osgrepro.common.texts import among

Classes = Mapping[tuple[str, str, str], tuple[str, ...]]


def claims(
    runs: pd.DataFrame,
    experiments: Sequence[ExperimentFindings],
    declared: Sequence[Claim],
    labels: LabelReader | None = None,
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
    labels : callable, optional
        Reads labels by their hash, for McNemar's test.

    Raises
    ------
    UsageError
        If a claim of equivalence has no margin, or another one has one, if a number of it is not
        finite, or it compares an experiment with itself.
    """
    if not declared:
        return ()
    for claim in declared:
        _check(claim)
    named = {name for claim in declared for name in (claim.a, claim.b) if name is not None}
    own = {name: runs[runs["experiment"].astype(str) == name] for name in named}
    classes = _classes(experiments)
    exact = {experiment.name: _exact(experiment) for experiment in experiments}
    rephrased = [list(instead(claim, own)) for claim in declared]
    # Each claim, then what is asked in its place: all their tests are one family.
    asked = [
        put_to_trial(question, own, exact, labels)
        for claim, ways in zip(declared, rephrased, strict=True)
        for question in (claim, *(way for _, way in ways if way is not None))
    ]
    corrected, tests = told_together(asked)
    answers = iter(agreement.agreed(corrected))
    judged = []
    for ways in rephrased:
        answer = next(answers)
        same = {
            name: same_answer(answer, None if way is None else next(answers)) for name, way in ways
        }
        judged.append(_findings(answer, same, classes, tests))
    return tuple(judged)


def _check(claim: Claim) -> None:
    margin, equivalence = claim.margin, claim.test == "equivalence"
    fits = margin is not None and 0 < margin < math.inf if equivalence else margin is None
    if not fits:
        raise UsageError(
            f"claim {claim.name}: test {claim.test!r} with margin {margin}",
            hint="give equivalence a finite margin above 0, and other tests none",
        )
    if claim.test == "mcnemar" and (claim.b is None or claim.delta != 0):
        raise UsageError(
            f"claim {claim.name}: test 'mcnemar' compares a with b on the same items",
            hint="give it b, and a delta of 0",
        )
    if not math.isfinite(claim.delta):
        raise UsageError(f"claim {claim.name}: delta {claim.delta}", hint="give a finite number")
    for alternative in claim.alternatives:
        numbers = {"delta": alternative.delta, "margin": alternative.margin}
        for name, number in numbers.items():
            if number is not None and not math.isfinite(number):
                raise UsageError(
                    f"claim {claim.name}: an alternative has {name} {number}",
                    hint="give a finite number",
                )
    if claim.a == claim.b:
        raise UsageError(
            f"claim {claim.name}: compares {claim.a} with itself",
            hint="repeats of one experiment are compared without a claim",
        )


def _exact(experiment: ExperimentFindings) -> Collection[Place]:
    """Return the cells whose runs are all of one class, where classes tell all runs apart.

    Those by labels or by counts of items alone do not: runs that differ may tie in them.
    """
    known = experiment.outcomes
    if not isinstance(known, Outcomes) or known.grade == "O2" or experiment.only_counts:
        return ()
    return {
        (cell.software, cell.hardware)
        for cell in experiment.cells
        if cell.repeatability == TIED
        and not cell.unseeded
        and list(cell.classes.values()) == [cell.ok]
    }


def _classes(experiments: Sequence[ExperimentFindings]) -> Classes:
    """Return the letters of every experiment in each environment; none where chance gave them."""
    return {
        (experiment.name, cell.software, cell.hardware): tuple(sorted(cell.classes))
        if not cell.unseeded
        else ()
        for experiment in experiments
        for cell in experiment.cells
    }


def _findings(
    judged: agreement.Agreed, same: Mapping[str, SameAnswer], classes: Classes, tests: int
) -> ClaimFindings:
    own, claim = judged.of, judged.of.claim
    flipped, decided, machines = agreement.flips(own)
    share = flipped / decided if decided else None
    distinct = _distinct(own, classes)
    return ClaimFindings(
        name=claim.name,
        statement=statement(claim),
        answer=judged.answer,
        holds=sum(cell.holds for cell in own.cells),
        environments=len(own.cells),
        distinct=distinct,
        flips=flipped,
        share=share,
        interval=agreement.interval(flipped, decided, machines),
        disagree=None if share is None else 2 * share * (1 - share),
        needed=None if share is None else environments_needed(share),
        cells=own.cells,
        alternatives=same,
        text=_text(judged, distinct),
        delta=claim.delta,
        below=claim.below,
        test=claim.test,
        unjudged=own.unjudged,
        metric=claim.metric,
        against=sum(cell.contradicts for cell in own.cells),
        machines=machines,
        heterogeneity=judged.heterogeneity,
        together=judged.together,
        alpha=claim.alpha,
        tests=tests,
        margin=claim.margin,
        divided=sum(cell.divided for cell in own.cells),
    )


def _distinct(own: Trials, classes: Classes) -> int:
    """Return how many of the environments differ in the classes of what they compare.

    One that has no class on some side, or runs that nothing seeded, is known to be like no other.
    """
    sides = [name for name in (own.claim.a, own.claim.b) if name is not None]
    known = [
        tuple(classes.get((name, cell.software, cell.hardware), ()) for name in sides)
        for cell in own.cells
    ]
    placed = [letters for letters in known if all(letters)]
    return len(set(placed)) + len(known) - len(placed)


def statement(claim: Claim) -> str:
    """Return a claim as a formula, with its test."""
    sides = f"{claim.a}.{claim.metric}"
    if claim.b is not None:
        sides += f" − {claim.b}.{claim.metric}"
    how = "" if claim.test == "difference" else f" ({claim.test}, α = {_exactly(claim.alpha)})"
    if claim.margin is not None:
        return f"{sides} = {_exactly(claim.delta)} ± {_exactly(claim.margin)}{how}"
    return f"{sides} {'<' if claim.below else '>'} {_exactly(claim.delta)}{how}"


def _exactly(number: float) -> str:
    """Return a number with all the digits that tell it from every other one."""
    return repr(float(number)).removesuffix(".0")


def _text(judged: agreement.Agreed, distinct: int) -> str:
    own, cells, claim = judged.of, judged.of.cells, judged.of.claim
    if not cells:
        return f"No environment can judge it: {_missing(own)}."
    holds, against = sum(cell.holds for cell in cells), sum(cell.contradicts for cell in cells)
    text = f"Holds in {among(holds, len(cells), 'environment')}"
    if undecided := len(cells) - holds - against:
        text += f", {against or 'none'} contradict{'s' if against <= 1 else ''} it, and {undecided}"
        text += f" {'is' if undecided == 1 else 'are'} undecided"
        if judged.answer in (YES, NO):
            text += f"; on average over all it {'holds' if judged.answer == YES else 'does not'}"
    if distinct < len(cells):
        differ = f"{distinct} differ in their outcome classes"
        text += f"; of these {len(cells)}, {'all end alike' if distinct == 1 else differ}"
    if odd := sum(not trial.finite for trial in own.trials):
        text += f"; in {odd} a run ended in NaN or an infinite value, where it does not hold"
    tied = sum(cell.p is None for cell in cells) - odd
    if tied and claim.test != "difference":
        text += f"; in {tied} there is no spread to test with, so that the means decide"
    if divided := sum(cell.divided for cell in cells):
        text += f"; in {divided} of them single runs are on both sides, and their mean decides"
    if own.unjudged:
        text += f"; {own.unjudged} more can't judge it: {_missing(own)}"
    return f"{text}."


def _missing(own: Trials) -> str:
    """Return what the environments lack that can't judge a claim."""
    claim = own.claim
    sides = claim.a if claim.b is None else f"{claim.a} and {claim.b}"
    spread = ", two runs of each whose spread can be told"
    if own.unlike:
        spread = (
            " with two seeds in each environment, the same ones in all: where several ran, "
            "repeats of a seed count as one run"
        )
    needs = {
        "difference": "",
        "welch": spread,
        "equivalence": spread,
        "proportions": " as a share from 0 to 1, not in percent, and the size of its test set",
        "mcnemar": ", with a seed and the labels of the same test items",
    }
    return f"it takes runs of {sides} that recorded {claim.metric}{needs[claim.test]}"
