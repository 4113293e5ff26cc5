"""Which cells give the same bits each time, and how far apart the repeats of the others are."""

from __future__ import annotations

from collections.abc import Iterator

from osgrepro.analysis.findings import Cell, ExperimentFindings, NotAssessable
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.drawing import LINE, RED, Element, group, label, picture, rect
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.marks import key, no_run, stand_in
from osgrepro.report.figures.canvas.matrix import Box, matrix
from osgrepro.report.figures.canvas.paint import centred
from osgrepro.report.figures.canvas.words import count, number

_TIED, _APART, _UNKNOWN = "#dceaf5", "#f9d9c4", "#eeeeee"

COLUMNS = (
    *("hardware", "software", "repeatability", "ok", "p_upper", "spread", "sd"),
    *("minimum", "maximum", "emulated", "simulated_gpu"),
)


def repeatability(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw for each cell whether its repeats agree; None where no cell was repeated."""
    if all(isinstance(cell.repeatability, NotAssessable) for cell in experiment.cells):
        return None
    cells = env.by_environments(experiment.cells)
    grid = matrix(env.hardware_of(experiment.cells), env.software_of(experiment.cells))
    widest = max((spread(cell) or 0.0 for cell in experiment.cells), default=0.0)
    drawn = [
        _cell(cells.get((hardware, software)), (hardware, software), box, widest)
        for hardware, software, box in grid.cells()
    ]
    legend = list(_legend(experiment, grid.bottom + LINE))
    marks, height = key(
        (cells.get((hardware, software)) for hardware, software, _ in grid.cells()),
        grid.bottom + LINE * (len(legend) // 2 + 1),
    )
    title = f"{experiment.name}: repeatability"
    caption = (
        "= k: all k repeats of the cell ended with the same bits; ≠: they did not, and the number "
        "and the bar are the distance from the smallest to the largest value."
    )
    return Figure(
        name=f"repeatability-{slug}",
        title=title,
        caption=caption,
        svg=picture(title, caption, grid.width, height, [*grid.frame(), *drawn, *legend, *marks]),
        columns=COLUMNS,
        rows=tuple(_rows(experiment)),
        experiment=experiment.name,
        section="repeatability",
    )


def spread(cell: Cell) -> float | None:
    """Return the largest less the smallest value of the primary metric among a cell's repeats."""
    if cell.spread is not None or cell.seeds > 1:
        return cell.spread
    if cell.minimum is None or cell.maximum is None:
        return None
    return cell.maximum - cell.minimum


def _cell(cell: Cell | None, environments: env.Environments, box: Box, widest: float) -> Element:
    if cell is None or not cell.ok:
        return no_run(cell, environments, box)
    words, fill, told = _shown(cell)
    drawn = [
        rect(box.x, box.y, box.width - 1, box.height - 1, fill=fill),
        centred(words, box.middle - 0.5, box.y + box.height / 2 - 1),
    ]
    apart = spread(cell) if cell.repeatability == "nondeterministic" else None
    if apart and widest > 0:
        length = (box.width - 1) * apart / widest
        bar = rect(box.x, box.y + box.height - 4, length, 3, fill=RED, data_mark="spread")
        drawn.append(bar)
    remark = env.remark(cell)
    told = f"{cell.hardware} · {cell.software}: {told}{f'; {remark}' if remark else ''}"
    return group(told, *drawn, *stand_in(cell, box), data_mark="cell")


def _shown(cell: Cell) -> tuple[str, str, str]:
    """Return the text, the colour and the tooltip of a cell."""
    if isinstance(cell.repeatability, NotAssessable):
        return "?", _UNKNOWN, f"not assessable: {cell.repeatability.why}"
    if cell.repeatability == "tied":
        bound = "" if cell.p_upper is None else f"; another differs with p ≤ {cell.p_upper:.0%}"
        seeds = f", seed by seed ({cell.seeds})" if cell.seeds > 1 else ""
        return f"= {cell.ok}", _TIED, f"{cell.ok} repeats agree to the last bit{seeds}{bound}"
    apart = spread(cell)
    told = f"{cell.ok} repeats, {count(len(cell.classes), 'class').replace('classs', 'classes')}"
    if apart is None:
        return "≠", _APART, told
    return f"≠ {number(apart, 2)}", _APART, f"{told}; from smallest to largest {number(apart)}"


def _legend(experiment: ExperimentFindings, top: float) -> Iterator[Element]:
    """Yield the samples that explain the signs, two elements each; only those that occur."""
    cells = experiment.cells
    bounds = [cell.p_upper for cell in cells if cell.p_upper is not None]
    bound = f"; another run differs with p ≤ {max(bounds):.0%}" if bounds else ""
    unit = f", range of {experiment.primary}" if experiment.primary else ""
    kinds = [
        (_TIED, "=", f"repeats agree{bound}", bool(bounds)),
        (_APART, "≠", f"repeats disagree{unit}", _has(cells, "nondeterministic")),
        (_UNKNOWN, "?", "too few repeats to say", _has(cells, None)),
    ]
    y = top - LINE
    for fill, sign, words, occurs in kinds:
        if occurs:
            y += LINE
            box = rect(0, y, 24, LINE - 2, fill=fill)
            yield group(words, box, centred(sign, 12, y + 7.5))
            yield label(30, y + 12, words, width=306)


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
    places = [(one, other) for one in env.hardware_of(experiment.cells) for other in software]
    for cell in (cells[place] for place in places if place in cells):
        known = not isinstance(cell.repeatability, NotAssessable)
        yield (
            *(cell.hardware, cell.software, str(cell.repeatability) if known else None, cell.ok),
            *(cell.p_upper, spread(cell), cell.sd, cell.minimum, cell.maximum),
            *(int(cell.emulated), int(cell.simulated_gpu)),
        )
