"""Marks that the matrices share: cells without a result, and those that only stood in."""

from __future__ import annotations

from collections.abc import Iterable

from osgrepro.analysis.findings import Cell
from osgrepro.report.figures.canvas.drawing import (
    INK,
    LINE,
    MUTED,
    PAPER,
    RULE,
    WIDTH,
    Element,
    cross,
    group,
    label,
    node,
    rect,
)
from osgrepro.report.figures.canvas.environments import Environments, remark
from osgrepro.report.figures.canvas.matrix import Box
from osgrepro.report.figures.canvas.words import count, text_width


def no_run(cell: Cell | None, environments: Environments, box: Box) -> Element:
    """Return a cell without a result: nothing was run there, or every run failed."""
    hardware, software = environments
    outline = rect(
        box.x + 0.5,
        box.y + 0.5,
        box.width - 2,
        box.height - 2,
        fill=PAPER,
        stroke=RULE,
        stroke_dasharray="2 2",
    )
    if cell is None or not cell.failed:
        return group(f"{hardware} · {software}: no run", outline, data_mark="missing")
    sign = cross(box.middle, box.y + box.height / 2 - 0.5, 4, stroke=MUTED)
    told = f"{hardware} · {software}: {count(cell.failed, 'run')}, none ended well"
    return group(told, outline, sign, data_mark="failed")


def stand_in(cell: Cell, box: Box) -> list[Element]:
    """Return the corner of a cell whose slot was emulated or whose GPU was simulated, if it was."""
    return [_corner(box.x + box.width - 1, box.y)] if remark(cell) else []


def _corner(right: float, top: float) -> Element:
    return node("path", d=f"M{right - 7:.2f} {top:.2f}h7v7z", fill=INK, data_mark="emulated")


def key(cells: Iterable[Cell | None], top: float) -> tuple[list[Element], float]:
    """Return what the marks that occur mean, and the y below."""
    shown = list(cells)
    box = Box(x=0, y=0, width=25, height=LINE - 1)
    samples = [
        ("no run", no_run(None, ("", ""), box), any(cell is None for cell in shown)),
        (
            "no run ended well",
            group(
                "",
                rect(0.5, 0.5, 23, 14, fill=PAPER, stroke=RULE, stroke_dasharray="2 2"),
                cross(12, 7.5, 4, stroke=MUTED),
            ),
            any(cell is not None and not cell.ok and cell.failed for cell in shown),
        ),
        (
            "hardware emulated or simulated",
            node("g", rect(0.5, 0.5, 23, 14, fill=PAPER, stroke=RULE), _corner(24, 0)),
            any(cell is not None and remark(cell) for cell in shown),
        ),
    ]
    x, y, drawn = 0.0, top, []
    for words, sample, occurs in samples:
        if not occurs:
            continue
        taken = 30 + text_width(words, 11) + 12
        if x and x + taken > WIDTH:
            x, y = 0.0, y + LINE
        drawn += [
            node("g", sample, transform=f"translate({x:.2f} {y:.2f})"),
            label(x + 30, y + 12, words),
        ]
        x += taken
    return drawn, y + (LINE if drawn else 0)
