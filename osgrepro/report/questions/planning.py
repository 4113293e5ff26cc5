"""How many repeats, environments and seeds what is wanted takes, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.analysis.findings import NO, YES, Requirement
from osgrepro.report import words
from osgrepro.report.values import Section

_COLUMNS = ("wanted", "takes", "there are", "enough", "where", "of what")


def required(requirements: Sequence[Requirement]) -> Section:
    """Return what was asked for as a section."""
    rows = [
        (
            requirement.wanted,
            "no number" if requirement.needed is None else f"{requirement.needed:,}",
            f"{requirement.present:,}",
            YES if requirement.enough else NO,
            requirement.where or words.NONE,
            requirement.text,
        )
        for requirement in requirements
    ]
    lines = (
        "At 95 % confidence. A bound must hold everywhere: the numbers are those of the experiment "
        'and environment that is farthest from it, which stands under "where". Only runs that '
        "ended well and were seeded count.",
    )
    table = words.table(_COLUMNS, rows, right=_COLUMNS[1:3])
    return Section(title="What it takes", level=1, lines=lines, table=table, name="plan")
