"""The first picture: every experiment in every environment, its class as colour, its value as text.

The experiments stand side by side on a desk, and below each other on a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from osgrepro.analysis.findings import Cell, ExperimentFindings, Findings
from osgrepro.report import words
from osgrepro.report.figures.agreement import LOOKS, Agreement, agreements
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.classes import centred
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import LINE, MUTED, NARROW, RED, SIZE, SMALL, WIDE, WIDTH
from osgrepro.report.figures.canvas.marks import (
    Sample,
    key,
    key_height,
    no_run,
    samples,
    stand_in,
)
from osgrepro.report.figures.canvas.matrix import Headings, Matrix, matrix
from osgrepro.report.figures.canvas.words import text_width, wrapped

COLUMNS = (
    *("experiment", "metric", "hardware", "software", "mean", "minimum", "maximum"),
    *("classes", "ok", "failed", "emulated", "simulated_gpu"),
)
# More find no room beside each other in which a number can be read.
_EXPERIMENTS = 6
_HEADING = LINE + 4
_GAP = 10.0
_KEY: dict[Agreement, str] = {
    "most": "commonest result of its column",
    "some": "shared with other cells",
    "alone": "in this cell only",
}


def overview(findings: Findings) -> Figure | None:
    """Draw the classes and the primary metric of all experiments; None where no run ended well."""
    shown = [
        experiment
        for experiment in findings.experiments
        if any(cell.ok for cell in experiment.cells)
    ]
    if not shown:
        return None
    return Figure(
        name="overview",
        title="Every experiment in every environment",
        caption=(
            "Blue cells share their result with others of the experiment, and outlined ones with "
            "none. Two numbers are the smallest and the largest of runs that differ."
            f"{_left_out(shown[_EXPERIMENTS:])}"
        ),
        draw=partial(_side_by_side, shown[:_EXPERIMENTS]),
        narrow=partial(_stacked, shown[:_EXPERIMENTS], NARROW),
        columns=COLUMNS,
        rows=tuple(row for experiment in shown for row in _rows(experiment)),
        experiment=None,
        section="overview",
    )


def _left_out(more: Sequence[ExperimentFindings]) -> str:
    """Return how many experiments find no room, as a sentence."""
    return f" {words.count(len(more), 'more experiment')}: see the CSV." if more else ""


def _side_by_side(shown: Sequence[ExperimentFindings]) -> Canvas:
    hardware, headings = _hardware(shown)
    names = matrix(hardware, [""], WIDE).names
    wide = (WIDE - names - _GAP * (len(shown) - 1)) / len(shown)
    if wide / max(len(env.software_of(experiment.cells)) for experiment in shown) < _widest(shown):
        return _stacked(shown)
    grids = [
        matrix(hardware, env.software_of(experiment.cells), names + wide, headings)
        for experiment in shown
    ]
    head = max(grid.head for grid in grids)
    below = _HEADING + head + (grids[0].bottom - grids[0].head) + LINE / 2
    canvas = blank(below + legend_height(shown, WIDE), WIDE)
    for place, (experiment, grid) in enumerate(zip(shown, grids, strict=True)):
        left = (wide + _GAP) * place
        title = _title(experiment, shown)
        canvas.text(names + left, LINE / 2, title, width=wide * 0.9, bold=True)
        axes = grid.axes(canvas, left, _HEADING + head - grid.head, named=not place)
        _cells(canvas, axes, experiment, grid)
    legend(canvas, shown, below, WIDE)
    return canvas


def _hardware(shown: Sequence[ExperimentFindings]) -> tuple[list[str], Headings]:
    """Return the hardware environments of all experiments, CPUs before GPUs."""
    cells = [cell for experiment in shown for cell in experiment.cells]
    with_gpu = {cell.hardware for cell in cells if cell.gpu}
    names = dict.fromkeys(
        name for experiment in shown for name in env.hardware_of(experiment.cells)
    )
    hardware = sorted(names, key=lambda name: name in with_gpu)
    return hardware, env.headings(cells, hardware)


def _stacked(shown: Sequence[ExperimentFindings], least: float = WIDTH) -> Canvas:
    grids = []
    for experiment in shown:
        hardware = env.hardware_of(experiment.cells)
        headings = env.headings(experiment.cells, hardware)
        grids.append(matrix(hardware, env.software_of(experiment.cells), least, headings))
    below = sum(_HEADING + grid.bottom + _GAP for grid in grids)
    width = max(grid.width for grid in grids)
    canvas = blank(below + legend_height(shown, width), width)
    top = 0.0
    for experiment, grid in zip(shown, grids, strict=True):
        title = _title(experiment, shown)
        canvas.text(0, top + LINE / 2, title, width=width * 0.9, bold=True)
        _cells(canvas, grid.axes(canvas, 0, top + _HEADING), experiment, grid)
        top += _HEADING + grid.bottom + _GAP
    legend(canvas, shown, below, width)
    return canvas


def _title(experiment: ExperimentFindings, shown: Sequence[ExperimentFindings]) -> str:
    """Return the heading of an experiment: its metric stands in the legend where all have it."""
    metrics = {_metric(drawn) for drawn in shown}
    return experiment.name if len(metrics) == 1 else f"{experiment.name}: {_metric(experiment)}"


def _metric(experiment: ExperimentFindings) -> str:
    unit = words.unit_of(experiment).of_values.strip()
    return f"{experiment.primary or 'the metric'}{f' in {unit}' if unit else ''}"


def _cells(canvas: Canvas, axes: Axes, experiment: ExperimentFindings, grid: Matrix) -> None:
    cells = env.by_environments(experiment.cells)
    kinds = agreements(experiment.cells)
    below = dict(pairwise(grid.rows))
    for hardware, software, box in grid.cells():
        cell = cells.get((hardware, software))
        if cell is None or not cell.ok:
            no_run(canvas, axes, cell, (hardware, software), box)
            continue
        kind = kinds[hardware, software]
        following = cells.get((below.get(hardware, ""), software))
        joined = kind in ("most", "some") and following and following.classes == cell.classes
        # Cells of one class are one block.
        LOOKS[kind](axes, (*box[:3], 1.0) if joined else box)
        _write(axes, experiment, cell, box, grid.column)
        classes = words.names([f"{name} ×{runs}" for name, runs in cell.classes.items()], 8)
        tooltip = (
            f"{hardware} · {software}: {_value(experiment, cell)}; class {classes or 'unknown'}"
        )
        canvas.area(axes, box, tooltip, "cell")
        stand_in(axes, cell, box)


def _write(axes: Axes, experiment: ExperimentFindings, cell: Cell, box: Box, width: float) -> None:
    value = _value(experiment, cell)
    middle = box[0] + box[2] / 2, box[1] + box[3] / 2
    if len(cell.classes) != 1:
        centred(axes, *middle, value, colour=RED, bold=True)
        return
    (letter,) = cell.classes
    centred(axes, *middle, f"{letter} {value}" if _fits(f"{letter} {value}", width) else value)


def _value(experiment: ExperimentFindings, cell: Cell) -> str:
    unit = words.unit_of(experiment)
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


def legend_height(shown: Sequence[ExperimentFindings], width: float) -> float:
    """Return the height that :func:`legend` takes."""
    return key_height(_entries(shown), width) + LINE * len(wrapped(_notes(shown), width, SIZE))


def legend(canvas: Canvas, shown: Sequence[ExperimentFindings], top: float, width: float) -> None:
    """Say below the picture what colours, letters and numbers are, and of how many runs."""
    entries = _entries(shown)
    key(canvas, entries, top, width)
    top += key_height(entries, width)
    for place, line in enumerate(wrapped(_notes(shown), width, SIZE)):
        canvas.text(0, top + LINE * (place + 0.5), line, colour=MUTED)


def _notes(shown: Sequence[ExperimentFindings]) -> str:
    runs = [cell.ok for experiment in shown for cell in experiment.cells if cell.ok]
    metrics = {_metric(experiment) for experiment in shown}
    number = metrics.pop() if len(metrics) == 1 else "the metric"
    n = words.count(max(runs), "run")
    several = n if min(runs) == max(runs) else f"{min(runs)} to {n}"
    return (
        "Letter: outcome class; runs of an experiment with the same letter "
        f"{words.agreement(shown)}. Number: {number}. "
        f"n = {several} in {'each' if n == several else 'a'} cell."
    )


def _entries(shown: Sequence[ExperimentFindings]) -> list[tuple[str, Sample]]:
    cells = [cell for experiment in shown for cell in experiment.cells]
    kinds = {kind for experiment in shown for kind in agreements(experiment.cells).values()}
    entries = [(meaning, LOOKS[kind]) for kind, meaning in _KEY.items() if kind in kinds]
    if "apart" in kinds:
        several = any(cell.seeds > 1 for cell in cells)
        what = "its own repeats or seeds differ" if several else "its own repeats differ"
        entries.append((what, LOOKS["apart"]))
    return [*entries, *samples(cells)]


def _rows(experiment: ExperimentFindings) -> list[tuple[Value, ...]]:
    return [
        (
            *(experiment.name, experiment.primary, cell.hardware, cell.software),
            *(cell.mean, cell.minimum, cell.maximum, " ".join(cell.classes), cell.ok, cell.failed),
            *(int(cell.emulated), int(cell.simulated_gpu)),
        )
        for cell in experiment.cells
    ]
