"""Which cells give the same bits each time, and how far apart the repeats of the others are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from osgrepro.analysis.findings import (
    NONDETERMINISTIC,
    TIED,
    Cell,
    ExperimentFindings,
    NotAssessable,
)
from osgrepro.common.texts import counted
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.classes import centred
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import LINE, RED
from osgrepro.report.figures.canvas.marks import (
    Sample,
    filled,
    key,
    key_height,
    no_run,
    samples,
    stand_in,
)
from osgrepro.report.figures.canvas.matrix import matrix
from osgrepro.report.figures.canvas.words import number
from osgrepro.report.words import agreement, percent, unit_of

_TIED, _APART, _UNKNOWN = "#dceaf5", "#f9d9c4", "#eeeeee"

COLUMNS = (
    *("hardware", "software", "repeatability", "ok", "p_upper", "spread", "sd"),
    *("minimum", "maximum", "emulated", "simulated_gpu"),
)


def repeatability(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw for each cell whether its repeats agree; None where no cell was repeated."""
    if all(isinstance(cell.repeatability, NotAssessable) for cell in experiment.cells):
        return None
    return Figure(
        name=f"repeatability-{slug}",
        title=f"{experiment.name}: repeatability",
        caption=(
            f"= k: all k repeats of the cell {agreement([experiment])}; ≠: they do not, and the "
            "number and the bar are the distance from the smallest to the largest value."
        ),
        draw=partial(_draw, experiment),
        columns=COLUMNS,
        rows=tuple(_rows(experiment)),
        experiment=experiment.name,
        section="repeatability",
    )


def _draw(experiment: ExperimentFindings) -> Canvas:
    cells = env.by_environments(experiment.cells)
    hardware = env.hardware_of(experiment.cells)
    headings = env.headings(experiment.cells, hardware)
    grid = matrix(hardware, env.software_of(experiment.cells), headings=headings)
    widest = max((spread(cell) or 0.0 for cell in experiment.cells), default=0.0)
    entries = [
        *_signs(experiment),
        *samples(cells.get((row, column)) for row, column, _ in grid.cells()),
    ]
    top = grid.bottom + LINE / 2
    canvas = blank(top + key_height(entries), grid.width)
    axes = grid.axes(canvas)
    for name, software, box in grid.cells():
        cell = cells.get((name, software))
        if cell is None or not cell.ok:
            no_run(canvas, axes, cell, (name, software), box)
        else:
            _cell(canvas, axes, cell, box, widest, experiment)
    key(canvas, entries, top)
    return canvas


def spread(cell: Cell) -> float | None:
    """Return the largest less the smallest value of the primary metric among a cell's repeats."""
    if cell.spread is not None or cell.seeds > 1:
        return cell.spread
    if cell.minimum is None or cell.maximum is None:
        return None
    return cell.maximum - cell.minimum


def _cell(
    canvas: Canvas,
    axes: Axes,
    cell: Cell,
    box: Box,
    widest: float,
    experiment: ExperimentFindings,
) -> None:
    words, colour, tooltip = _shown(cell, experiment)
    x, y, width, height = box
    filled(axes, box, colour)
    centred(axes, x + width / 2, y + height / 2 - 0.05, words)
    apart = spread(cell) if cell.repeatability == NONDETERMINISTIC else None
    if apart and widest > 0:
        filled(axes, (x, y + height - 0.18, width * apart / widest, 0.18), RED)
    remark = env.remark(cell)
    where = f"{cell.hardware} · {cell.software}"
    canvas.area(axes, box, f"{where}: {tooltip}{f'; {remark}' if remark else ''}", "cell")
    stand_in(axes, cell, box)


def _shown(cell: Cell, experiment: ExperimentFindings) -> tuple[str, str, str]:
    """Return the text, the colour and the tooltip of a cell."""
    if isinstance(cell.repeatability, NotAssessable):
        return "?", _UNKNOWN, f"not assessable: {cell.repeatability.why}"
    if cell.repeatability == TIED:
        bound = (
            "" if cell.p_upper is None else f"; another differs with p ≤ {percent(cell.p_upper)}"
        )
        seeds = f", seed by seed ({cell.seeds})" if cell.seeds > 1 else ""
        alike = f"{cell.ok} repeats {agreement([experiment])}"
        return f"= {cell.ok}", _TIED, f"{alike}{seeds}{bound}"
    apart = spread(cell)
    tooltip = f"{cell.ok} repeats, {counted(len(cell.classes), 'class', 'classes')}"
    if apart is None:
        return "≠", _APART, tooltip
    unit = unit_of(experiment)
    points = " percentage points" if unit.of_spreads else ""
    tooltip += f"; from smallest to largest {unit.spread(apart)}{points}"
    return f"≠ {number(apart * unit.factor, 2)}", _APART, tooltip


def _signs(experiment: ExperimentFindings) -> Iterator[tuple[str, Sample]]:
    """Yield the signs that occur, and what they mean."""
    cells = experiment.cells
    bounds = [cell.p_upper for cell in cells if cell.p_upper is not None]
    bound = f"; another run differs with p ≤ {percent(max(bounds))}" if bounds else ""
    points = " in percentage points" if unit_of(experiment).of_spreads else ""
    unit = f", range of {experiment.primary}{points}" if experiment.primary else ""
    kinds = [
        (_TIED, "=", f"repeats agree{bound}", bool(bounds)),
        (_APART, "≠", f"repeats disagree{unit}", _has(cells, NONDETERMINISTIC)),
        (_UNKNOWN, "?", "too few repeats to say", _has(cells, None)),
    ]
    for colour, sign, words, occurs in kinds:
        if occurs:
            yield words, partial(_sign, colour, sign)


def _sign(colour: str, sign: str, axes: Axes, box: Box) -> None:
    filled(axes, box, colour)
    centred(axes, box[0] + box[2] / 2, box[1] + box[3] / 2, sign)


def _has(cells: tuple[Cell, ...], kind: str | None) -> bool:
    """Whether a cell with a result is of this kind; None stands for not assessable."""
    return any(
        cell.ok
        and (
            isinstance(cell.repeatability, NotAssessable)
            if kind is None
            else cell.repeatability == kind
        )
        for cell in cells
    )


def _rows(experiment: ExperimentFindings) -> Iterator[tuple[Value, ...]]:
    cells = env.by_environments(experiment.cells)
    software = env.software_of(experiment.cells)
    places = [(row, column) for row in env.hardware_of(experiment.cells) for column in software]
    for cell in (cells[place] for place in places if place in cells):
        known = not isinstance(cell.repeatability, NotAssessable)
        yield (
            *(cell.hardware, cell.software, str(cell.repeatability) if known else None, cell.ok),
            *(cell.p_upper, spread(cell), cell.sd, cell.minimum, cell.maximum),
            *(int(cell.emulated), int(cell.simulated_gpu)),
        )
