"""Verdicts: one word and one sentence for each level of reproducibility."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from osgrepro.analysis.cells import moving_share
from osgrepro.analysis.findings import (
    NO,
    NONDETERMINISTIC,
    NOT_ASSESSABLE,
    PARTLY,
    TIED,
    UNDECIDED,
    YES,
    Answer,
    ClaimFindings,
    ExperimentFindings,
    Grade,
    Interval,
    NotAssessable,
    Outcomes,
    Verdict,
    counted_words,
)

_UNCLAIMED = "No claim was declared, so whether a conclusion survives can't be said."
_NO_ALTERNATIVE = "No claim was declared with alternatives, other ways to come to its answer."
_GRADES: dict[Grade, str] = {
    "O0": "final weights",
    "O1": "predictions",
    "O2": "predicted labels",
    "O3": "metrics",
}


def verdicts(
    experiments: Sequence[ExperimentFindings],
    claims: Sequence[ClaimFindings] = (),
    doubt: str | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdict of each level; without a claim the upper two can't be given.

    A ``doubt`` about the metrics stands in all that compare them between environments.
    """
    compared = (_outcome(experiments), _analysis(claims), _interpretation(claims))
    return (
        _repeatability(experiments),
        *(
            replace(one, text=f"{one.text} {doubt}")
            if doubt and one.answer != NOT_ASSESSABLE
            else one
            for one in compared
        ),
    )


def _analysis(claims: Sequence[ClaimFindings]) -> Verdict:
    """Return whether each claim has the same answer, yes or no, in every environment."""
    known = [claim for claim in claims if claim.environments > 1]
    if not known:
        text = _UNCLAIMED if not claims else "No claim can be judged in two environments."
        return Verdict(level="analysis", answer=NOT_ASSESSABLE, text=text)
    same = [one for one in known if one.answer in (YES, NO)]
    whole = [one for one in same if not one.unjudged]
    lines = [_claimed(one) for one in known]
    if unknown := len(claims) - len(known):
        lines.append(f"{_count(unknown, 'claim')} can't be judged")
    apart = any(claim.answer == PARTLY for claim in known)
    open_ = any(claim.answer == UNDECIDED for claim in known)
    if not apart and (open_ or not same):
        answer: Answer = UNDECIDED
    else:
        answer = _answer(len(whole) < len(claims), bool(same or apart))
    says = _same_answer(known) if answer == YES else ""
    return Verdict(level="analysis", answer=answer, text=f"{'; '.join(lines)}.", says=says)


def _same_answer(claims: Sequence[ClaimFindings]) -> str:
    """Return what the same answer is, of claims that each have one."""
    if any(claim.environments not in (claim.holds, claim.against) for claim in claims):
        return "on average the same, and no environment contradicts it"
    if all(claim.answer == YES for claim in claims):
        return "the same answer everywhere: it holds"
    if all(claim.answer == NO for claim in claims):
        return "the same answer everywhere: it does not hold"
    return "the same answers everywhere"


def _claimed(claim: ClaimFindings) -> str:
    text = f"{claim.statement} holds in "
    if claim.environments in (claim.holds, claim.against):
        text += f"{'all' if claim.holds else 'none'} of {claim.environments}"
    else:
        text += f"{claim.holds} of {claim.environments} environments"
        if undecided := claim.environments - claim.holds - claim.against:
            against = "none" if not claim.against else claim.against
            text += f", {against} contradict{'s' if claim.against <= 1 else ''} it, and "
            text += f"{undecided} {'is' if undecided == 1 else 'are'} undecided"
            if claim.answer in (YES, NO):
                text += f"; on average over all it {'holds' if claim.answer == YES else 'does not'}"
        elif claim.answer == UNDECIDED:
            text += ", which may be the scatter of repeats"
    if claim.unjudged:
        text += f", and {claim.unjudged} can't judge it"
    if not claim.flips and isinstance(claim.interval, Interval):
        high = f"{claim.interval.high * 100:.3g} %"
        text += f" (on up to {high} of all machines like these it may be otherwise)"
    return text


def _interpretation(claims: Sequence[ClaimFindings]) -> Verdict:
    """Return whether the claims' answers stay the same by the alternatives declared for them."""
    asked = [
        (claim, name, same)
        for claim in claims
        for name, same in claim.alternatives.items()
        if same is not None and claim.environments > 1
    ]
    if not asked:
        declared = any(claim.alternatives for claim in claims)
        text = "No alternative was declared that can be judged." if declared else _NO_ALTERNATIVE
        return Verdict(level="interpretation", answer=NOT_ASSESSABLE, text=text)
    told = sum(len(claim.alternatives) for claim in claims)
    same = [one for one in asked if one[2] is True]
    other = "; ".join(
        f"not with {name} ({one.statement})" for one, name, agrees in asked if agrees is False
    )
    text = f"The same answer everywhere by {len(same)} of {_count(len(asked), 'alternative')}"
    if open_ := sum(agrees == UNDECIDED for *_, agrees in asked):
        text += f"; {open_} {'is' if open_ == 1 else 'are'} undecided"
    if told > len(asked):
        text += f"; {told - len(asked)} more can't be judged"
    answer = _answer(len(same) < told, bool(same))
    if not other and (open_ or not same):
        answer = UNDECIDED
    return Verdict(
        level="interpretation",
        answer=answer,
        text=f"{text}{f'; {other}' if other else ''}.",
    )


