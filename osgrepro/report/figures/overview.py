"""The first picture: every experiment in every environment, its class as colour, its value as text.

The experiments stand side by side on a desk, and below each other on a telephone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from osgrepro.analysis.findings import Cell, ExperimentFindings, Findings, NotAssessable
from osgrepro.report import words
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.canvas import (
    LINE,
    NARROW,
    RED,
    SMALL,
    WIDE,
    WIDTH,
    Canvas,
    blank,
)
from osgrepro.report.figures.canvas.classes import Paint, centred
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.marks import (
    Sample,
    filled,
    key,
    key_height,
    no_run,
    outlined,
    samples,
    stand_in,
)
from osgrepro.report.figures.canvas.matrix import Box, Matrix, matrix
from osgrepro.report.figures.canvas.words import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = (
    *("experiment", "metric", "hardware", "software", "mean", "minimum", "maximum"),
    *("classes", "ok", "failed", "emulated", "simulated_gpu"),
)
# More find no room beside each other in which a number can be read.
_EXPERIMENTS = 6
_HEADING = LINE + 4
_ALONE = "#ececec"
_GAP = 10.0


def overview(found: Findings) -> Figure | None:
    """Draw the classes and the primary metric of all experiments; None where no run ended well."""
    shown = [one for one in found.experiments if any(cell.ok for cell in one.cells)]
    if not shown:
        return None
    return Figure(
        name="overview",
        title="Every experiment in every environment",
        caption=(
            "Within an experiment, environments of one colour and letter ended with the same "
            "bits. The number is the metric; two numbers are the smallest and the largest of runs "
            "that differ."
        ),
        draw=partial(_side_by_side, shown[:_EXPERIMENTS]),
        narrow=partial(_stacked, shown[:_EXPERIMENTS], NARROW),
        columns=COLUMNS,
        rows=tuple(row for experiment in shown for row in _rows(experiment)),
        experiment=None,
        section="overview",
    )


def _side_by_side(shown: Sequence[ExperimentFindings]) -> Canvas:
    hardware = list(
        dict.fromkeys(name for experiment in shown for name in env.hardware_of(experiment.cells))
    )
    names = matrix(hardware, [""], WIDE).names
    wide = (WIDE - names - _GAP * (len(shown) - 1)) / len(shown)
    if wide / max(len(env.software_of(experiment.cells)) for experiment in shown) < _widest(shown):
        return _stacked(shown)
    grids = [
        matrix(hardware, env.software_of(experiment.cells), names + wide) for experiment in shown
    ]
    head = max(grid.head for grid in grids)
    entries = _entries(shown)
    below = _HEADING + head + (grids[0].bottom - grids[0].head) + LINE / 2
    canvas = blank(below + key_height(entries, WIDE), WIDE)
    for place, (one, grid) in enumerate(zip(shown, grids, strict=True)):
        left = (wide + _GAP) * place
        canvas.text(names + left, LINE / 2, _title(one), width=wide * 0.9, weight="bold")
        axes = grid.axes(canvas, left, _HEADING + head - grid.head, named=not place)
        _cells(canvas, axes, one, grid)
    key(canvas, entries, below, WIDE)
    return canvas


def _stacked(shown: Sequence[ExperimentFindings], least: float = WIDTH) -> Canvas:
    grids = [
        matrix(env.hardware_of(experiment.cells), env.software_of(experiment.cells), least)
        for experiment in shown
    ]
    entries = _entries(shown)
    below = sum(_HEADING + grid.bottom + _GAP for grid in grids)
    width = max(grid.width for grid in grids)
    canvas = blank(below + key_height(entries, width), width)
    top = 0.0
    for one, grid in zip(shown, grids, strict=True):
        canvas.text(0, top + LINE / 2, _title(one), width=width * 0.9, weight="bold")
        _cells(canvas, grid.axes(canvas, 0, top + _HEADING), one, grid)
        top += _HEADING + grid.bottom + _GAP
    key(canvas, entries, below, width)
    return canvas


def _title(experiment: ExperimentFindings) -> str:
    unit = words.unit(experiment.primary or "").of_values.strip()
    return f"{experiment.name}: {experiment.primary}{f', {unit}' if unit else ''}"


def _cells(canvas: Canvas, axes: Axes, experiment: ExperimentFindings, grid: Matrix) -> None:
    cells = env.by_environments(experiment.cells)
    paint = _paint(experiment)
    for hardware, software, box in grid.cells():
        cell = cells.get((hardware, software))
        if cell is None or not cell.ok:
            no_run(canvas, axes, cell, (hardware, software), box)
            continue
        _cell(axes, experiment, cell, box, paint, grid.column)
        classes = words.names([f"{name} ×{runs}" for name, runs in cell.classes.items()], 8)
        told = f"{hardware} · {software}: {_value(experiment, cell)}; class {classes or 'unknown'}"
        canvas.area(axes, box, told, "cell")
        stand_in(axes, cell, box)


def _paint(experiment: ExperimentFindings) -> Paint:
    """Return the colours of the classes that several whole cells are in: a colour joins cells."""
    if isinstance(experiment.outcomes, NotAssessable):
        return Paint(numbers={})
    cells = Counter(
        letter for cell in experiment.cells if len(cell.classes) == 1 for letter in cell.classes
    )
    letters = [known.letter for known in experiment.outcomes.classes if cells[known.letter] > 1]
    return Paint(numbers={letter: place for place, letter in enumerate(letters)})


def _cell(
    axes: Axes,
    experiment: ExperimentFindings,
    cell: Cell,
    box: Box,
    paint: Paint,
    width: float,
) -> None:
    value = _value(experiment, cell)
    middle = box[0] + box[2] / 2, box[1] + box[3] / 2
    if len(cell.classes) != 1:
        apart(axes, box)
        centred(axes, *middle, value, color=RED, weight="bold")
        return
    (letter,) = cell.classes
    short = f"{letter} {value}" if _fits(f"{letter} {value}", width) else value
    if letter in paint.numbers:
        paint.box(axes, letter, box, short)
    else:
        alone(axes, box)
        centred(axes, *middle, short)


def alone(axes: Axes, box: Box) -> None:
    """Draw a cell whose class no other cell has."""
    filled(axes, box, _ALONE)


def apart(axes: Axes, box: Box) -> None:
    """Draw a cell whose runs ended in several classes."""
    outlined(axes, box, RED)


def _value(experiment: ExperimentFindings, cell: Cell) -> str:
    unit = words.unit(experiment.primary or "")
    if cell.minimum is None or cell.minimum == cell.maximum:
        return unit.value(cell.mean).removesuffix(unit.of_values)
    ends = (unit.value(end).removesuffix(unit.of_values) for end in (cell.minimum, cell.maximum))
    return "–".join(ends)


def _widest(shown: Sequence[ExperimentFindings]) -> float:
    """Return the width that the longest value needs."""
    values = [
        _value(experiment, cell) for experiment in shown for cell in experiment.cells if cell.ok
    ]
    return max(text_width(value, SMALL) for value in values)


def _fits(text: str, width: float) -> bool:
    return text_width(text, SMALL) < width - 2


def _entries(shown: Sequence[ExperimentFindings]) -> list[tuple[str, Sample]]:
    cells = [cell for experiment in shown for cell in experiment.cells]
    entries = samples(cells)
    if any(len(cell.classes) > 1 for cell in cells):
        several = any(cell.seeds > 1 for cell in cells)
        what = "repeats or seeds differ" if several else "repeats differ"
        entries.insert(0, (what, apart))
    if any(len(one.classes) == 1 for one in cells):
        entries.insert(0, ("a class of its own", alone))
    return entries


def _rows(experiment: ExperimentFindings) -> list[tuple[Value, ...]]:
    return [
        (
            *(experiment.name, experiment.primary, cell.hardware, cell.software),
            *(cell.mean, cell.minimum, cell.maximum, " ".join(cell.classes), cell.ok, cell.failed),
            *(int(cell.emulated), int(cell.simulated_gpu)),
        )
        for cell in experiment.cells
    ]
