"""A figure being drawn: its shapes, and where its axes are.

Lengths are points, 72 to the inch, from the upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.looks import INK, SIZE, WIDTH
from osgrepro.report.figures.canvas.shapes import Align, Area, Shape, Text, layer
from osgrepro.report.figures.canvas.words import shortened

Format = Literal["svg", "pdf", "png"]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A figure being drawn; made by :func:`blank`."""

    width: float
    height: float
    drawn: list[Shape] = field(default_factory=list)

    @property
    def shapes(self) -> list[Shape]:
        """All that was drawn, from the lowest layer to the highest."""
        return sorted(self.drawn, key=layer)

    def axes(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        scale: tuple[float, float],
        rows: float,
    ) -> Axes:
        """Return axes in a place of the figure: ``scale`` from left to right, so many rows down."""
        return Axes(self.drawn.append, left, top, width, height, *scale, rows)

    def plane(self) -> Axes:
        """Return axes over the whole figure whose units are its points."""
        return self.axes(0, 0, self.width, self.height, (0, self.width), self.height)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        width: float | None = None,
        colour: str = INK,
        align: Align = "left",
        bold: bool = False,
        rotated: bool = False,
    ) -> None:
        """Write a line whose middle is at the height ``y``; cut to ``width``, it has a tooltip."""
        words = visible(words)
        short = words if width is None else shortened(words, width, SIZE)
        made = Text(
            x=x,
            y=y,
            words=short,
            size=SIZE,
            colour=colour,
            align=align,
            bold=bold,
            rotated=rotated,
            whole=None if short == words else words,
        )
        self.drawn.append(made)

    def area(self, axes: Axes, box: Box, words: str, mark: str | None) -> None:
        """Say what lies in a box of the axes, in their units: x, y, width and height."""
        x, y, width, height = axes.placed(box)
        made = Area(x=x, y=y, width=width, height=height, words=visible(words), mark=mark)
        self.drawn.append(made)


def blank(height: float, width: float = WIDTH) -> Canvas:
    """Return an empty canvas."""
    return Canvas(width, height)
