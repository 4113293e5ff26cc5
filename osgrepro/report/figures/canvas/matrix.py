"""A matrix of rows and columns with names: where its cells lie, and what is left out of it.

In the axes of a matrix a cell is 1 wide and 1 high, and row 0 is at the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.canvas import Canvas
from osgrepro.report.figures.canvas.looks import LINE, MUTED, RULE, SIZE, WIDTH
from osgrepro.report.figures.canvas.words import text_width

# The row before which each heading stands, and its words.
Headings = Sequence[tuple[int, str]]

ROWS, COLUMNS, CELLS = 200, 24, 1200
_NAMES = 110.0  # the widest that names of rows get
_NARROWEST, _WIDEST = 30.0, 130.0
_WHAT = ("rows", "columns")
_HEAD = 100.0  # the tallest that upright names of columns get


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """The rows and columns that are drawn, how many are not, and their measures in points."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    more: tuple[int, int]
    names: float
    column: float
    head: float
    upright: bool
    least: float
    headings: tuple[tuple[int, str], ...]

    @property
    def width(self) -> float:
        """The whole width."""
        return max(self.least, self.names + self.column * len(self.columns))

    @property
    def bottom(self) -> float:
        """The y below the last row, and below the line that says what is left out."""
        return self.head + LINE * (self.lines + (sum(self.more) > 0)) + 2

    @property
    def lines(self) -> int:
        """The number of lines: the rows drawn, and the headings among them."""
        return len(self.rows) + len(self.headings)

    def line(self, row: int) -> int:
        """Return the line in which a row stands; a heading stands in the line above its row."""
        return row + sum(first <= row for first, _ in self.headings)

    def cells(self) -> Iterator[tuple[str, str, Box]]:
        """Yield every cell drawn: its row's and its column's name, and where it lies."""
        gap_x, gap_y = 1 / self.column, 1 / LINE
        for row, first in enumerate(self.rows):
            for column, second in enumerate(self.columns):
                yield first, second, (column, self.line(row), 1 - gap_x, 1 - gap_y)

    def axes(self, canvas: Canvas, left: float = 0, top: float = 0, *, named: bool = True) -> Axes:
        """Write the names and what is left out; return the axes of the cells.

        ``named`` is whether its rows have their names: beside another matrix they have them there.
        """
        if named:
            for row, name in enumerate(self.rows):
                y = top + self.head + LINE * (self.line(row) + 0.5)
                canvas.text(left, y, name, width=self.names - 5)
            for row, words in self.headings:
                y = top + self.head + LINE * (self.line(row) - 0.5)
                canvas.text(left, y, words, width=self.names - 5, colour=MUTED, bold=True)
            left_out(canvas, self.more, top + self.bottom - LINE / 2)
        for column, name in enumerate(self.columns):
            x = left + self.names + self.column * (column + 0.5)
            self._heading(canvas, x, top + self.head, name)
        shape = (len(self.columns), self.lines)
        place = (left + self.names, top + self.head)
        size = (self.column * shape[0], LINE * shape[1])
        axes = canvas.axes(*place, *size, (0, shape[0]), shape[1])
        for row, _ in self.headings:
            axes.level(self.line(row) - 0.1, RULE, 0.6)
        return axes

    def _heading(self, canvas: Canvas, x: float, y: float, name: str) -> None:
        if self.upright:
            canvas.text(x, y - 4, name, width=_HEAD, rotated=True)
        else:
            canvas.text(x, y - 8, name, width=self.column - 3, align="center")


def left_out(canvas: Canvas, more: tuple[int, int], y: float) -> None:
    """Write how many rows and columns are only in the CSV, if any."""
    texts = [f"{number} more {what}" for number, what in zip(more, _WHAT, strict=True) if number]
    if texts:
        canvas.text(0, y, f"and {' and '.join(texts)}: see the CSV", colour=MUTED)


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    width: float = WIDTH,
    headings: Headings = (),
) -> Matrix:
    """Lay out a matrix; beyond the limits, the first rows and columns are those drawn.

    ``headings`` are pairs of the row before which a heading stands, and its words.
    """
    shown = tuple(columns[:COLUMNS])
    kept = tuple(rows[: min(ROWS, CELLS // max(len(shown), 1))])
    under = tuple(heading for heading in headings if heading[0] < len(kept))
    widest_name = max(_width(name) for name in (*kept, *(words for _, words in under)))
    names = min(_NAMES, widest_name + 8)
    column = min(max((width - names) / len(shown), _NARROWEST), _WIDEST)
    widest = max(_width(name) for name in shown)
    upright = widest > column - 3 and column < 75
    return Matrix(
        rows=kept,
        columns=shown,
        more=(len(rows) - len(kept), len(columns) - len(shown)),
        names=names,
        column=column,
        head=(min(widest, _HEAD) + 8) if upright else LINE + 2,
        upright=upright,
        least=width,
        headings=under,
    )


def _width(name: str) -> float:
    return text_width(visible(name), SIZE)
