"""A matrix of rows and columns with names: where its cells lie, and what is left out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.drawing import LINE, MUTED, SIZE, WIDTH, Element, label, node
from osgrepro.report.figures.canvas.words import text_width

ROWS, COLUMNS, CELLS = 200, 24, 1200
_NAMES = 132.0  # the widest that names of rows get
_NARROWEST, _WIDEST = 36.0, 130.0
_WHAT = ("rows", "columns")
_HEAD = 120.0  # the tallest that upright names of columns get


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """Where one cell lies."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The x of its middle."""
        return self.x + self.width / 2

    @property
    def base(self) -> float:
        """The y on which a text stands."""
        return self.y + self.height / 2 + SIZE * 0.36


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """The rows and columns that are drawn, how many are not, and their measures."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    more: tuple[int, int]
    names: float
    column: float
    head: float
    upright: bool

    @property
    def width(self) -> float:
        """The whole width."""
        return max(WIDTH, self.names + self.column * len(self.columns))

    @property
    def bottom(self) -> float:
        """The y below the last row, and below the line that says what is left out."""
        return self.head + LINE * (len(self.rows) + (sum(self.more) > 0)) + 2

    def box(self, row: int, column: int) -> Box:
        """Return where a cell lies."""
        return Box(
            x=self.names + self.column * column,
            y=self.head + LINE * row,
            width=self.column,
            height=LINE,
        )

    def cells(self) -> Iterator[tuple[str, str, Box]]:
        """Yield every cell drawn: its row's and its column's name, and where it lies."""
        for row, first in enumerate(self.rows):
            for column, second in enumerate(self.columns):
                yield first, second, self.box(row, column)

    def frame(self) -> list[Element]:
        """Return the names of the rows and columns, and a line that says what is left out."""
        rows = [
            label(0, self.box(row, 0).base, name, width=self.names - 6)
            for row, name in enumerate(self.rows)
        ]
        columns = [self._heading(column, name) for column, name in enumerate(self.columns)]
        return [*rows, *columns, *left_out(self.more, self.bottom - 6)]

    def _heading(self, column: int, name: str) -> Element:
        box = self.box(0, column)
        if not self.upright:
            return label(
                box.middle, self.head - 6, name, width=self.column - 4, text_anchor="middle"
            )
        turned = label(0, 0, name, width=_HEAD)
        place = f"translate({box.middle + SIZE * 0.36:.2f} {self.head - 5:.2f}) rotate(-90)"
        return node("g", turned, transform=place)


def left_out(more: tuple[int, int], y: float) -> list[Element]:
    """Return the line that says how many rows and columns are only in the CSV, if any."""
    texts = [f"{number} more {what}" for number, what in zip(more, _WHAT, strict=True) if number]
    said = f"and {' and '.join(texts)}: see the CSV"
    return [label(0, y, said, fill=MUTED)] if texts else []


def matrix(rows: Sequence[str], columns: Sequence[str]) -> Matrix:
    """Lay out a matrix; beyond the limits, the first rows and columns are those drawn."""
    shown = tuple(columns[:COLUMNS])
    kept = tuple(rows[: min(ROWS, CELLS // max(len(shown), 1))])
    names = min(_NAMES, max(_width(name) for name in kept) + 10)
    column = min(max((WIDTH - names) / len(shown), _NARROWEST), _WIDEST)
    widest = max(_width(name) for name in shown)
    upright = widest > column - 4 and column < 90
    return Matrix(
        rows=kept,
        columns=shown,
        more=(len(rows) - len(kept), len(columns) - len(shown)),
        names=names,
        column=column,
        head=(min(widest, _HEAD) + 10) if upright else LINE + 2,
        upright=upright,
    )


def _width(name: str) -> float:
    return text_width(visible(name), SIZE)
