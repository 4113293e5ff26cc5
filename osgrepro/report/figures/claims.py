"""A claim in every environment: on which side of its margin the difference falls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from osgrepro.analysis.findings import (
    NO,
    UNDECIDED,
    YES,
    Cell,
    ClaimCell,
    ClaimFindings,
    ExperimentFindings,
)
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.axes import Axes
from osgrepro.report.figures.canvas.canvas import Canvas
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import BLUE, INK, RED
from osgrepro.report.figures.canvas.panels import DOT, dot, draw, drawable, panels, row_area
from osgrepro.report.figures.canvas.words import number
from osgrepro.report.questions.claims import flipped, side
from osgrepro.report.words import Unit, percent, unit

COLUMNS = (
    *("software", "hardware", "a", "b", "difference", "low", "high"),
    *("delta", "margin", "holds", "divided", "flips", "p", "p_holm", "runs_low", "runs_high"),
)
_RUNS = "#c4c4c4"
# From the smallest to the largest of what runs of an environment differ by.
Ranges = Mapping[env.Environments, tuple[float, float]]


def flips(
    claim: ClaimFindings, experiments: Sequence[ExperimentFindings], slug: str
) -> Figure | None:
    """Draw the difference in each environment; None where none can judge the claim.

    Where runs of an environment differ, their range is drawn behind its mean: it may reach over the
    margin. It is known where the claim is about the primary metric of its ``experiments``.
    """
    if not claim.cells:
        return None
    ranges = _ranges(claim, experiments)
    majority = claim.holds >= claim.against
    margin = "the line is the margin" if claim.margin is None else "the band is within the margin"
    caption = (
        f"{claim.statement}: {margin}. A dot agrees with most environments, "
        f"which say {YES if majority else NO}; a cross contradicts them."
    )
    if any(side(cell) == UNDECIDED for cell in claim.cells):
        caption += " A hollow dot is undecided."
    if ranges:
        caption += " A grey bar reaches over all runs of an environment whose runs differ."
    if any(cell.low is not None for cell in claim.cells):
        caption += f" The bars are intervals ({percent(1 - 2 * claim.alpha)}), each by itself."
    return Figure(
        name=f"claim-{slug}",
        title=f"{claim.name}: where the claim holds",
        caption=caption,
        draw=partial(_draw, claim, majority, ranges),
        columns=COLUMNS,
        rows=tuple(_rows(claim, majority, ranges)),
        experiment=None,
        section="claims",
    )


def _ranges(claim: ClaimFindings, experiments: Sequence[ExperimentFindings]) -> Ranges:
    """Return the range of a − b, or of a, in each environment in which runs differ."""
    cells = {
        own.name: env.by_environments(own.cells)
        for own in experiments
        if own.primary == claim.metric
    }
    first, _, rest = claim.statement.partition(f".{claim.metric} ")
    second = rest.removeprefix("− ").partition(f".{claim.metric} ")[0]
    ranges = {}
    for own in claim.cells:
        place = own.hardware, own.software
        a = _ends(cells.get(first, {}).get(place))
        b = (0.0, 0.0) if own.b is None else _ends(cells.get(second, {}).get(place))
        if a and b and (a[0] < a[1] or b[0] < b[1]):
            ranges[place] = a[0] - b[1], a[1] - b[0]
    return ranges


def _ends(cell: Cell | None) -> tuple[float, float] | None:
    """Return the smallest and the largest value of a cell's runs, where all gave a number."""
    if cell is None or cell.minimum is None or cell.maximum is None:
        return None
    return cell.minimum, cell.maximum


def _unit(claim: ClaimFindings) -> Unit:
    return unit(claim.metric, (side for cell in claim.cells for side in (cell.a, cell.b)))


def _draw(claim: ClaimFindings, majority: bool, ranges: Ranges) -> Canvas:
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
    values += [end for own in ranges.values() for end in own]
    sign = "<" if claim.below else ">" if claim.margin is None else "="
    axis, own_unit = claim.statement.partition(f" {sign} ")[0], _unit(claim)
    if own_unit.of_values:
        compared = any(cell.b is not None for cell in claim.cells)
        axis += f" ({'percentage points' if compared else own_unit.of_values.strip()})"
    canvas, drawn = draw(laid, values, axis, factor=own_unit.factor)
    for panel, axes in zip(laid, drawn, strict=True):
        if all(map(drawable, margins)):
            for end in dict.fromkeys(margins):
                axes.upright(end, BLUE, 1)
            if claim.margin is not None:
                axes.band(margins[0], margins[1], BLUE, 0.1)
        for row, name in enumerate(panel.hardware):
            cell = by_environments[panel.software, name]
            _behind(axes, ranges.get((cell.hardware, cell.software)), row)
            _mark(axes, cell, row, flip=flipped(cell, majority))
            mark = "flip" if flipped(cell, majority) else "cell"
            row_area(canvas, axes, row, _tooltip(cell, ranges, own_unit), mark)
    return canvas


def _behind(axes: Axes, runs: tuple[float, float] | None, row: int) -> None:
    """Draw the range of an environment's runs, where they differ."""
    if runs is not None and all(map(drawable, runs)):
        axes.reach(runs, row + 0.5, _RUNS, 4, butt=True)


def _mark(axes: Axes, cell: ClaimCell, row: int, *, flip: bool) -> None:
    """Draw an environment's difference with its interval."""
    if not drawable(cell.difference):
        # What has no place on the axis is written beside it.
        ink = RED if flip else INK
        axes.text(axes.low, row + 0.5, f" {number(cell.difference)}", align="left", colour=ink)
        return
    ends = [end for end in (cell.low, cell.high) if end is not None and drawable(end)]
    if len(ends) == 2:
        axes.reach((ends[0], ends[1]), row + 0.5, RED if flip else INK, 1)
    if flip:
        axes.mark(cell.difference, row + 0.5, "x", DOT, RED, line=1.6)
    else:
        dot(axes, cell.difference, row, hollow=side(cell) == UNDECIDED)


_HOLDS = {YES: "holds", NO: "does not hold", UNDECIDED: UNDECIDED}


def _tooltip(cell: ClaimCell, ranges: Ranges, own_unit: Unit) -> str:
    scaled = partial(_scaled, unit=own_unit, compared=cell.b is not None)
    words = f"{cell.hardware} · {cell.software}: {scaled(cell.difference)}, {_HOLDS[side(cell)]}"
    words += " by the mean of runs on both sides" if cell.divided else ""
    if runs := ranges.get((cell.hardware, cell.software)):
        words += f"; single runs from {scaled(runs[0])} to {scaled(runs[1])}"
    return words


def _scaled(value: float, unit: Unit, *, compared: bool) -> str:
    """Return a value, or by how much two differ, in the unit of the metric."""
    if not compared:
        return unit.value(value)
    return f"{number(value * unit.factor, 4)}{' percentage points' if unit.of_spreads else ''}"


def _rows(claim: ClaimFindings, majority: bool, ranges: Ranges) -> Iterator[tuple[Value, ...]]:
    for cell in claim.cells:
        yield (
            *(cell.software, cell.hardware, cell.a, cell.b, cell.difference, cell.low, cell.high),
            *(claim.delta, claim.margin, side(cell), YES if cell.divided else NO),
            *(YES if flipped(cell, majority) else NO, cell.p, cell.p_holm),
            *ranges.get((cell.hardware, cell.software), (None, None)),
        )
