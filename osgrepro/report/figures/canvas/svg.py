"""A figure as one SVG element that a page can hold: named, with tooltips, without a style sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.canvas import Canvas
from osgrepro.report.figures.canvas.looks import CAPITAL, HATCH, HATCHED, PAPER
from osgrepro.report.figures.canvas.shapes import (
    Area,
    Line,
    Mark,
    Polygon,
    Rectangle,
    Shape,
    Text,
)
from osgrepro.report.figures.canvas.words import text_width

_FONTS = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_ANCHORS = {"center": "middle", "right": "end"}
# By the first letter of a hatch: a tile of 1 × 1, whose lines go on in the next.
_TILES = {
    "/": "M-.5 .5 L.5 -.5 M0 1 L1 0 M.5 1.5 L1.5 .5",
    "\\": "M-.5 .5 L.5 1.5 M0 0 L1 1 M.5 -.5 L1.5 .5",
    "-": "M0 .5 L1 .5",
}
_APART = 12.0  # points between the lines of a hatch of one letter


def element(canvas: Canvas, *, name: str, title: str, caption: str) -> str:
    """Return a figure as an element.

    Its ids begin with ``name``, so that they are unique on a page of several figures. ``title``
    and ``caption`` are what a screen reader says of it.
    """
    width, height = _number(canvas.width), _number(canvas.height)
    shapes = canvas.shapes
    hatches = dict.fromkeys(_hatch(shape) for shape in shapes if getattr(shape, "hatch", ""))
    ids = {hatch: f"{name}-hatch-{place}" for place, hatch in enumerate(hatches)}
    root = _tag(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        role="img",
        width=f"{width}pt",
        height=f"{height}pt",
        font_family=_FONTS,
        stroke_linejoin="round",
    )
    parts = [
        f"{root[:-2]}>",
        _said("title", title),
        _said("desc", caption),
        *(_pattern(hatch, id_) for hatch, id_ in ids.items()),
        _tag("rect", width=width, height=height, fill=PAPER),
        *(_WRITERS[type(shape)](shape, ids) for shape in shapes),
    ]
    return "\n".join([*parts, "</svg>"])


def _tag(tag: str, inner: str | None = None, /, **attributes: Any) -> str:
    """Return an element; what is None is left out, and an underscore in a name is a hyphen."""
    written = "".join(
        f' {name.replace("_", "-")}="{escape(_number(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}/>" if inner is None else f"<{tag}{written}>{inner}</{tag}>"


def _said(tag: str, words: str) -> str:
    """Return an element that only says something."""
    return _tag(tag, escape(visible(words), quote=False))


def _number(value: float | str) -> str:
    """Return a length to a hundredth of a point, which nobody sees."""
    if isinstance(value, str):
        return value
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


Hatch = tuple[str, str]  # matplotlib's word for it, and its colour
Ids = Mapping[Hatch, str]


def _hatch(shape: Any) -> Hatch:
    return shape.hatch, shape.edge or HATCHED


def _pattern(hatch: Hatch, id_: str) -> str:
    word, colour = hatch
    size = _APART / len(word)
    lines = _tag("path", d=_TILES[word[0]], stroke=colour, stroke_width=f"{HATCH / size:.4g}")
    tile = {"patternUnits": "userSpaceOnUse", "patternTransform": f"scale({size:.4g})"}
    return _tag("pattern", lines, id=id_, width="1", height="1", **tile)


def _rectangle(shape: Rectangle, ids: Ids) -> str:
    place = {"x": shape.x, "y": shape.y, "width": shape.width, "height": shape.height}
    outline = {"stroke": shape.edge, "stroke_width": shape.line} if shape.edge else {}
    dashes = " ".join(_number(shape.line * part) for part in shape.dashes or ()) or None
    opacity = None if shape.opacity == 1 else shape.opacity
    if not shape.hatch:
        fill = shape.fill or "none"
        return _tag("rect", **place, fill=fill, opacity=opacity, **outline, stroke_dasharray=dashes)
    below = _tag("rect", **place, fill=shape.fill) if shape.fill else ""
    fill = f"url(#{ids[_hatch(shape)]})"
    return below + _tag("rect", **place, fill=fill, **outline, stroke_dasharray=dashes)


def _polygon(shape: Polygon, _: Ids) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.corners)
    return _tag("polygon", points=points, fill=shape.fill)


def _line(shape: Line, _: Ids) -> str:
    ends = {"x1": shape.x[0], "y1": shape.y[0], "x2": shape.x[1], "y2": shape.y[1]}
    cap = None if shape.butt else "square"
    return _tag("line", **ends, stroke=shape.colour, stroke_width=shape.line, stroke_linecap=cap)


def _mark(shape: Mark, _: Ids) -> str:
    outline = {"stroke": shape.colour, "stroke_width": shape.line}
    half = shape.size / 2
    if shape.symbol == "o":
        return _tag("circle", cx=shape.x, cy=shape.y, r=half, fill=shape.fill, **outline)
    left, right, top, bottom = (
        _number(end) for end in (shape.x - half, shape.x + half, shape.y - half, shape.y + half)
    )
    across = _number(shape.x)
    paths = {"x": f"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"}
    return _tag("path", d=paths.get(shape.symbol, f"M{across} {top}L{across} {bottom}"), **outline)


def _text(shape: Text, _: Ids) -> str:
    below, x, y = CAPITAL / 2 * shape.size, shape.x, shape.y
    turned = f"rotate(-90 {_number(x + below)} {_number(y)})" if shape.rotated else None
    x, y = (x + below, y) if shape.rotated else (x, y + below)
    title = "" if shape.whole is None else _said("title", shape.whole)
    rim = ""
    if shape.rim:
        wide, high = text_width(shape.words, shape.size) + 2, shape.size + 2
        place = {"x": shape.x - wide / 2, "y": shape.y - high / 2, "width": wide, "height": high}
        rim = _tag("rect", **place, rx=2, fill=shape.rim, opacity=0.8)
    return rim + _tag(
        "text",
        title + escape(shape.words, quote=False),
        x=x,
        y=y,
        font_size=shape.size,
        font_weight="bold" if shape.bold else None,
        fill=shape.colour,
        text_anchor=None if shape.rotated else _ANCHORS.get(shape.align),
        transform=turned,
        pointer_events="none" if shape.whole is None else "all",
    )


def _area(shape: Area, _: Ids) -> str:
    place = {"x": shape.x, "y": shape.y, "width": shape.width, "height": shape.height}
    looks = {"fill": "none", "pointer_events": "all", "data_mark": shape.mark}
    return _tag("rect", _said("title", shape.words), **place, **looks)


_WRITERS: Mapping[type[Shape], Callable[[Any, Ids], str]] = {
    Rectangle: _rectangle,
    Polygon: _polygon,
    Line: _line,
    Mark: _mark,
    Text: _text,
    Area: _area,
}
