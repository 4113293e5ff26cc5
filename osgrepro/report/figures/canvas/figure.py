"""A figure as a value: its picture as SVG, and the numbers drawn in it as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Literal

from osgrepro.common.texts import visible

Section = Literal[
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One figure of a report.

    ``name`` is unique in its report and safe as a file's name; ``caption`` says in one sentence how
    to read it. ``svg`` is one whole element that needs nothing around it. ``rows`` are the numbers
    drawn, those included that a bounded figure leaves out.
    """

    name: str
    title: str
    caption: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    experiment: str | None
    section: Section

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
