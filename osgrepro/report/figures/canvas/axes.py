"""A part of a figure with units of its own: where a value lies, and what is drawn there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.looks import INK, SIZE
from osgrepro.report.figures.canvas.shapes import (
    Align,
    Line,
    Mark,
    Polygon,
    Rectangle,
    Shape,
    Symbol,
    Text,
)

Box = tuple[float, float, float, float]  # x, y, width and height, in units


@dataclass(frozen=True, slots=True)
class Axes:
    """A place of a figure whose units go from ``low`` to ``high``, and down from 0 to ``rows``.

    Made by :meth:`.Canvas.axes`. What lies beyond the scale is cut at its ends.
    """

    add: Callable[[Shape], None]
    left: float
    top: float
    width: float
    height: float
    low: float
    high: float
    rows: float

    def x(self, value: float) -> float:
        """Return where a value lies, in points from the left of the figure."""
        return self.left + (value - self.low) / (self.high - self.low) * self.width

    def y(self, row: float) -> float:
        """Return where a row lies, in points from the top of the figure."""
        return self.top + row / self.rows * self.height

    def placed(self, box: Box) -> tuple[float, float, float, float]:
        """Return a box in points."""
        x, y, width, height = box
        left, top = self.x(x), self.y(y)
        return left, top, self.x(x + width) - left, self.y(y + height) - top

    def box(self, box: Box, **looks: Any) -> None:
        """Draw a rectangle."""
        x, y, width, height = self.placed(box)
        self.add(Rectangle(x=x, y=y, width=width, height=height, **looks))

    def polygon(self, corners: tuple[tuple[float, float], ...], fill: str) -> None:
        """Draw a filled shape with these corners."""
        self.add(Polygon(corners=tuple((self.x(x), self.y(y)) for x, y in corners), fill=fill))

    def band(self, low: float, high: float, colour: str, opacity: float = 1.0) -> None:
        """Draw what lies between two values, over all rows."""
        low, high = max(min(low, high), self.low), min(max(low, high), self.high)
        if low < high:
            self.box((low, 0, high - low, self.rows), fill=colour, opacity=opacity)

    def row(self, points: float) -> float:
        """Return how many rows a height is."""
        return points / self.height * self.rows

    def upright(self, value: float, colour: str, line: float, **looks: Any) -> None:
        """Draw a value over all rows."""
        self.tick(value, (0, self.rows), colour, line, **looks)

    def tick(
        self, value: float, rows: tuple[float, float], colour: str, line: float, **looks: Any
    ) -> None:
        """Draw a value from one height to another."""
        if self.low <= value <= self.high:
            x, y = (self.x(value),) * 2, (self.y(rows[0]), self.y(rows[1]))
            self.add(Line(x=x, y=y, colour=colour, line=line, **looks))

    def level(self, row: float, colour: str, line: float) -> None:
        """Draw a line below a row, over all values."""
        ends = (self.x(self.low), self.x(self.high))
        self.add(Line(x=ends, y=(self.y(row),) * 2, colour=colour, line=line))

    def reach(
        self, ends: tuple[float, float], row: float, colour: str, line: float, *, butt: bool = False
    ) -> None:
        """Draw from one value to another; ``butt`` is whether it ends right at them."""
        if not all(map(math.isfinite, ends)) or max(ends) < self.low or min(ends) > self.high:
            return
        low, high = (self.x(min(max(end, self.low), self.high)) for end in ends)
        self.add(Line(x=(low, high), y=(self.y(row),) * 2, colour=colour, line=line, butt=butt))

    def mark(
        self, value: float, row: float, symbol: Symbol, size: float, colour: str = INK, **looks: Any
    ) -> None:
        """Draw a symbol at a value."""
        if math.isfinite(value):
            looks = {"fill": colour, "line": 1.0, **looks}
            x, y = self.x(value), self.y(row)
            self.add(Mark(x=x, y=y, symbol=symbol, size=size, colour=colour, **looks))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = SIZE,
        colour: str = INK,
        align: Align = "center",
        **looks: Any,
    ) -> None:
        """Write a line around a point."""
        x, y = self.x(x), self.y(y)
        self.add(
            Text(x=x, y=y, words=visible(words), size=size, colour=colour, align=align, **looks)
        )
