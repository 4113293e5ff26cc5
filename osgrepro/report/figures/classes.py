"""The heat map of outcome classes: which environments end with the same bits."""

from __future__ import annotations

from collections.abc import Iterator

from osgrepro.analysis.findings import Cell, ExperimentFindings, NotAssessable, OutcomeClass
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.drawing import (
    FAINT,
    LINE,
    MUTED,
    Element,
    group,
    label,
    picture,
    rect,
)
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.marks import key, no_run, stand_in
from osgrepro.report.figures.canvas.matrix import Box, matrix
from osgrepro.report.figures.canvas.paint import Paint, centred, fitting
from osgrepro.report.figures.canvas.words import count, number

_LEGEND = 16

COLUMNS = (
    *("hardware", "software", "class", "runs", "class_value", "ok", "failed"),
    *("mean", "minimum", "maximum", "emulated", "simulated_gpu"),
)


def class_map(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw hardware against software, a letter and a colour for each outcome class."""
    if isinstance(experiment.outcomes, NotAssessable) or not experiment.cells:
        return None
    name, cells = f"classes-{slug}", env.by_environments(experiment.cells)
    classes = experiment.outcomes.classes
    grid = matrix(env.hardware_of(experiment.cells), env.software_of(experiment.cells))
    paint = Paint(scope=name, numbers={one.letter: place for place, one in enumerate(classes)})
    drawn = [
        _cell(cells.get((hardware, software)), (hardware, software), box, paint, experiment.primary)
        for hardware, software, box in grid.cells()
    ]
    legend, height = _legend(classes, experiment.primary, grid.bottom + LINE, paint)
    marks, height = key(
        (cells.get((hardware, software)) for hardware, software, _ in grid.cells()), height
    )
    title = f"{experiment.name}: outcome classes"
    holds = "repeats that disagree" if experiment.outcomes.seeds == 1 else "several seeds"
    caption = (
        "Environments with the same letter ended with the same bits; a split cell holds "
        f"{holds} (grade {experiment.outcomes.grade})."
    )
    parts = [paint.hatches(), *grid.frame(), *drawn, *legend, *marks]
    return Figure(
        name=name,
        title=title,
        caption=caption,
        svg=picture(title, caption, grid.width, height, parts),
        columns=COLUMNS,
        rows=tuple(_rows(experiment, classes)),
        experiment=experiment.name,
        section="classes",
    )


def _cell(
    cell: Cell | None, environments: env.Environments, box: Box, paint: Paint, metric: str | None
) -> Element:
    if cell is None or not cell.classes:
        return no_run(cell, environments, box)
    letters = sorted(cell.classes, key=lambda letter: paint.numbers.get(letter, 0))
    shown = fitting(letters, box.width)
    more = len(letters) - len(shown)
    share = (box.width - 1) / (len(shown) + (more > 0))
    drawn = [
        part
        for index, letter in enumerate(shown)
        for part in paint.box(letter, box.x + share * index, box.y, share, box.height - 1)
    ]
    if more:
        x = box.x + share * len(shown)
        drawn.append(rect(x, box.y, share, box.height - 1, fill=FAINT))
        drawn.append(centred(f"+{more}", x + share / 2, box.y + box.height / 2 - 0.5))
    return group(_told(cell, letters, metric), *drawn, *stand_in(cell, box), data_mark="cell")


def _told(cell: Cell, letters: list[str], metric: str | None) -> str:
    """Return the tooltip of a cell: all that its colour stands for."""
    classes = ", ".join(f"{letter} ×{cell.classes[letter]}" for letter in letters)
    parts = [f"{cell.hardware} · {cell.software}: {classes}"]
    if cell.mean is not None:
        parts.append(f"{metric or 'metric'} {number(cell.mean)}")
    if cell.minimum is not None and cell.maximum is not None and cell.minimum != cell.maximum:
        parts[-1] += f" ({number(cell.minimum)} to {number(cell.maximum)})"
    if cell.failed:
        parts.append(f"{cell.failed} of {count(cell.ok + cell.failed, 'run')} failed")
    return "; ".join([*parts, *filter(None, [env.remark(cell)])])


def _legend(
    classes: tuple[OutcomeClass, ...], metric: str | None, top: float, paint: Paint
) -> tuple[list[Element], float]:
    """Return the largest classes with their runs and values, in two columns, and the y below."""
    heading = f"Class, its runs{f' and {metric}' if metric else ''}"
    drawn = [label(0, top + 4, heading, width=340, fill=MUTED)]
    y = top + 10
    for place, one in enumerate(classes[:_LEGEND]):
        x, y = 170.0 * (place % 2), top + 10 + LINE * (place // 2)
        drawn += paint.box(one.letter, x, y, 24, LINE - 2)
        value = one.metrics.get(metric) if metric else None
        words = count(one.runs, "run") + ("" if value is None else f" · {number(value)}")
        drawn.append(label(x + 30, y + 12, words, width=136))
    y += LINE
    if len(classes) > _LEGEND:
        words = f"and {len(classes) - _LEGEND} smaller classes: see the CSV"
        drawn.append(label(0, y + 12, words, fill=MUTED))
        y += LINE
    return drawn, y + 4


def _rows(
    experiment: ExperimentFindings, classes: tuple[OutcomeClass, ...]
) -> Iterator[tuple[Value, ...]]:
    """Yield a row for each class of each cell, and one for a cell without any."""
    values = {one.letter: one.metrics.get(experiment.primary or "") for one in classes}
    cells = env.by_environments(experiment.cells)
    for hardware in env.hardware_of(experiment.cells):
        for software in env.software_of(experiment.cells):
            cell = cells.get((hardware, software))
            if cell is None:
                continue
            counts = (cell.ok, cell.failed, cell.mean, cell.minimum, cell.maximum)
            stands = (int(cell.emulated), int(cell.simulated_gpu))
            for one, runs in cell.classes.items() or ((None, 0),):
                value = values.get(one) if one else None
                yield (hardware, software, one, runs, value, *counts, *stands)
