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
    Interval,
    Verdict,
)
from osgrepro.analysis.verdicts.outcome import answered, merged, outcome, recorded
from osgrepro.common.numbers import in_percent, percent
from osgrepro.common.texts import among, counted

_UNCLAIMED = "No claim was declared, so whether a conclusion survives can't be said."
_NO_ALTERNATIVE = "No claim was declared with alternatives, other ways to come to its answer."


def verdicts(
    experiments: Sequence[ExperimentFindings],
    claims: Sequence[ClaimFindings] = (),
    doubt: str | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdict of each level; without a claim the upper two can't be given.

    A ``doubt`` about the metrics stands in all that compare them between environments.
    """
    compared = (outcome(experiments), _analysis(claims), _interpretation(claims))
    return (
        _repeatability(experiments),
        *(
            replace(verdict, text=f"{verdict.text} {doubt}")
            if doubt and verdict.answer != NOT_ASSESSABLE
            else verdict
            for verdict in compared
        ),
    )


def _analysis(claims: Sequence[ClaimFindings]) -> Verdict:
    """Return whether each claim has the same answer, yes or no, in every environment."""
    known = [claim for claim in claims if claim.environments > 1]
    if not known:
        text = _UNCLAIMED if not claims else "No claim can be judged in two environments."
        return Verdict(level="analysis", answer=NOT_ASSESSABLE, text=text)
    same = [claim for claim in known if claim.answer in (YES, NO)]
    whole = [claim for claim in same if not claim.unjudged]
    lines = [_claimed(claim) for claim in known]
    if unknown := len(claims) - len(known):
        lines.append(f"{counted(unknown, 'claim')} can't be judged")
    apart = any(claim.answer == PARTLY for claim in known)
    open_ = any(claim.answer == UNDECIDED for claim in known)
    if not apart and (open_ or not same):
        answer: Answer = UNDECIDED
    else:
        answer = answered(len(whole) < len(claims), bool(same or apart))
    says = _sameanswered(known) if answer == YES else ""
    return Verdict(level="analysis", answer=answer, text=f"{'; '.join(lines)}.", says=says)


def _sameanswered(claims: Sequence[ClaimFindings]) -> str:
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
        every = "1" if claim.environments == 1 else "all"
        text += among(every if claim.holds else "none", claim.environments, "environment")
    else:
        text += among(claim.holds, claim.environments, "environment")
        if undecided := claim.environments - claim.holds - claim.against:
            against = "none" if not claim.against else claim.against
            text += f", {against} contradict{'s' if claim.against <= 1 else ''} it, and "
            text += f"{undecided} {'is' if undecided == 1 else 'are'} undecided"
            if claim.answer in (YES, NO):
                text += f"; on average over all it {'holds' if claim.answer == YES else 'does not'}"
        elif claim.answer == UNDECIDED:
            text += ", which may be the scatter of repeats or seeds"
    if claim.unjudged:
        text += f", and {claim.unjudged} can't judge it"
    if not claim.flips and isinstance(claim.interval, Interval):
        high = percent(claim.interval.high)
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
        some = any(claim.alternatives for claim in claims)
        text = "No alternative was declared that can be judged." if some else _NO_ALTERNATIVE
        return Verdict(level="interpretation", answer=NOT_ASSESSABLE, text=text)
    declared = sum(len(claim.alternatives) for claim in claims)
    same = [alternative for alternative in asked if alternative[2] is True]
    unlike = "; ".join(
        f"not with {name} ({claim.statement})" for claim, name, agrees in asked if agrees is False
    )
    text = f"The same answer everywhere by {len(same)} of {counted(len(asked), 'alternative')}"
    if open_ := sum(agrees == UNDECIDED for *_, agrees in asked):
        text += f"; {open_} {'is' if open_ == 1 else 'are'} undecided"
    if declared > len(asked):
        text += f"; {declared - len(asked)} more can't be judged"
    answer = answered(len(same) < declared, bool(same))
    if not unlike and (open_ or not same):
        answer = UNDECIDED
    return Verdict(
        level="interpretation",
        answer=answer,
        text=f"{text}{f'; {unlike}' if unlike else ''}.",
    )


def _repeatability(experiments: Sequence[ExperimentFindings]) -> Verdict:
    cells = [cell for experiment in experiments for cell in experiment.cells]
    coarse = [experiment for experiment in experiments if experiment.only_counts]
    known = [
        cell
        for experiment in experiments
        for cell in experiment.cells
        if cell.repeatability != TIED or experiment not in coarse
    ]
    vague = len(known) < len(cells)
    tied = [cell for cell in known if cell.repeatability == TIED]
    moved = sum(cell.repeatability == NONDETERMINISTIC for cell in known)
    unjudged = len(cells) - len(tied) - moved
    if not tied and not moved:
        text = merged(coarse) if vague else "No cell has two runs that can be compared."
        return Verdict(level="repeatability", answer=NOT_ASSESSABLE, text=text)
    count = len(tied) + moved
    text = f"Repeats agree to the last bit in {len(tied)} of {counted(count, 'cell')}"
    if share := moving_share(known):
        ends = f"{in_percent(share.low)} to {percent(share.high)}"
        text += f", and differ in {moved} ({percent(moved / count)}; among all such cells {ends})"
    if bounds := [cell.p_upper for cell in tied if cell.p_upper is not None]:
        text += (
            ". Where they agree, a further run of the cell may still differ, with a probability of "
            f"at most {percent(max(bounds))} (95 % confidence)"
        )
    if unjudged:
        why = f", some since only {recorded(coarse)} were recorded of them" if vague else ""
        text += f". {counted(unjudged, 'cell')} can't be judged{why}"
    return Verdict(
        level="repeatability",
        answer=answered(bool(moved or unjudged), bool(tied)),
        text=f"{text}.",
    )
