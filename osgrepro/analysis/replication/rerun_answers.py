"""What running a cell again says: whether its new runs end where the first ones did.

Called by ``reruns``, with the outcomes of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from osgrepro.analysis.findings import AGREE, DISAGREE, NOT_ASSESSABLE, RerunAnswer
from osgrepro.analysis.replication.rerun_outcomes import RerunOutcomes
from osgrepro.analysis.statistics.ties import p_upper

SeedAndClass = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Side:
    """The runs of a cell that ended well, the first or the new ones: how many, and in which class.

    ``ends`` has the seed and the class of each that has one.
    """

    runs: int
    ends: tuple[SeedAndClass, ...]

    def classes(self) -> set[int]:
        """Return the classes seen."""
        return {code for _, code in self.ends}

    def seeds(self) -> set[int]:
        """Return the seeds of the runs that have a class."""
        return {seed for seed, _ in self.ends}


def side_of(outcomes: RerunOutcomes, here: pd.Series[Any]) -> Side:
    """Return the runs of one side of a cell; ``here`` says which they are."""
    pairs = zip(outcomes.seeds[here].tolist(), outcomes.codes[here].tolist(), strict=True)
    # Some are in no class: they were not seeded, or lack what parts the others.
    return Side(runs=int(here.sum()), ends=tuple(pair for pair in pairs if pair[1] >= 0))


def bound_of(first: Side, again: Side) -> float:
    """Return the bound of runs that all agree: those with a class, of a seed that the first had."""
    seeds = first.seeds()
    return p_upper(sum(seed in seeds for seed, _ in again.ends))


def judged(first: Side, again: Side, outcomes: RerunOutcomes) -> tuple[RerunAnswer, str]:
    """Return whether the new runs of a cell end where its first ones did, and why."""
    if lacking := _lacking(first, again, outcomes):
        return NOT_ASSESSABLE, lacking
    seeds = first.seeds()
    known = {end for end in again.ends if end[0] in seeds}
    if new := known - set(first.ends):
        seeds_of_new = {seed for seed, _ in new}
        expected = [code for seed, code in first.ends if seed in seeds_of_new]
        ended = outcomes.words(code for _, code in new)
        return DISAGREE, (
            f"outcome class {ended}, not {outcomes.words(expected)}, at {outcomes.grade}"
        )
    same = {code for _, code in known}
    text = (
        f"outcome class{'es' if len(same) > 1 else ''} {outcomes.words(same)} again, "
        f"at {outcomes.grade}"
    )
    if unmatched := set(again.ends) - known:
        ended = outcomes.words(code for _, code in unmatched)
        text += f"; {ended} with seeds of which no first run can be compared"
    return AGREE, text


def _lacking(first: Side, again: Side, outcomes: RerunOutcomes) -> str:
    """Return why a cell's runs can't be compared; nothing where they can."""
    if not again.runs:
        return "none of its new runs ended well"
    if not first.runs:
        return "none of its first runs ended well"
    if outcomes.grade is None:
        return "the first and the new runs recorded nothing that could be compared"
    for side, which in ((first, "first"), (again, "new")):
        if not side.ends:
            return (
                f"its {which} runs are in no outcome class: they were not seeded, or did not "
                "record what distinguishes the others"
            )
    if not first.seeds() & again.seeds():
        return "none of its first runs with the same seed has an outcome class"
    return ""
