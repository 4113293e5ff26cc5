"""A matplotlib figure that says what lies below the pointer; the only module that loads matplotlib.

Lengths are points, 72 to the inch, from the upper left corner. Matplotlib is loaded when the first
figure is drawn, never before. A user's own ``matplotlibrc`` is not read: the same data make the
same bytes everywhere.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas import fonts
from osgrepro.report.figures.canvas.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

Format = Literal["svg", "pdf", "png"]

# The widths of a column of a paper, in which letters of SIZE can be read; a page; a telephone.
WIDTH, WIDE, NARROW = 375.0, 680.0, 280.0
SIZE, SMALL, LINE = 8.5, 7.5, 14.0
INK, MUTED, RULE, FAINT, PAPER = "#1a1a1a", "#4d4d4d", "#8c8c8c", "#dddddd", "#ffffff"
# Distinguishable with any colour vision, and each at least 7 : 1 on or below INK and PAPER.
BLUE, RED = "#0b4f8a", "#9c2a00"
DOTS_PER_INCH = 300

_STYLE: dict[str, Any] = {
    "font.family": [fonts.OWN],
    "font.size": SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.6,
    "axes.labelcolor": INK,
    "axes.labelsize": SIZE,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-4, 6),
    "xtick.labelsize": SMALL,
    "xtick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelsize": SIZE,
    "ytick.color": RULE,
    "ytick.labelcolor": INK,
    "hatch.linewidth": 0.6,
    "hatch.color": "#1a1a1a55",
    "svg.fonttype": "none",
    "svg.hashsalt": "osgrepro",
    "pdf.fonttype": 42,
}


@dataclass(frozen=True, slots=True)
class Area:
    """What is said of an area of a figure: its tooltip, and the kind of mark that it is."""

    words: str
    mark: str | None


@dataclass(frozen=True, slots=True)
class Canvas:
    """A figure being drawn, and the areas of it that have words; made by :func:`blank`."""

    drawing: Drawing
    width: float
    height: float
    areas: dict[str, Area] = field(default_factory=dict)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return bare axes in a place of the figure: no frame, no ticks."""
        axes = self.drawing.add_axes(
            (
                left / self.width,
                1 - (top + height) / self.height,
                width / self.width,
                height / self.height,
            )
        )
        axes.patch.set_visible(False)
        axes.spines[:].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def plane(self) -> Axes:
        """Return axes over the whole figure whose units are its points."""
        axes = self.axes(0, 0, self.width, self.height)
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        return axes

    def text(
        self, x: float, y: float, words: str, *, width: float | None = None, **looks: Any
    ) -> None:
        """Write a line whose middle is at the height ``y``; cut to ``width``, it has a tooltip."""
        size, words = float(looks.get("fontsize", SIZE)), visible(words)
        short = words if width is None else shortened(words, width, size)
        looks = {"va": "center_baseline", "ha": "left", **looks}
        made = self.drawing.text(x / self.width, 1 - y / self.height, short, **looks)
        if short != words:
            self._say(made, words, None)

    def area(
        self, axes: Axes, box: tuple[float, float, float, float], words: str, mark: str | None
    ) -> None:
        """Say what lies in a box of the axes, in their units: x, y, width and height."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415, a heavy import

        x, y, width, height = box
        patch = Rectangle((x, y), width, height, fill=False, linewidth=0, zorder=9)
        patch.set_clip_on(False)
        axes.add_artist(patch)
        self._say(patch, words, mark)

    def _say(self, artist: Any, words: str, mark: str | None) -> None:
        name = f"area-{len(self.areas)}"
        artist.set_gid(name)
        self.areas[name] = Area(words, mark)

    def encoded(self, format_: Format) -> bytes:
        """Return the figure in a format, the same bytes for the same figure."""
        nothing = {
            "svg": dict.fromkeys(("Date", "Creator", "Format", "Type")),
            "pdf": dict.fromkeys(("CreationDate", "Producer", "Creator")),
            "png": {"Software": None},
        }
        file = io.BytesIO()
        self.drawing.savefig(
            file, format=format_, dpi=DOTS_PER_INCH, metadata=nothing[format_], facecolor=PAPER
        )
        return file.getvalue()


def blank(height: float, width: float = WIDTH) -> Canvas:
    """Return an empty canvas; inside :func:`styled`."""
    from matplotlib.figure import Figure as Drawing  # noqa: PLC0415, a heavy import

    return Canvas(Drawing(figsize=(width / 72, height / 72)), width, height)


@contextmanager
def styled(*, further_fonts: bool = False) -> Iterator[None]:
    """Draw and encode in the style of all figures, silent about letters that a font lacks.

    With ``further_fonts`` those of this machine draw what the figures' own lacks; whoever shows an
    SVG chooses by itself.
    """
    import matplotlib as mpl  # noqa: PLC0415, a heavy import

    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        settings: Any = mpl.rcParams  # its keys are literals, which no table of ours is
        settings.update(_STYLE)
        if further_fonts:
            settings["font.family"] = fonts.families()
        yield
