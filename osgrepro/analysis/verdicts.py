"""Verdicts: one word and one sentence for each level of reproducibility."""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.findings import Answer, ExperimentFindings, NotAssessable, Outcomes, Verdict


def verdicts(experiments: Sequence[ExperimentFindings]) -> tuple[Verdict, ...]:
    """Return the verdict of each level; without a claim the upper two can't be given."""
    unclaimed = "No claim was declared, so whether a conclusion survives can't be said."
    return (
        _repeatability(experiments),
        _outcome(experiments),
        Verdict(level="analysis", answer="not assessable", text=unclaimed),
        Verdict(level="interpretation", answer="not assessable", text=unclaimed),
    )


def _repeatability(experiments: Sequence[ExperimentFindings]) -> Verdict:
    cells = [cell for experiment in experiments for cell in experiment.cells]
    tied = [cell for cell in cells if cell.repeatability == "tied"]
    moved = sum(cell.repeatability == "nondeterministic" for cell in cells)
    unknown = len(cells) - len(tied) - moved
    if not tied and not moved:
        text = "No cell has two runs that can be compared."
        return Verdict(level="repeatability", answer="not assessable", text=text)
    text = f"Repeats agree to the last bit in {len(tied)} of {len(tied) + moved} cells"
    if bounds := [cell.p_upper for cell in tied if cell.p_upper is not None]:
        text += f"; that bounds a disagreement to {max(bounds):.0%} a run at most"
    if unknown:
        text += f"; {_count(unknown, 'cell')} can't be judged"
    return Verdict(
        level="repeatability",
        answer=_answer(bool(moved or unknown), bool(tied)),
        text=f"{text}.",
    )


def _outcome(experiments: Sequence[ExperimentFindings]) -> Verdict:
    judged = [(one, one.outcomes) for one in experiments if _compared(one)]
    known = [(one, found) for one, found in judged if isinstance(found, Outcomes)]
    if not known:
        text = "No experiment has comparable results from two environments."
        return Verdict(level="outcome", answer="not assessable", text=text)
    same = [one for one, found in known if len(found.classes) == 1]
    coarser = [one for one, found in known if any(grade.same for grade in found.grades)]
    lines = [f"{one.name}: {_partition(found)}" for one, found in known]
    unknown = len(experiments) - len(known)
    if unknown:
        lines.append(f"{_count(unknown, 'experiment')} can't be judged")
    answer = _answer(len(same) < len(known) or bool(unknown), bool(coarser))
    return Verdict(level="outcome", answer=answer, text=f"{'; '.join(lines)}.")


def _compared(experiment: ExperimentFindings) -> bool:
    return sum(cell.ok > 0 for cell in experiment.cells) > 1


def _partition(found: Outcomes) -> str:
    text = f"{_count(len(found.classes), 'outcome class', 'outcome classes')} at {found.grade}"
    same = [
        one.grade
        for one in found.grades
        if one.same and one.grade != found.grade and not isinstance(one.classes, NotAssessable)
    ]
    return f"{text}, one at {', '.join(same)}" if same else text


def _answer(some_fail: bool, some_hold: bool) -> Answer:
    if not some_fail:
        return "yes"
    return "partly" if some_hold else "no"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
