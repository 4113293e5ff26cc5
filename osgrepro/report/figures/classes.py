"""The heat map of outcome classes: which environments end alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from osgrepro.analysis.findings import Cell, ExperimentFindings, NotAssessable, OutcomeClass
from osgrepro.common.texts import counted
from osgrepro.report import words
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.classes import Paint, centred, fitting, painted
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import FAINT, LINE, MUTED, WIDTH
from osgrepro.report.figures.canvas.marks import (
    filled,
    key,
    key_height,
    no_run,
    samples,
    stand_in,
)
from osgrepro.report.figures.canvas.matrix import Matrix, matrix

_LEGEND = 16

COLUMNS = (
    *("hardware", "software", "class", "runs", "class_value", "ok", "failed"),
    *("mean", "minimum", "maximum", "emulated", "simulated_gpu"),
)


def class_map(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw hardware against software, a letter and a colour for each outcome class."""
    if isinstance(experiment.outcomes, NotAssessable) or not experiment.cells:
        return None
    classes = experiment.outcomes.classes
    holds = "repeats that disagree" if experiment.outcomes.seeds == 1 else "several seeds"
    return Figure(
        name=f"classes-{slug}",
        title=f"{experiment.name}: outcome classes",
        caption=(
            f"Cells with the same letter {words.agreement([experiment])}; a split cell holds "
            f"{holds} (grade {experiment.outcomes.grade}). Colours only tell apart the classes of "
            "several cells; a class that one cell has is an outline."
        ),
        draw=partial(_draw, experiment, classes),
        columns=COLUMNS,
        rows=tuple(_rows(experiment, classes)),
        experiment=experiment.name,
        section="classes",
    )


def _draw(experiment: ExperimentFindings, classes: tuple[OutcomeClass, ...]) -> Canvas:
    cells = env.by_environments(experiment.cells)
    hardware = env.hardware_of(experiment.cells)
    headings = env.headings(experiment.cells, hardware)
    grid = matrix(hardware, env.software_of(experiment.cells), headings=headings)
    marks = samples(cells.get((row, column)) for row, column, _ in grid.cells())
    legend = grid.bottom + LINE / 2
    below = legend + _legend_height(classes)
    canvas = blank(below + key_height(marks), grid.width)
    axes = grid.axes(canvas)
    paint = painted(experiment.cells)
    order = {known.letter: place for place, known in enumerate(classes)}
    for name, software, box in grid.cells():
        cell = cells.get((name, software))
        if cell is None or not cell.classes:
            no_run(canvas, axes, cell, (name, software), box)
        else:
            letters = sorted(cell.classes, key=lambda letter: order.get(letter, 0))
            _cell(axes, letters, box, paint, grid)
            canvas.area(axes, box, tooltip(cell, letters, experiment), "cell")
            stand_in(axes, cell, box)
    _legend(canvas, classes, experiment, legend, paint)
    key(canvas, marks, below)
    return canvas


def _cell(axes: Axes, letters: list[str], box: Box, paint: Paint, grid: Matrix) -> None:
    """Draw the classes of a cell side by side, and how many more there are."""
    x, y, width, height = box
    shown = fitting(letters, grid.column)
    more = len(letters) - len(shown)
    share = width / (len(shown) + (more > 0))
    for place, letter in enumerate(shown):
        paint.box(axes, letter, (x + share * place, y, share, height), letter)
    if more:
        left = x + share * len(shown)
        filled(axes, (left, y, share, height), FAINT)
        centred(axes, left + share / 2, y + height / 2, f"+{more}")


def tooltip(cell: Cell, letters: list[str], experiment: ExperimentFindings) -> str:
    """Return the tooltip of a cell: all that its colour stands for."""
    unit = words.unit_of(experiment)
    classes = ", ".join(f"{letter} ×{cell.classes[letter]}" for letter in letters)
    parts = [f"{cell.hardware} · {cell.software}: {classes}"]
    if cell.mean is not None:
        parts.append(f"{experiment.primary or 'metric'} {unit.value(cell.mean)}")
    if cell.minimum is not None and cell.maximum is not None and cell.minimum != cell.maximum:
        parts[-1] += f" ({unit.extent(cell.minimum, cell.maximum)})"
    if cell.failed:
        parts.append(f"{cell.failed} of {counted(cell.ok + cell.failed, 'run')} failed")
    return "; ".join([*parts, *filter(None, [env.remark(cell)])])


def _legend_height(classes: tuple[OutcomeClass, ...]) -> float:
    lines = 1 + -(-min(len(classes), _LEGEND) // 2) + (len(classes) > _LEGEND)
    return LINE * lines + 3


def _legend(
    canvas: Canvas,
    classes: tuple[OutcomeClass, ...],
    experiment: ExperimentFindings,
    top: float,
    paint: Paint,
) -> None:
    """Draw the largest classes with their runs and values, in two columns."""
    metric, unit = experiment.primary, words.unit_of(experiment)
    heading = f"Class, its runs{f' and {metric}' if metric else ''}"
    canvas.text(0, top + LINE / 2, heading, width=WIDTH, colour=MUTED)
    half, axes = WIDTH / 2, canvas.plane()
    for place, known in enumerate(classes[:_LEGEND]):
        x, y = half * (place % 2), top + LINE * (1 + place // 2)
        paint.box(axes, known.letter, (x, y + 0.5, 24, LINE - 1), known.letter)
        value = known.metrics.get(metric) if metric else None
        runs = counted(known.runs, "run") + ("" if value is None else f" · {unit.value(value)}")
        canvas.text(x + 29, y + LINE / 2, runs, width=half - 32)
    if len(classes) > _LEGEND:
        more = f"and {len(classes) - _LEGEND} smaller classes: see the CSV"
        y = top + LINE * (1.5 + -(-_LEGEND // 2))
        canvas.text(0, y, more, colour=MUTED)


def _rows(
    experiment: ExperimentFindings, classes: tuple[OutcomeClass, ...]
) -> Iterator[tuple[Value, ...]]:
    """Yield a row for each class of each cell, and one for a cell without any."""
    values = {
        outcome_class.letter: outcome_class.metrics.get(experiment.primary or "")
        for outcome_class in classes
    }
    cells = env.by_environments(experiment.cells)
    for hardware in env.hardware_of(experiment.cells):
        for software in env.software_of(experiment.cells):
            cell = cells.get((hardware, software))
            if cell is None:
                continue
            counts = (cell.ok, cell.failed, cell.mean, cell.minimum, cell.maximum)
            stands = (int(cell.emulated), int(cell.simulated_gpu))
            for letter, runs in cell.classes.items() or ((None, 0),):
                value = values.get(letter) if letter else None
                yield (hardware, software, letter, runs, value, *counts, *stands)
