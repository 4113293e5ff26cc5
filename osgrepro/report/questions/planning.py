"""How many repeats, environments and seeds what is wanted takes, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.analysis.findings import NO, YES, Requirement
from osgrepro.report import words
from osgrepro.report.values import Section

_COLUMNS = ("wanted", "takes", "there are", "enough", "of what")


def required(requirements: Sequence[Requirement]) -> Section:
    """Return what was asked for as a section."""
    rows = [
        (
            requirement.wanted,
            "no number" if requirement.needed is None else f"{requirement.needed:,}",
            f"{requirement.present:,}",
            YES if requirement.enough else NO,
            requirement.text,
        )
        for requirement in requirements
    ]
    lines = (
        "At 95 % confidence. What there is counts where it is fewest: for each experiment and "
        "software environment.",
    )
    table = words.table(_COLUMNS, rows, right=_COLUMNS[1:3])
    return Section(title="What it takes", level=1, lines=lines, table=table, name="plan")
