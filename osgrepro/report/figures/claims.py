"""A claim in every environment: on which side of its margin the difference falls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from osgrepro.analysis.findings import ClaimCell, ClaimFindings
from osgrepro.report.figures.canvas.canvas import BLUE, INK, RED, Canvas
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.panels import dot, draw, drawable, panels, row_area
from osgrepro.report.figures.canvas.words import number

COLUMNS = ("software", "hardware", "a", "b", "difference", "delta", "holds", "flips", "p")


def flips(claim: ClaimFindings, slug: str) -> Figure | None:
    """Draw the difference in each environment; None where none can judge the claim."""
    if not claim.cells:
        return None
    majority = claim.holds * 2 >= claim.environments
    return Figure(
        name=f"claim-{slug}",
        title=f"{claim.name}: where the claim holds",
        caption=(
            f"{claim.statement}: the line is the margin. A dot agrees with most environments, "
            f"which say {'yes' if majority else 'no'}; a cross contradicts them."
        ),
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
        [(one, [c.hardware for c in claim.cells if c.software == one]) for one in software]
    )
    values = [*(cell.difference for cell in claim.cells), claim.delta]
    axis = claim.statement.rpartition(" < " if claim.below else " > ")[0]
    canvas, drawn = draw(laid, values, axis)
    for panel, axes in zip(laid, drawn, strict=True):
        if drawable(claim.delta):
            axes.axvline(claim.delta, color=BLUE, linewidth=1)
        for row, name in enumerate(panel.hardware):
            cell = by_environments[panel.software, name]
            flipped = cell.holds != majority
            if not drawable(cell.difference):
                # What has no place on the axis is written beside it.
                left, ink = axes.get_xlim()[0], RED if flipped else INK
                axes.text(left, row + 0.5, f" {number(cell.difference)}", va="center", color=ink)
            elif flipped:
                dot(axes, cell.difference, row, marker="x", markeredgecolor=RED, mew=1.6)
            else:
                dot(axes, cell.difference, row)
            row_area(canvas, axes, row, _told(cell), "flip" if flipped else "cell")
    return canvas


def _told(cell: ClaimCell) -> str:
    return (
        f"{cell.hardware} · {cell.software}: {number(cell.difference)}, "
        f"{'holds' if cell.holds else 'does not hold'}"
    )


def _rows(claim: ClaimFindings, majority: bool) -> Iterator[tuple[Value, ...]]:
    for cell in claim.cells:
        yield (
            *(cell.software, cell.hardware, cell.a, cell.b, cell.difference, claim.delta),
            "yes" if cell.holds else "no",
            "yes" if cell.holds != majority else "no",
            cell.p,
        )
