"""What came out: outcome classes, the cells they were seen in, and repeats that disagree."""

from __future__ import annotations

from collections.abc import Mapping

from osgrepro.analysis.findings import (
    NONDETERMINISTIC,
    NOT_ASSESSABLE,
    TIED,
    Cell,
    ExperimentFindings,
    NotAssessable,
    Outcomes,
)
from osgrepro.report import words
from osgrepro.report.values import Section

_LETTERS = 3


def classes(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return the outcome classes of an experiment, the largest first."""
    title = "Outcome classes"
    outcomes = experiment.outcomes
    if isinstance(outcomes, NotAssessable):
        return Section(title=title, level=2, lines=(words.unknown(outcomes),), name="classes")
    metric, unit = experiment.primary, words.unit_of(experiment)
    rows = [
        (
            outcome_class.letter,
            str(outcome_class.runs),
            unit.value(outcome_class.metrics.get(metric)) if metric else words.NONE,
            words.names(outcome_class.software),
            words.names(outcome_class.hardware),
        )
        for outcome_class in outcomes.classes
    ]
    columns = ("class", "runs", metric or "metric", "software", "hardware")
    return Section(
        title=title,
        level=2,
        name="classes",
        lines=_grades(outcomes),
        table=words.table(columns, rows, right=columns[1:3], most=most),
    )


def _grades(outcomes: Outcomes) -> tuple[str, ...]:
    classes = words.count(len(outcomes.classes), "outcome class", "outcome classes")
    lines = [
        f"{classes} at {outcomes.grade} ({words.GRADES[outcomes.grade]}), the finest grade that "
        "all runs have recorded."
    ]
    if outcomes.unplaced:
        lines.append(
            f"{words.count(outcomes.unplaced, 'run')} in no class: they lack what tells the others "
            "apart."
        )
    for level in outcomes.grades:
        what = f"{level.grade}, {words.GRADES[level.grade]}"
        if isinstance(level.classes, NotAssessable):
            lines.append(f"{what}: {words.unknown(level.classes)}")
        elif level.grade != outcomes.grade:
            lines.append(f"{what}: {words.count(level.classes, 'class', 'classes')}")
    return tuple(lines)


def matrix(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return hardware × software with the letters of the classes seen in each cell."""
    cells = {(cell.hardware, cell.software): cell for cell in experiment.cells}
    software = sorted({cell.software for cell in experiment.cells})
    hardware = sorted({cell.hardware for cell in experiment.cells})
    rows = [(name, *(letters(cells.get((name, image))) for image in software)) for name in hardware]
    return Section(
        title="Classes by cell",
        name="cells",
        level=2,
        lines=(_same(experiment),),
        table=words.table(("hardware", *software), rows, most=most),
    )


def _same(experiment: ExperimentFindings) -> str:
    known, agree = experiment.outcomes, words.agreement([experiment])
    if isinstance(known, NotAssessable) or known.seeds == 1:
        return f"Cells with the same letter {agree}."
    if known.seed_ignored:
        return (
            f"Cells with the same letter {agree}. All seeds end alike on "
            f"{words.names(known.seed_ignored)}: the seed seems to be ignored."
        )
    return (
        f"Cells with the same letters {agree}; each ran with up to {known.seeds} "
        "seeds, which rarely end alike."
    )


def letters(cell: Cell | None) -> str:
    """Return the classes of a cell, with how many runs each has where there are several."""
    if cell is None:
        return "missing"
    if not cell.ok:
        return f"{cell.failed} failed"
    shown = _letters(cell.classes, max(_LETTERS, cell.seeds)) if cell.classes else NOT_ASSESSABLE
    marks = [mark for mark, on in _marks(cell).items() if on]
    return f"{shown} ({', '.join(marks)})" if marks else shown


def _marks(cell: Cell) -> Mapping[str, object]:
    return {
        "emulated": cell.emulated,
        "simulated GPU": cell.simulated_gpu,
        f"{cell.failed} failed": cell.failed,
        f"{cell.unseeded} not seeded": cell.unseeded,
    }


def _letters(runs_by_class: Mapping[str, int], most: int) -> str:
    if len(runs_by_class) == 1:
        return next(iter(runs_by_class))
    first = sorted(runs_by_class.items(), key=lambda item: (-item[1], item[0]))
    shown = " ".join(f"{letter}×{runs}" for letter, runs in first[:most])
    return f"{shown} …{len(runs_by_class)} classes" if len(runs_by_class) > most else shown


def repeatability(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return how many cells repeat, and those whose repeats disagree."""
    tied = [cell for cell in experiment.cells if cell.repeatability == TIED]
    moved = [cell for cell in experiment.cells if cell.repeatability == NONDETERMINISTIC]
    unit = words.unit_of(experiment)
    bounds = [cell.p_upper for cell in tied if cell.p_upper is not None]
    judged = len(tied) + len(moved)
    agree = words.agreement([experiment])
    lines = [f"Repeats {agree} in {len(tied)} of {words.count(judged, 'cell')}."]
    if not judged:
        lines = ["No cell has repeats to compare."]
    if share := experiment.moving:
        low, high = words.percent(share.low), words.percent(share.high)
        lines[0] = (
            f"{lines[0][:-1]}; {words.percent(len(moved) / judged)} of them do not, and of all "
            f"such cells it may be {low} to {high} (95 % confidence, {share.method})."
        )
    if bounds:
        lines.append(
            "Where they agree, a further run of the cell differs with a probability of at most "
            f"{words.percent(max(bounds))} (95 % confidence, for the cell with the fewest "
            "repeats; the first of k runs only shows the class, so that k − 1 are trials)."
        )
    lines += words.reasons(
        (f"{cell.hardware}, {cell.software}", cell.repeatability) for cell in experiment.cells
    )
    rows = [
        (
            cell.software,
            cell.hardware,
            str(cell.ok),
            str(len(cell.classes)),
            unit.extent(cell.minimum, cell.maximum),
            unit.spread(cell.sd),
        )
        for cell in moved
    ]
    columns = ("software", "hardware", "runs", "classes", experiment.primary or "metric", "sd")
    table = words.table(columns, rows, right=("runs", "classes", "sd"), most=most) if rows else None
    return Section(
        title="Repeatability", level=2, lines=tuple(lines), table=table, name="repeatability"
    )
