"""The verdict on outcomes: whether environments that ran with the same seed end the same.

Called by the verdicts, which share its words.
"""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.analysis.findings import (
    NO,
    NOT_ASSESSABLE,
    PARTLY,
    YES,
    Answer,
    ExperimentFindings,
    Grade,
    NotAssessable,
    Outcomes,
    SharedSeeds,
    Verdict,
    counted_words,
)
from osgrepro.common.texts import counted

_GRADES: dict[Grade, str] = {
    "O0": "final weights",
    "O1": "predictions",
    "O2": "predicted labels",
    "O3": "metrics",
}


def outcome(experiments: Sequence[ExperimentFindings]) -> Verdict:
    """Return whether all environments end the same, at the finest grade recorded."""
    judged = [
        (experiment, experiment.outcomes) for experiment in experiments if _compared(experiment)
    ]
    coarse = [experiment for experiment, outcomes in judged if _merges(experiment, outcomes)]
    known = [
        (experiment, outcomes)
        for experiment, outcomes in judged
        if isinstance(outcomes, Outcomes) and experiment not in coarse
    ]
    seedwise = sum(_own_seeds(experiment) for experiment in experiments)
    if not known:
        text = _OWN_SEEDS if seedwise else _NOTHING_COMPARED
        text = merged(coarse) if coarse else text
        return Verdict(level="outcome", answer=NOT_ASSESSABLE, text=text)
    same = [own for own, outcomes in known if _finest(outcomes) and not _unclassed(own)]
    coarser = [own for own, outcomes in known if any(grade.same for grade in outcomes.grades)]
    lines = [
        f"{own.name}: {_partition(outcomes, coarse=own.only_counts)}{_unclassed(own)}"
        for own, outcomes in known[:_SHOWN]
    ]
    if len(known) > _SHOWN:
        lines.append(f"{counted(len(known) - _SHOWN, 'more experiment')}")
    if any(len({cell.software for cell in own.cells if cell.ok}) > 1 for own, _ in known):
        lines.append("all software environments together")
    unknown = len(experiments) - len(known)
    if unknown:
        of = f", {seedwise} of them since no seed ran in two environments" if seedwise else ""
        lines.append(f"{counted(unknown, 'experiment')} can't be judged{of}")
    answer = answered(len(same) < len(known) or bool(unknown), bool(coarser))
    return Verdict(level="outcome", answer=answer, text=f"{'; '.join(lines)}.")


_NOTHING_COMPARED = "No experiment has comparable results from two environments."
_OWN_SEEDS = (
    "No two environments ran the same experiment with the same seed, so no results were compared: "
    "machines and seeds can't be told apart. The same `seeds` everywhere would tell."
)


def recorded(experiments: Sequence[ExperimentFindings]) -> str:
    """Return what counts alone were recorded of experiments: accuracies, say."""
    return counted_words({metric for own in experiments for metric in own.metrics})


def merged(experiments: Sequence[ExperimentFindings]) -> str:
    """Return why nothing tells whether the runs of experiments that agree are the same."""
    what = recorded(experiments)
    same = "accuracy" if what == "accuracies" else "ones"
    return (
        f"Only {what} were recorded, and they agree; runs that differ may have the same {same}: "
        "a loss, predictions or weights would tell."
    )


def _merges(experiment: ExperimentFindings, outcomes: Outcomes | NotAssessable) -> bool:
    """Whether all there is to agree are counts, accuracies say, which differing outcomes share."""
    return isinstance(outcomes, Outcomes) and experiment.only_counts and _finest(outcomes)


# Experiments that a verdict names; the others are counted.
_SHOWN = 8


def _unclassed(experiment: ExperimentFindings) -> str:
    """Return what of an experiment is in no class, for a sentence; nothing where all is."""
    lacking = sum(not cell.classes for cell in experiment.cells)
    outcomes = experiment.outcomes
    unplaced = outcomes.unplaced if isinstance(outcomes, Outcomes) else 0
    parts = [f"{counted(lacking, 'cell')} without a class"] if lacking else []
    parts += [f"{counted(unplaced, 'run')} in none"] if unplaced else []
    parts += (
        _uncompared(outcomes.shared) if isinstance(outcomes, Outcomes) and outcomes.shared else []
    )
    return f" ({', '.join(parts)})" if parts else ""


def _uncompared(shared: SharedSeeds) -> list[str]:
    """Return which environments no seed links, for a list."""
    parts = []
    if shared.compared < shared.environments:
        alone = shared.environments - shared.compared
        few = "shares no seed" if alone == 1 else "share no seed"
        parts.append(f"{alone} of {shared.environments} environments {few} with another one")
    if shared.groups > 1:
        parts.append(f"{shared.groups} groups of environments share no seed with each other")
    return parts


def _compared(experiment: ExperimentFindings) -> bool:
    several = sum(cell.ok > 0 for cell in experiment.cells) > 1
    return several and not _own_seeds(experiment)


def _own_seeds(experiment: ExperimentFindings) -> bool:
    """Whether each of several environments ran with seeds of its own."""
    outcomes = experiment.outcomes
    if not isinstance(outcomes, Outcomes) or outcomes.shared is None:
        return False
    return outcomes.shared.environments > 1 and not outcomes.shared.compared


def _finest(outcomes: Outcomes) -> bool:
    return any(known.same for known in outcomes.grades if known.grade == outcomes.grade)


def _partition(outcomes: Outcomes, *, coarse: bool) -> str:
    classes = counted(len(outcomes.classes), "outcome class", "outcome classes")
    text = f"{classes} by {_of(outcomes.grade)}"
    if outcomes.seed_ignored:
        ends = f"{outcomes.seeds} seeds end {'alike' if coarse else 'in the same bits'}"
        where = ", ".join(outcomes.seed_ignored)
        or_coarse = ", or the metric is too coarse to show it" if coarse else ""
        return f"{text}; with {where} {ends}, so that the seed seems to be ignored{or_coarse}"
    if outcomes.seeds > 1:
        text += f" with {outcomes.seeds} seeds"
    same = [
        _of(coarser.grade)
        for coarser in outcomes.grades
        if coarser.same
        and coarser.grade != outcomes.grade
        and not isinstance(coarser.classes, NotAssessable)
    ]
    single = "one for each seed" if outcomes.seeds > 1 else "one"
    if outcomes.seeds > 1 and _finest(outcomes):
        return f"{text}, the same {_where_compared(outcomes)}"
    return f"{text}, {single} by {', '.join(same)}" if same else text


def _where_compared(outcomes: Outcomes) -> str:
    """Return in which environments results are the same, seed by seed, for a sentence."""
    shared = outcomes.shared
    if shared is None:
        return "everywhere"
    if not shared.crossed:
        return "wherever a seed is shared"
    few = shared.everywhere < outcomes.seeds
    ran = f", of whose seeds {shared.everywhere or 'none'} ran in each" if few else ""
    return f"in all {shared.environments} environments{ran}"


def _of(grade: Grade) -> str:
    return f"{_GRADES[grade]} ({grade})"


def answered(some_fail: bool, some_hold: bool) -> Answer:
    """Return the answer of several, of which some fail and some hold."""
    if not some_fail:
        return YES
    return PARTLY if some_hold else NO
