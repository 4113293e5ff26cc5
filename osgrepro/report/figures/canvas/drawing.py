"""The few elements of SVG that the figures are made of; whatever they are given is escaped.

Lengths are pixels. Every figure is ``WIDTH`` wide where it can be, the width of a telephone and of
a paper's column, so that its letters are never scaled below what can be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.words import shortened

Element = ET.Element

WIDTH = 340.0
SIZE = 11.0
LINE = 17.0
INK, MUTED, RULE, FAINT, PAPER = "#1a1a1a", "#4d4d4d", "#8c8c8c", "#dddddd", "#ffffff"
# Distinguishable with any colour vision, and each at least 7 : 1 on or below INK and PAPER.
BLUE, RED = "#0b4f8a", "#9c2a00"


def node(tag: str, *children: Element, words: str | None = None, **attributes: Any) -> Element:
    """Return an element; ``stroke_width=1.5`` becomes ``stroke-width="1.5"``, None is left out."""
    made = ET.Element(
        tag,
        {
            # Some of SVG's own names have capitals; those with a dash are written with a low line.
            key.strip("_").replace("_", "-"): _attribute(value)
            for key, value in attributes.items()
            if value is not None
        },
    )
    made.text = None if words is None else visible(words)
    made.extend(children)
    return made


def _attribute(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return visible(str(value))


def rect(x: float, y: float, width: float, height: float, **attributes: Any) -> Element:
    """Return a rectangle."""
    return node("rect", x=x, y=y, width=width, height=height, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> Element:
    """Return a straight line."""
    drawn: dict[str, Any] = {"stroke": RULE, **attributes}
    return node("line", x1=x1, y1=y1, x2=x2, y2=y2, **drawn)


def cross(x: float, y: float, radius: float, **attributes: Any) -> Element:
    """Return an ×, for what must stand out without colour."""
    path = "".join(
        f"M{_attribute(x - radius)} {_attribute(y + turn * radius)}"
        f"L{_attribute(x + radius)} {_attribute(y - turn * radius)}"
        for turn in (1, -1)
    )
    return node("path", d=path, fill="none", stroke_width=2, **attributes)


def label(
    x: float, y: float, words: str, *, width: float | None = None, **attributes: Any
) -> Element:
    """Return a text on the base line ``y``; cut to ``width``, it has the whole as its tooltip."""
    seen = visible(words)
    short = seen if width is None else shortened(seen, width, SIZE)
    made = node("text", words=short, x=x, y=y, **attributes)
    if short != seen:
        made.append(node("title", words=seen))
        # ElementTree puts a child behind the text, where a tooltip is as good as in front.
    return made


def group(tooltip: str, *children: Element, **attributes: Any) -> Element:
    """Return elements that share a tooltip."""
    return node("g", node("title", words=tooltip), *children, **attributes)


def picture(
    title: str, caption: str, width: float, height: float, children: Iterable[Element]
) -> str:
    """Return the whole SVG element: it needs no style, font or script of anybody's."""
    root = node(
        "svg",
        node("title", words=title),
        node("desc", words=caption),
        rect(0, 0, width, height, fill=PAPER),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        viewBox=f"0 0 {_attribute(width)} {_attribute(height)}",
        width=width,
        height=height,
        font_family="system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif",
        font_size=SIZE,
        fill=INK,
    )
    return ET.tostring(root, encoding="unicode")
