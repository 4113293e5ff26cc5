"""Dot plots: a panel for each software environment, a line for each hardware environment.

The precision and the claims are drawn on these; all panels of a figure share one scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from osgrepro.report.figures.canvas.drawing import (
    FAINT,
    INK,
    MUTED,
    RULE,
    SIZE,
    WIDTH,
    Element,
    label,
    line,
    node,
)
from osgrepro.report.figures.canvas.matrix import ROWS, left_out
from osgrepro.report.figures.canvas.scale import Scale
from osgrepro.report.figures.canvas.words import text_width

STEP = 16.0
LEFT, RIGHT = 132.0, WIDTH - 8
_AXIS = 20.0


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
        return self.top + STEP + 3

    @property
    def last(self) -> float:
        """The y at which the lines end."""
        return self.first + STEP * len(self.hardware)

    @property
    def bottom(self) -> float:
        """The y below the panel."""
        return self.last + STEP * (self.more > 0) + 8

    def y(self, row: int) -> float:
        """Return the middle of a line."""
        return self.first + STEP * (row + 0.5)


def panels(places: Sequence[tuple[str, Sequence[str]]]) -> tuple[Panel, ...]:
    """Lay out a panel for each software environment and its hardware environments."""
    limit = max(ROWS // max(len(places), 1), 20)
    laid: list[Panel] = []
    top = _AXIS
    for software, hardware in places:
        kept = tuple(hardware[:limit])
        laid.append(
            Panel(software=software, hardware=kept, more=len(hardware) - len(kept), top=top)
        )
        top = laid[-1].bottom
    return tuple(laid)


def frame(laid: Sequence[Panel], scale: Scale, metric: str) -> Iterator[Element]:
    """Yield what lies behind the marks: the axis above and below, its lines, and all names."""
    bottom = laid[-1].bottom
    ticks = scale.ticks()
    for value, words in ticks:
        x = scale(value)
        for panel in laid:
            yield line(x, panel.first, x, panel.last, stroke=FAINT)
        yield label(x, _AXIS - 8, words, **_tick(x, words))
        yield label(x, bottom + 8, words, data_mark="tick", data_x=x, **_tick(x, words))
    yield label((LEFT + RIGHT) / 2, bottom + 24, metric, width=RIGHT - LEFT, text_anchor="middle")
    for panel in laid:
        yield from _names(panel)


def below(laid: Sequence[Panel]) -> float:
    """Return the y below the axis and its name."""
    return laid[-1].bottom + 30


def _tick(x: float, words: str) -> dict[str, Any]:
    # At the edge of the picture a middled number would be cut.
    half = text_width(words, SIZE) / 2
    return {"text_anchor": "end" if x + half > WIDTH else "middle", "fill": MUTED}


def _names(panel: Panel) -> Iterator[Element]:
    yield label(0, panel.top + 12, panel.software, width=LEFT - 6, font_weight="bold")
    for row, name in enumerate(panel.hardware):
        y = panel.y(row)
        yield label(0, y + 4, name, width=LEFT - 8)
    for y in (panel.first, panel.last):
        yield line(LEFT, y, RIGHT, y, stroke=RULE)
    yield from left_out((panel.more, 0), panel.last + 12)


def dot(x: float, y: float, *, hollow: bool, mark: str) -> Element:
    """Return a dot, hollow where the environment only stood in for the hardware."""
    looks = {"fill": "#ffffff", "stroke": INK} if hollow else {"fill": INK}
    return node("circle", cx=x, cy=y, r=3.2, data_mark=mark, **looks)
