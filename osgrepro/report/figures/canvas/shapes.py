"""What a figure is made of: a few plain shapes, in points from its upper left corner.

A figure is drawn once, as these; :mod:`.svg` writes them for a page, :mod:`.printing` for paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]
Symbol = Literal["o", "x", "|"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rectangle:
    """A rectangle, filled or outlined; ``hatch`` is matplotlib's word for its pattern."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    edge: str | None = None
    line: float = 0.0
    dashes: tuple[float, float] | None = None
    hatch: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Polygon:
    """A filled shape with straight sides."""

    corners: tuple[tuple[float, float], ...]
    fill: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A straight line; ``below`` it lies behind all that is drawn after it."""

    x: tuple[float, float]
    y: tuple[float, float]
    colour: str
    line: float
    butt: bool = True
    below: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A symbol around a point, ``size`` wide."""

    x: float
    y: float
    symbol: Symbol
    size: float
    colour: str
    fill: str
    line: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A line of text, half as high as its capitals above and below ``y``.

    ``rotated`` it goes up from its point, and lies left and right of it. ``rim`` lies below it,
    where it stands on a pattern. ``whole`` is what it says where it is cut.
    """

    x: float
    y: float
    words: str
    size: float
    colour: str
    align: Align = "left"
    bold: bool = False
    rotated: bool = False
    rim: str | None = None
    whole: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    """A rectangle that shows nothing and has words: its tooltip, and the kind of mark it is."""

    x: float
    y: float
    width: float
    height: float
    words: str
    mark: str | None


Shape = Rectangle | Polygon | Line | Mark | Text | Area
# What lies above what, whatever is drawn first.
_LAYERS: tuple[tuple[type[object], ...], ...] = (
    (Rectangle, Polygon),
    (Line, Mark),
    (Text,),
    (Area,),
)


def layer(shape: Shape) -> int:
    """Return how far above the paper a shape lies."""
    if isinstance(shape, Line) and shape.below:
        return 0
    return next(place for place, kinds in enumerate(_LAYERS) if isinstance(shape, kinds))
