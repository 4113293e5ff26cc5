"""Marks that the matrices share, for cells without a result and those that only stood in; and keys.

A key is the list below a figure of what its marks mean; it names those that occur.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from osgrepro.analysis.findings import Cell
from osgrepro.common.texts import counted
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.canvas import Canvas
from osgrepro.report.figures.canvas.environments import Environments, remark
from osgrepro.report.figures.canvas.looks import INK, LINE, MUTED, PAPER, RULE, SIZE, WIDTH
from osgrepro.report.figures.canvas.words import text_width

Sample = Callable[[Axes, Box], None]
_SAMPLE = 24.0


def no_run(
    canvas: Canvas, axes: Axes, cell: Cell | None, environments: Environments, box: Box
) -> None:
    """Draw a cell without a result: nothing was run there, or every run failed."""
    where = " · ".join(environments)
    if cell is None or not cell.failed:
        empty(axes, box)
        canvas.area(axes, box, f"{where}: no run", "missing")
    else:
        failed(axes, box)
        words = f"{where}: {counted(cell.failed, 'run')}, none ended well"
        canvas.area(axes, box, words, "failed")


def filled(axes: Axes, box: Box, colour: str) -> None:
    """Draw a cell in a colour."""
    axes.box(box, fill=colour)


def empty(axes: Axes, box: Box) -> None:
    """Draw a cell in which nothing was run: hatched, as no result is."""
    outlined(axes, box, RULE, 0.6, dashes=(2, 2), fill=PAPER, hatch="////")


def outlined(axes: Axes, box: Box, colour: str, width: float = 0.9, **looks: Any) -> None:
    """Draw a cell as its outline."""
    x, y, across, high = box
    place = (x + 0.02 * across, y + 0.05 * high, 0.96 * across, 0.9 * high)
    axes.box(place, edge=colour, line=width, **looks)


def failed(axes: Axes, box: Box) -> None:
    """Draw a cell in which every run failed."""
    empty(axes, box)
    x, y, width, height = box
    axes.mark(x + width / 2, y + height / 2, "x", 5, MUTED)


def stand_in(axes: Axes, cell: Cell, box: Box) -> None:
    """Draw the corner of a cell whose slot was emulated or whose GPU was simulated, if it was."""
    if remark(cell):
        _corner(axes, box)


def _corner(axes: Axes, box: Box) -> None:
    x, y, width, height = box
    # As wide as it is high on the paper, whatever the units of the axes are.
    _, _, across, high = axes.placed((0, 0, 1, 1))
    unit = high / across
    right, size = x + width, 0.4 * height
    axes.polygon(((right - unit * size, y), (right, y), (right, y + size)), INK)


def samples(cells: Iterable[Cell | None]) -> list[tuple[str, Sample]]:
    """Return the shared marks that occur in these cells, and what they mean."""
    shown = list(cells)
    every: list[tuple[str, Sample, bool]] = [
        ("no run", empty, any(cell is None for cell in shown)),
        (
            "no run ended well",
            failed,
            any(cell is not None and not cell.ok and cell.failed > 0 for cell in shown),
        ),
        (
            "hardware emulated or simulated",
            _cornered,
            any(cell is not None and bool(remark(cell)) for cell in shown),
        ),
    ]
    return [(words, draw) for words, draw, occurs in every if occurs]


def _cornered(axes: Axes, box: Box) -> None:
    empty(axes, box)
    _corner(axes, box)


def key_height(entries: Sequence[tuple[str, Sample]], width: float = WIDTH) -> float:
    """Return the height that :func:`key` takes."""
    return LINE * (1 + max((row for _, row in _flow(entries, width)), default=-1))


def key(
    canvas: Canvas, entries: Sequence[tuple[str, Sample]], top: float, width: float = WIDTH
) -> None:
    """Draw samples of marks and what they mean, side by side as far as there is room."""
    if not entries:
        return
    axes = canvas.plane()
    for (words, draw), (x, row) in zip(entries, _flow(entries, width), strict=True):
        y = top + LINE * row
        draw(axes, (x, y + 1, _SAMPLE, LINE - 2))
        canvas.text(x + _SAMPLE + 5, y + LINE / 2, words, width=width - x - _SAMPLE - 5)


def _flow(entries: Sequence[tuple[str, Sample]], width: float) -> list[tuple[float, int]]:
    """Return where each entry lies: its x, and its row."""
    places: list[tuple[float, int]] = []
    x, row = 0.0, 0
    for words, _ in entries:
        taken = _SAMPLE + 5 + text_width(words, SIZE) + 10
        if x and x + taken > width:
            x, row = 0.0, row + 1
        places.append((x, row))
        x += taken
    return places
