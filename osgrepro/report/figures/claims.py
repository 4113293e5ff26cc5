"""A claim in every environment: on which side of its margin the difference falls."""

from __future__ import annotations

import math
from collections.abc import Iterator

from osgrepro.analysis.findings import ClaimCell, ClaimFindings
from osgrepro.report.figures.canvas.drawing import (
    BLUE,
    INK,
    RED,
    WIDTH,
    Element,
    cross,
    group,
    label,
    line,
    picture,
)
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.panels import LEFT, RIGHT, below, dot, frame, panels
from osgrepro.report.figures.canvas.scale import scale
from osgrepro.report.figures.canvas.words import number

COLUMNS = ("software", "hardware", "a", "b", "difference", "delta", "holds", "flips", "p")


def flips(claim: ClaimFindings, slug: str) -> Figure | None:
    """Draw the difference in each environment; None where none can judge the claim."""
    if not claim.cells:
        return None
    majority = claim.holds * 2 >= claim.environments
    by_place = {(cell.software, cell.hardware): cell for cell in claim.cells}
    software = dict.fromkeys(cell.software for cell in claim.cells)
    laid = panels(
        [(one, [c.hardware for c in claim.cells if c.software == one]) for one in software]
    )
    found = scale([*(cell.difference for cell in claim.cells), claim.delta], LEFT, RIGHT)
    axis = claim.statement.rpartition(" < " if claim.below else " > ")[0]
    drawn: list[Element] = list(frame(laid, found, axis))
    for panel in laid:
        x = found(claim.delta)
        drawn.append(line(x, panel.first, x, panel.last, stroke=BLUE, data_mark="delta"))
        for row, name in enumerate(panel.hardware):
            cell = by_place[panel.software, name]
            finite = math.isfinite(cell.difference)
            place = found(cell.difference) if finite else None
            drawn.append(_cell(cell, place, panel.y(row), majority))
    title = f"{claim.name}: where the claim holds"
    caption = (
        f"{claim.statement}: the line is the margin. A dot agrees with most environments, which "
        f"say {'yes' if majority else 'no'}; a cross contradicts them."
    )
    return Figure(
        name=f"claim-{slug}",
        title=title,
        caption=caption,
        svg=picture(title, caption, WIDTH, below(laid) + 4, drawn),
        columns=COLUMNS,
        rows=tuple(_rows(claim, majority)),
        experiment=None,
        section="claims",
    )


def _cell(cell: ClaimCell, x: float | None, y: float, majority: bool) -> Element:
    """Return the mark of an environment; what has no place on the axis is written beside it."""
    told = (
        f"{cell.hardware} · {cell.software}: {number(cell.difference)}, "
        f"{'holds' if cell.holds else 'does not hold'}"
    )
    flipped = cell.holds != majority
    if x is None:
        ink = RED if flipped else INK
        mark = label(LEFT + 4, y + 4, number(cell.difference), fill=ink, data_mark="difference")
    elif flipped:
        mark = cross(x, y, 4, stroke=RED)
    else:
        mark = dot(x, y, hollow=False, mark="difference")
    return group(told, mark, data_mark="flip" if flipped else "cell")


def _rows(claim: ClaimFindings, majority: bool) -> Iterator[tuple[Value, ...]]:
    for cell in claim.cells:
        yield (
            *(cell.software, cell.hardware, cell.a, cell.b, cell.difference, claim.delta),
            "yes" if cell.holds else "no",
            "yes" if cell.holds != majority else "no",
            cell.p,
        )
