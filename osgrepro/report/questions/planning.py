"""How many repeats, environments and seeds what is wanted takes, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.analysis.findings import NO, YES, Requirement
from osgrepro.report import words
from osgrepro.report.values import Section

_COLUMNS = ("bound", "needed", "there are", "enough", "where", "of what")
_TOLD = (
    "Each line says how much a bound needs and how much there is, at 95 % confidence, in the place "
    'that is farthest from it ("where"): a bound has to hold everywhere. Only runs that ended well '
    "and were seeded count.",
    "Choose the bound of what you want to say: p_upper, that repeats agree; s_R, how far machines "
    "are apart; range, the smallest and the largest value; flips, that a claim holds everywhere; "
    "seeds, that machines change more than seeds do, or less; margin, that two experiments are "
    "equivalent. `--only experiment=NAME` (or `software=`, `hardware=`) asks for that part alone.",
)


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
    table = words.table(_COLUMNS, rows, right=_COLUMNS[1:3])
    return Section(title="What it takes", level=1, lines=_TOLD, table=table, name="plan")
