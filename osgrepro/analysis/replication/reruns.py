"""Whether runs that were done again end in the outcome classes of the first ones, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.definitions import choose
from osgrepro.analysis.findings import AGREE, DISAGREE, NOT_ASSESSABLE, Grade, RerunAnswer
from osgrepro.analysis.replication.rerun_outcomes import AGAIN, RerunOutcomes, rerun_outcomes
from osgrepro.analysis.statistics.ties import p_upper

SeedAndClass = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class CellAgreement:
    """One cell of the first runs, and what running it again says.

    ``first`` and ``again`` are the outcome classes seen, in the letters that an analysis of the
    first runs gives them, at ``grade``, the finest that both recorded; the answer is ``agree`` if
    every class seen again was seen first with the same seed, and ``not assessable`` where there is
    nothing to compare.
    ``p_upper`` bounds the probability that a further run disagrees, where all agree (95 %
    confidence): the class was known before them, so that each of them is a trial.
    """

    experiment: str
    software: str
    hardware: str
    grade: Grade | None
    first: tuple[str, ...]
    again: tuple[str, ...]
    runs: int
    answer: RerunAnswer
    text: str
    p_upper: float | None = None


def agreement(first: pd.DataFrame, again: pd.DataFrame) -> tuple[CellAgreement, ...]:
    """Return for each cell of ``first`` whether the runs ``again`` end in its outcome classes.

    Parameters
    ----------
    first, again : pandas.DataFrame
        Runs of one campaign, as for :func:`osgrepro.analysis.analyze`.
    """
    both = pd.concat(
        [
            frames.apart(choose(first).runs).assign(**{AGAIN: False}),
            frames.apart(choose(again).runs).assign(**{AGAIN: True}),
        ],
        ignore_index=True,
    )
    known = set(first["experiment"].astype(str))
    return tuple(
        cell
        for name, runs in both.groupby("experiment", sort=True, observed=True)
        if str(name) in known
        for cell in _experiment(str(name), runs.reset_index(drop=True))
    )


def _experiment(name: str, runs: pd.DataFrame) -> list[CellAgreement]:
    well = frames.ok(runs).reset_index(drop=True)
    outcomes = rerun_outcomes(well)
    cells = runs.loc[~runs[AGAIN], ["software", "hardware"]].astype(str).drop_duplicates()
    agreements = []
    for software, hardware in sorted(cells.itertuples(index=False, name=None)):
        here = (well["software"] == software) & (well["hardware"] == hardware)
        first, again = (_side(outcomes, here & (well[AGAIN] == when)) for when in (False, True))
        answer, text = _judged(first, again, outcomes)
        bound = _bound(first, again) if answer == AGREE else None
        agreements.append(
            CellAgreement(
                experiment=name,
                software=software,
                hardware=hardware,
                grade=outcomes.grade,
                first=outcomes.letters(first.classes()),
                again=outcomes.letters(again.classes()),
                runs=again.runs,
                answer=answer,
                text=text,
                p_upper=bound,
            )
        )
    return agreements


@dataclass(frozen=True, slots=True)
class _Side:
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


def _side(outcomes: RerunOutcomes, here: pd.Series[Any]) -> _Side:
    pairs = zip(outcomes.seeds[here].tolist(), outcomes.codes[here].tolist(), strict=True)
    # Some are in no class: they were not seeded, or lack what parts the others.
    return _Side(runs=int(here.sum()), ends=tuple(pair for pair in pairs if pair[1] >= 0))


def _bound(first: _Side, again: _Side) -> float:
    """Return the bound of runs that all agree: those with a class, of a seed that the first had."""
    seeds = first.seeds()
    return p_upper(sum(seed in seeds for seed, _ in again.ends))


def _judged(first: _Side, again: _Side, outcomes: RerunOutcomes) -> tuple[RerunAnswer, str]:
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


def _lacking(first: _Side, again: _Side, outcomes: RerunOutcomes) -> str:
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
