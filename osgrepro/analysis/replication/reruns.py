"""Whether runs that were done again end in the outcome classes of the first ones, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.definitions import choose
from osgrepro.analysis.findings import AGREE, Grade, RerunAnswer
from osgrepro.analysis.replication.rerun_answers import bound_of, judged, side_of
from osgrepro.analysis.replication.rerun_outcomes import AGAIN, rerun_outcomes


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
        first, again = (side_of(outcomes, here & (well[AGAIN] == when)) for when in (False, True))
        answer, text = judged(first, again, outcomes)
        bound = bound_of(first, again) if answer == AGREE else None
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
