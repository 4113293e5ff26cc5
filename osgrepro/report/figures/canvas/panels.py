"""Dot plots: a panel for each software environment, a line for each hardware environment.

The precision and the claims are drawn on these; all panels of a figure share one scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from osgrepro.report.figures.canvas.axes import Axes
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.looks import (
    CAPITAL,
    FAINT,
    INK,
    LINE,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    WIDTH,
)
from osgrepro.report.figures.canvas.matrix import ROWS, left_out

_LEFT, _RIGHT = 112.0, WIDTH - 10
DOT = 4.5
_AXIS = 30.0  # the height of the axis and its name
# Beyond, the distance of two values is no number any more.
_LARGEST = 1e150


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One software environment: the hardware shown, how much is not, and its place.

    ``top`` is the y of the panel's heading; its lines begin below.
    """

    software: str
    hardware: tuple[str, ...]
    more: int
    top: float

    @property
    def first(self) -> float:
        """The y at which the lines begin."""
        return self.top + LINE + 2

    @property
    def last(self) -> float:
        """The y at which the lines end."""
        return self.first + LINE * len(self.hardware)

    @property
    def bottom(self) -> float:
        """The y below the panel."""
        return self.last + LINE * (self.more > 0) + 7


def panels(places: Sequence[tuple[str, Sequence[str]]]) -> tuple[Panel, ...]:
    """Lay out a panel for each software environment and its hardware environments."""
    limit = max(ROWS // max(len(places), 1), 20)
    laid: list[Panel] = []
    top = 0.0
    for software, hardware in places:
        kept = tuple(hardware[:limit])
        laid.append(
            Panel(software=software, hardware=kept, more=len(hardware) - len(kept), top=top)
        )
        top = laid[-1].bottom
    return tuple(laid)


def draw(
    laid: Sequence[Panel],
    values: Iterable[float],
    metric: str,
    notes: Sequence[str] = (),
    factor: float = 1.0,
) -> tuple[Canvas, list[Axes]]:
    """Draw what lies behind the marks; return the canvas, and axes in which a row is 1 high.

    ``values`` are all that the scale has to hold, ``metric`` is its name with its unit, in which
    they are ``factor`` times as much, and ``notes`` are lines below it.
    """
    height = laid[-1].bottom + _AXIS + LINE * len(notes)
    canvas = blank(height)
    low, high = _limits(values)
    places, written = ticks(low, high, factor)
    drawn = []
    for panel in laid:
        canvas.text(0, panel.top + LINE / 2, panel.software, width=WIDTH, bold=True)
        for row, name in enumerate(panel.hardware):
            y = panel.first + LINE * (row + 0.5)
            canvas.text(0, y, name, width=_LEFT - 6)
        size = (_RIGHT - _LEFT, panel.last - panel.first)
        axes = canvas.axes(_LEFT, panel.first, *size, (low, high), len(panel.hardware))
        _scale(axes, places, written if panel is laid[-1] else ())
        left_out(canvas, (panel.more, 0), panel.last + LINE / 2)
        drawn.append(axes)
    middle, y = (_LEFT + _RIGHT) / 2, laid[-1].bottom + 22
    canvas.text(middle, y, metric, width=_RIGHT - _LEFT, align="center")
    for place, words in enumerate(notes):
        y = laid[-1].bottom + _AXIS + LINE * (place + 0.5)
        canvas.text(0, y, words, width=WIDTH)
    return canvas, drawn


def drawable(value: float | None) -> bool:
    """Whether a value has a place on a scale."""
    return value is not None and math.isfinite(value) and abs(value) < _LARGEST


def _limits(values: Iterable[float]) -> tuple[float, float]:
    known = [value for value in values if drawable(value)] or [0.0]
    low, high = min(known), max(known)
    # What doesn't vary stands in the middle of a scale of its own size.
    apart = high - low if high - low > 1e-9 * abs(high) else abs(high) / 100 or 1.0
    middle = low / 2 + high / 2
    return middle - apart * 0.54, middle + apart * 0.54


def _scale(axes: Axes, places: Sequence[float], written: Sequence[str]) -> None:
    """Draw the frame of a panel, its ticks, and what is ``written`` below them."""
    bottom = axes.rows
    for place in places:
        axes.upright(place, FAINT, 0.5, below=True)
    axes.upright(axes.low, RULE, 0.6)
    axes.level(bottom, RULE, 0.6)
    length, below = axes.row(2), axes.row(5.5 + SMALL * CAPITAL / 2)
    for place in places:
        axes.tick(place, (bottom, bottom + length), RULE, 0.6)
    for place, words in zip(places, written, strict=False):
        axes.text(place, bottom + below, words, size=SMALL, colour=MUTED)


def ticks(low: float, high: float, factor: float = 1.0) -> tuple[list[float], list[str]]:
    """Return where a scale has ticks, 1, 2 or 5 of some place apart, and what they are called.

    They are at most six, and two where a scale has room for so few.
    """
    rough = (high - low) / 5
    place = 10.0 ** math.floor(math.log10(rough))
    steps = [step * place for step in (0.5, 1, 2, 5, 10) if step * place < rough * 10]
    fitting = [step for step in steps if step >= rough * (1 - 1e-9)]
    for step in (fitting[0], *reversed(steps[: steps.index(fitting[0])])):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last > first:
            break
    places = [multiple * step for multiple in range(first, last + 1)]
    return places, _written([value * factor for value in places], step * factor)


def _written(values: Sequence[float], step: float) -> list[str]:
    """Return numbers that are a step apart, all with the same digits."""
    decimals = -math.floor(math.log10(step) + 1e-6)
    largest = max(map(abs, values), default=0.0)
    if largest < 1e6 and decimals <= 6:
        texts = (f"{value + 0.0:.{max(decimals, 0)}f}" for value in values)
    else:
        digits = max(math.floor(math.log10(largest or step)) + decimals, 0)
        texts = (f"{value + 0.0:.{digits}e}" for value in values)
    return [text.replace("-", "−") for text in texts]


def dot(axes: Axes, x: float, row: int, *, hollow: bool = False) -> None:
    """Draw a dot, hollow where the environment only stood in for the hardware."""
    axes.mark(x, row + 0.5, "o", DOT, INK, fill=PAPER if hollow else INK)


def row_area(canvas: Canvas, axes: Axes, row: int, words: str, mark: str) -> None:
    """Say what a line of a panel shows."""
    canvas.area(axes, (axes.low, row, axes.high - axes.low, 1), words, mark)
