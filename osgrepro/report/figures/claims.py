"""A claim in every environment: on which side of its margin the difference falls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from osgrepro.analysis.findings import (
    NO,
    UNDECIDED,
    YES,
    ClaimCell,
    ClaimFindings,
)
from osgrepro.report.figures.canvas.canvas import BLUE, INK, RED, Canvas
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.panels import dot, draw, drawable, panels, row_area
from osgrepro.report.figures.canvas.words import number
from osgrepro.report.questions.claims import flipped, side
from osgrepro.report.words import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = (
    *("software", "hardware", "a", "b", "difference", "low", "high"),
    *("delta", "margin", "holds", "flips", "p", "p_holm"),
)


def flips(claim: ClaimFindings, slug: str) -> Figure | None:
    """Draw the difference in each environment; None where none can judge the claim."""
    if not claim.cells:
        return None
    majority = claim.holds >= claim.against
    margin = "the line is the margin" if claim.margin is None else "the band is within the margin"
    caption = (
        f"{claim.statement}: {margin}. A dot agrees with most environments, "
        f"which say {YES if majority else NO}; a cross contradicts them."
    )
    if any(side(cell) == UNDECIDED for cell in claim.cells):
        caption += " A hollow dot is undecided."
    if any(cell.low is not None for cell in claim.cells):
        caption += f" The bars are intervals ({percent(1 - 2 * claim.alpha)}), each by itself."
    return Figure(
        name=f"claim-{slug}",
        title=f"{claim.name}: where the claim holds",
        caption=caption,
        draw=partial(_draw, claim, majority),
        columns=COLUMNS,
        rows=tuple(_rows(claim, majority)),
        experiment=None,
        section="claims",
    )


def _draw(claim: ClaimFindings, majority: bool) -> Canvas:
    by_environments = {(cell.software, cell.hardware): cell for cell in claim.cells}
    software = dict.fromkeys(cell.software for cell in claim.cells)
    laid = panels(
        [
            (image, [cell.hardware for cell in claim.cells if cell.software == image])
            for image in software
        ]
    )
    ends = [end for cell in claim.cells for end in (cell.low, cell.high) if end is not None]
    margins = [claim.delta + way * (claim.margin or 0.0) for way in (-1, 1)]
    values = [*(cell.difference for cell in claim.cells), *ends, *margins]
    sign = "<" if claim.below else ">" if claim.margin is None else "="
    axis = claim.statement.partition(f" {sign} ")[0]
    canvas, drawn = draw(laid, values, axis)
    for panel, axes in zip(laid, drawn, strict=True):
        if all(map(drawable, margins)):
            for end in dict.fromkeys(margins):
                axes.axvline(end, color=BLUE, linewidth=1)
            if claim.margin is not None:
                axes.axvspan(*margins, color=BLUE, alpha=0.1, linewidth=0)
        for row, name in enumerate(panel.hardware):
            cell = by_environments[panel.software, name]
            _mark(axes, cell, row, flip=flipped(cell, majority))
            mark = "flip" if flipped(cell, majority) else "cell"
            row_area(canvas, axes, row, _tooltip(cell), mark)
    return canvas


def _mark(axes: Axes, cell: ClaimCell, row: int, *, flip: bool) -> None:
    """Draw an environment's difference with its interval."""
    if not drawable(cell.difference):
        # What has no place on the axis is written beside it.
        left, ink = axes.get_xlim()[0], RED if flip else INK
        axes.text(left, row + 0.5, f" {number(cell.difference)}", va="center", color=ink)
        return
    ends = [end for end in (cell.low, cell.high) if end is not None and drawable(end)]
    if len(ends) == 2:
        axes.plot(ends, [row + 0.5] * 2, color=RED if flip else INK, linewidth=1)
    if flip:
        dot(axes, cell.difference, row, marker="x", markeredgecolor=RED, mew=1.6)
    else:
        dot(axes, cell.difference, row, hollow=side(cell) == UNDECIDED)


_HOLDS = {YES: "holds", NO: "does not hold", UNDECIDED: UNDECIDED}


def _tooltip(cell: ClaimCell) -> str:
    place = f"{cell.hardware} · {cell.software}"
    return f"{place}: {number(cell.difference)}, {_HOLDS[side(cell)]}"


def _rows(claim: ClaimFindings, majority: bool) -> Iterator[tuple[Value, ...]]:
    for cell in claim.cells:
        yield (
            *(cell.software, cell.hardware, cell.a, cell.b, cell.difference, cell.low, cell.high),
            *(claim.delta, claim.margin, side(cell), YES if flipped(cell, majority) else NO),
            *(cell.p, cell.p_holm),
        )