def _repeatability(experiments: Sequence[ExperimentFindings]) -> Verdict:
    cells = [cell for experiment in experiments for cell in experiment.cells]
    coarse = [experiment for experiment in experiments if experiment.only_counts]
    told = [
        cell
        for experiment in experiments
        for cell in experiment.cells
        if cell.repeatability != TIED or experiment not in coarse
    ]
    vague = len(told) < len(cells)
    tied = [cell for cell in told if cell.repeatability == TIED]
    moved = sum(cell.repeatability == NONDETERMINISTIC for cell in told)
    unknown = len(cells) - len(tied) - moved
    if not tied and not moved:
        text = _merged(coarse) if vague else "No cell has two runs that can be compared."
        return Verdict(level="repeatability", answer=NOT_ASSESSABLE, text=text)
    count = len(tied) + moved
    text = f"Repeats agree to the last bit in {len(tied)} of {_count(count, 'cell')}"
    if share := moving_share(told):
        ends = f"{share.low * 100:.2g} and {share.high * 100:.3g} %"
        text += f" ({moved / count * 100:.3g} % of such cells do not; between {ends} of all may)"
    if bounds := [cell.p_upper for cell in tied if cell.p_upper is not None]:
        text += (
            f"; of {'each of these' if len(tied) > 1 else 'this one'}, taken alone, a further run "
            f"differs with a probability of at most {max(bounds) * 100:.3g} % (95 % confidence)"
        )
    if unknown:
        why = f", some since only {_counted(coarse)} were recorded of them" if vague else ""
        text += f"; {_count(unknown, 'cell')} can't be judged{why}"
    return Verdict(
        level="repeatability",
        answer=_answer(bool(moved or unknown), bool(tied)),
        text=f"{text}.",
    )


def _outcome(experiments: Sequence[ExperimentFindings]) -> Verdict:
    judged = [
        (experiment, experiment.outcomes) for experiment in experiments if _compared(experiment)
    ]
    merged = [one for one, found in judged if _merges(one, found)]
    known = [
        (one, found) for one, found in judged if isinstance(found, Outcomes) and one not in merged
    ]
    if not known:
        text = (
            _merged(merged)
            if merged
            else "No experiment has comparable results from two environments."
        )
        return Verdict(level="outcome", answer=NOT_ASSESSABLE, text=text)
    same = [one for one, found in known if _finest(found) and not _untold(one)]
    coarser = [one for one, found in known if any(grade.same for grade in found.grades)]
    lines = [
        f"{one.name}: {_partition(found, coarse=one.only_counts)}{_untold(one)}"
        for one, found in known[:_SHOWN]
    ]
    if len(known) > _SHOWN:
        lines.append(f"{_count(len(known) - _SHOWN, 'more experiment')}")
    if any(len({cell.software for cell in one.cells if cell.ok}) > 1 for one, _ in known):
        lines.append("all software environments together")
    unknown = len(experiments) - len(known)
    if unknown:
        lines.append(f"{_count(unknown, 'experiment')} can't be judged")
    answer = _answer(len(same) < len(known) or bool(unknown), bool(coarser))
    return Verdict(level="outcome", answer=answer, text=f"{'; '.join(lines)}.")


def _counted(experiments: Sequence[ExperimentFindings]) -> str:
    return counted_words({metric for own in experiments for metric in own.metrics})


def _merged(experiments: Sequence[ExperimentFindings]) -> str:
    """Return why nothing tells whether the runs of experiments that agree are the same."""
    what = _counted(experiments)
    same = "accuracy" if what == "accuracies" else "ones"
    return (
        f"Only {what} were recorded, and they agree; runs that differ may have the same {same}: "
        "a loss, predictions or weights would tell."
    )


def _merges(experiment: ExperimentFindings, found: Outcomes | NotAssessable) -> bool:
    """Whether all there is to agree are counts, accuracies say, which differing outcomes share."""
    return isinstance(found, Outcomes) and experiment.only_counts and _finest(found)


# Experiments that a verdict names; the others are counted.
_SHOWN = 8


def _untold(experiment: ExperimentFindings) -> str:
    """Return what of an experiment is in no class, for a sentence; nothing where all is."""
    lacking = sum(not cell.classes for cell in experiment.cells)
    found = experiment.outcomes
    unplaced = found.unplaced if isinstance(found, Outcomes) else 0
    told = [f"{_count(lacking, 'cell')} without a class"] if lacking else []
    told += [f"{_count(unplaced, 'run')} in none"] if unplaced else []
    return f" ({', '.join(told)})" if told else ""


def _compared(experiment: ExperimentFindings) -> bool:
    return sum(cell.ok > 0 for cell in experiment.cells) > 1


def _finest(outcomes: Outcomes) -> bool:
    return any(one.same for one in outcomes.grades if one.grade == outcomes.grade)


def _partition(outcomes: Outcomes, *, coarse: bool) -> str:
    classes = _count(len(outcomes.classes), "outcome class", "outcome classes")
    text = f"{classes} by {_of(outcomes.grade)}"
    if outcomes.seed_ignored:
        ends = f"{outcomes.seeds} seeds end {'alike' if coarse else 'in the same bits'}"
        return f"{text}; {ends}, so that the seed seems to be ignored"
    if outcomes.seeds > 1:
        text += f" with {outcomes.seeds} seeds"
    same = [
        _of(one.grade)
        for one in outcomes.grades
        if one.same and one.grade != outcomes.grade and not isinstance(one.classes, NotAssessable)
    ]
    each = "one for each seed" if outcomes.seeds > 1 else "one"
    if outcomes.seeds > 1 and _finest(outcomes):
        return f"{text}, the same everywhere"
    return f"{text}, {each} by {', '.join(same)}" if same else text


def _of(grade: Grade) -> str:
    return f"{_GRADES[grade]} ({grade})"


def _answer(some_fail: bool, some_hold: bool) -> Answer:
    if not some_fail:
        return YES
    return PARTLY if some_hold else NO


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
