"""A figure as PDF and PNG, by matplotlib: the only module that draws with it.

It is imported when the first figure is printed, never before. A user's own ``matplotlibrc`` is not
read: the same data make the same bytes everywhere.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
from matplotlib import patches, text
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D

from osgrepro.report.figures.canvas import fonts
from osgrepro.report.figures.canvas.canvas import Canvas
from osgrepro.report.figures.canvas.looks import HATCH, HATCHED, INK, PAPER
from osgrepro.report.figures.canvas.shapes import Line, Mark, Polygon, Rectangle, Shape, Text

DOTS_PER_INCH = 300
# The same file for the same figure: nothing of when and with what it was made.
_UNSAID: dict[str, dict[str, None]] = {
    "pdf": dict.fromkeys(("CreationDate", "Producer", "Creator")),
    "png": {"Software": None},
}
_STYLE: dict[str, Any] = {
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "hatch.linewidth": HATCH,
    "hatch.color": HATCHED,
    "pdf.fonttype": 42,
}


def printed(canvas: Canvas, format_: Literal["pdf", "png"]) -> bytes:
    """Return a figure in a format, the same bytes for the same figure."""
    with _styled():
        drawing = Figure(figsize=(canvas.width / 72, canvas.height / 72))
        points = Affine2D().scale(1 / canvas.width, -1 / canvas.height).translate(0, 1)
        for place, shape in enumerate(canvas.shapes):
            if type(shape) not in _ARTISTS:
                continue
            artist = _ARTISTS[type(shape)](shape)
            artist.set_transform(points + drawing.transSubfigure)
            artist.set_zorder(place)
            drawing.add_artist(artist, clip=False)
        file = io.BytesIO()
        looks: dict[str, Any] = {"dpi": DOTS_PER_INCH, "facecolor": PAPER}
        drawing.savefig(file, format=format_, metadata=_UNSAID[format_], **looks)
        return file.getvalue()


@contextmanager
def _styled() -> Iterator[None]:
    """Draw in the style of all figures, silent about letters that a font lacks."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        settings: Any = mpl.rcParams  # its keys are literals, which no table of ours is
        settings.update(_STYLE)
        settings["font.family"] = fonts.families()
        yield


def _rectangle(shape: Rectangle) -> Artist:
    return patches.Rectangle(
        (shape.x, shape.y),
        shape.width,
        shape.height,
        facecolor=shape.fill or "none",
        edgecolor=shape.edge,
        linewidth=shape.line if shape.edge else 0,
        linestyle=(0, shape.dashes) if shape.dashes else "-",
        hatch=shape.hatch or None,
        alpha=None if shape.opacity == 1 else shape.opacity,
    )


def _polygon(shape: Polygon) -> Artist:
    return patches.Polygon(shape.corners, color=shape.fill, linewidth=0)


def _line(shape: Line) -> Artist:
    cap: Literal["butt", "projecting"] = "butt" if shape.butt else "projecting"
    return Line2D(shape.x, shape.y, color=shape.colour, linewidth=shape.line, solid_capstyle=cap)


def _mark(shape: Mark) -> Artist:
    return Line2D(
        [shape.x],
        [shape.y],
        linestyle="none",
        marker=shape.symbol,
        markersize=shape.size,
        markeredgecolor=shape.colour,
        markerfacecolor=shape.fill,
        markeredgewidth=shape.line,
    )


def _text(shape: Text) -> Artist:
    rim = {"boxstyle": "round,pad=0.15", "facecolor": shape.rim, "edgecolor": "none", "alpha": 0.8}
    return text.Text(
        shape.x,
        shape.y,
        shape.words,
        fontsize=shape.size,
        color=shape.colour,
        weight="bold" if shape.bold else "normal",
        ha="center" if shape.rotated else shape.align,
        va="bottom" if shape.rotated else "center_baseline",
        rotation=90 if shape.rotated else 0,
        bbox=rim if shape.rim else None,
    )


_ARTISTS: Mapping[type[Shape], Callable[[Any], Artist]] = {
    Rectangle: _rectangle,
    Polygon: _polygon,
    Line: _line,
    Mark: _mark,
    Text: _text,
}
