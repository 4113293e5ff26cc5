"""Dot plots: a panel for each software environment, a line for each hardware environment.

The precision and the claims are drawn on these; all panels of a figure share one scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osgrepro.report.figures.canvas.canvas import FAINT, INK, LINE, WIDTH, Canvas, blank
from osgrepro.report.figures.canvas.matrix import ROWS, left_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT, _RIGHT = 112.0, WIDTH - 10
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
    drawn = []
    for panel in laid:
        canvas.text(0, panel.top + LINE / 2, panel.software, width=WIDTH, weight="bold")
        for row, name in enumerate(panel.hardware):
            y = panel.first + LINE * (row + 0.5)
            canvas.text(0, y, name, width=_LEFT - 6)
        axes = canvas.axes(_LEFT, panel.first, _RIGHT - _LEFT, panel.last - panel.first)
        axes.set_xlim(low, high)
        axes.set_ylim(len(panel.hardware), 0)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(True)
        axes.spines["bottom"].set_visible(True)
        _ticks(axes, factor)
        axes.tick_params(axis="x", labelbottom=panel is laid[-1], length=2, width=0.6)
        axes.grid(axis="x", color=FAINT, linewidth=0.5)
        left_out(canvas, (panel.more, 0), panel.last + LINE / 2)
        drawn.append(axes)
    middle, y = (_LEFT + _RIGHT) / 2, laid[-1].bottom + 22
    canvas.text(middle, y, metric, width=_RIGHT - _LEFT, ha="center")
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


def _ticks(axes: Axes, factor: float) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415, a heavy import

    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    if factor != 1:

        def shown(value: float, _: float) -> str:
            first, second = axes.xaxis.get_majorticklocs()[:2]
            # Steps are 1, 2 or 5 of some place: all have so many decimals.
            decimals = -math.floor(math.log10((second - first) * factor) + 1e-6)
            return f"{value * factor + 0.0:.{max(decimals, 0)}f}".replace("-", "−")

        axes.xaxis.set_major_formatter(FuncFormatter(shown))


def dot(axes: Axes, x: float, row: int, *, hollow: bool = False, **looks: Any) -> None:
    """Draw a dot, hollow where the environment only stood in for the hardware."""
    face = "#ffffff" if hollow else INK
    drawn: dict[str, Any] = {"marker": "o", "markersize": 4.5, "markeredgecolor": INK, **looks}
    axes.plot([x], [row + 0.5], markerfacecolor=face, linestyle="none", clip_on=False, **drawn)


def row_area(canvas: Canvas, axes: Axes, row: int, words: str, mark: str) -> None:
    """Say what a line of a panel shows."""
    left, right = axes.get_xlim()
    canvas.area(axes, (left, row, right - left, 1), words, mark)
