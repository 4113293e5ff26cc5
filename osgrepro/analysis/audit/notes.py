"""How the audits word what they remark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from osgrepro.analysis.findings import Note

MOST = 10


def numbered(runs: pd.DataFrame, factor: str) -> tuple[Any, list[str]]:
    """Return the number of each run's level of a factor, and the levels."""
    codes, values = pd.factorize(runs[factor].astype(str), sort=True)
    return codes, [str(value) for value in values]


def note(kind: str, text: str, where: Sequence[str] = ()) -> Note:
    """Return a remark that names at most ten of where it applies, and counts the rest."""
    if len(where) > MOST:
        shown = f": {'; '.join(where[:MOST])} and {len(where) - MOST} more"
    else:
        shown = f": {'; '.join(where)}" if where else ""
    return Note(kind=kind, text=f"{text}{shown}.", where=tuple(where[:MOST]))
