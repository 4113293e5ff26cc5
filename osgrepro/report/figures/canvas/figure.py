"""A figure as a value: its picture as SVG, PDF or PNG, and the numbers drawn in it as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.canvas import Canvas, Format
from osgrepro.report.figures.canvas.svg import element

Section = Literal[
    "overview",
    "classes",
    "repeatability",
    "precision",
    "components",
    "claims",
    "adequacy",
    "confirmation",
    "attribution",
]
Value = str | float | int | None

# What makes a spreadsheet take a text for a formula, the wide forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a report.

    ``name`` is unique in its report and safe as a file's name; ``caption`` says in one sentence how
    to read it. ``draw`` draws it, when it is asked for, and ``narrow`` for a telephone where that
    needs another shape. ``rows`` are the numbers drawn, those
    included that a bounded figure leaves out.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], Canvas] = field(repr=False, compare=False)
    narrow: Callable[[], Canvas] | None = field(default=None, repr=False, compare=False)
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    experiment: str | None
    section: Section

    @cached_property
    def svg(self) -> str:
        """One whole element that needs nothing around it, with tooltips and a description."""
        return self._element(self.draw, self.name)

    @cached_property
    def svg_narrow(self) -> str | None:
        """The same as :attr:`svg` in the shape for a telephone, where it has one of its own."""
        return self._element(self.narrow, f"{self.name}-narrow") if self.narrow else None

    def _element(self, draw: Callable[[], Canvas], name: str) -> str:
        return element(draw(), name=name, title=self.title, caption=self.caption)

    def encoded(self, format_: Format) -> bytes:
        """Return the file of a format; the same bytes for the same data."""
        if format_ == "svg":
            return self.svg.encode()
        from osgrepro.report.figures.canvas.printing import printed  # noqa: PLC0415, it is heavy

        return printed(self.draw(), format_)

    @property
    def csv(self) -> str:
        """The rows as CSV by RFC 4180; numbers read back the same, and no text is a formula."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow([_cell(name) for name in self.columns])
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return file.getvalue()


def _cell(value: Value) -> Value:
    if not isinstance(value, str):
        return value if value is None else repr(value)
    # An apostrophe in front is how spreadsheets themselves mark text.
    return ("'" if value.startswith(_FORMULA) else "") + visible(value)
