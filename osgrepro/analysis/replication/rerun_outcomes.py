"""The outcome classes of first and new runs together, in the letters of the first.

Called by ``reruns``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import Grade, NotAssessable, letter
from osgrepro.analysis.outcomes import FINGERPRINTS, Codes, assign
from osgrepro.analysis.seeds import seed_codes

AGAIN = "_again"


@dataclass(frozen=True, slots=True)
class RerunOutcomes:
    """The seed and the outcome class of each run, first and again, at the grade they share.

    ``numbers`` are by class those that stand for its letters: several where the first runs were
    told apart by something that the new ones did not record.
    """

    grade: Grade | None
    seeds: pd.Series[Any]
    codes: pd.Series[Any]
    numbers: Mapping[int, tuple[int, ...]]

    def letters(self, classes: Iterable[int]) -> tuple[str, ...]:
        """Return the letters of classes, in their order."""
        return tuple(map(letter, sorted({n for code in classes for n in self.numbers[code]})))

    def words(self, classes: Iterable[int]) -> str:
        """Return the classes for a sentence."""
        ordered = sorted(set(classes), key=lambda code: self.numbers[code])
        return ", ".join(" or ".join(self.letters([code])) for code in ordered)


def rerun_outcomes(runs: pd.DataFrame) -> RerunOutcomes:
    """Return the outcome classes of an experiment's runs that ended well, first and new ones."""
    assigned = assign(_comparable(runs))
    seeds = pd.Series(seed_codes(runs)[0], index=runs.index)
    return RerunOutcomes(
        grade=None if isinstance(assigned.outcomes, NotAssessable) else assigned.outcomes.grade,
        seeds=seeds,
        codes=pd.Series(assigned.codes, index=runs.index),
        numbers=_numbers(assigned.codes, runs),
    )


def _comparable(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs without the fingerprints and metrics that only one side recorded.

    They would part the runs of that side, and the other could be in any of their classes.
    """
    again = runs[AGAIN].to_numpy(dtype=bool)
    seeded = ~frames.unseeded(runs)
    sides = (seeded & ~again, seeded & again)
    if not all(side.any() for side in sides):
        return runs
    recorded: dict[tuple[str, ...], pd.Series[Any]] = {
        (name,): frames.column(runs, name) for name in FINGERPRINTS
    }
    recorded |= {
        (frames.VALUE + name, frames.HEX + name): frames.bits(runs, name)
        for name in frames.metrics(runs)
    }
    lacking = [
        name
        for names, values in recorded.items()
        if not all(values[side].notna().any() for side in sides)
        for name in names
    ]
    comparable: pd.DataFrame = runs.drop(columns=lacking, errors="ignore")
    return comparable


def _numbers(codes: Codes, runs: pd.DataFrame) -> dict[int, tuple[int, ...]]:
    """Return for each class the numbers that an analysis of the first runs alone gives it.

    What the first runs never ended in has the numbers behind theirs.
    """
    before = ~runs[AGAIN].to_numpy(dtype=bool)
    first = assign(runs[before].reset_index(drop=True)).codes
    numbers: dict[int, tuple[int, ...]] = {}
    for code, number in sorted(set(zip(codes[before].tolist(), first.tolist(), strict=True))):
        if code >= 0 and number >= 0:
            numbers[code] = (*numbers.get(code, ()), number)
    new = sorted(set(codes[codes >= 0].tolist()) - set(numbers))
    behind = int(first.max(initial=-1)) + 1
    return numbers | {code: (behind + number,) for number, code in enumerate(new)}
