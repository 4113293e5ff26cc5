"""Whether runs that were done again end in the outcome classes of the first ones, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.cells import p_upper
from osgrepro.analysis.definitions import choose
from osgrepro.analysis.findings import Grade, NotAssessable, letter
from osgrepro.analysis.outcomes import Codes, assign, letters
from osgrepro.analysis.seeds import seed_codes

Answer = Literal["agree", "disagree", "not assessable"]
_AGAIN = "_again"

# Pairs of a seed's number and an outcome class.
Seen = set[tuple[int, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class CellAgreement:
    """One cell of the first runs, and what running it again says.

    ``first`` and ``again`` are the outcome classes seen, in the letters that an analysis of the
    first runs gives them, at ``grade``; the answer is ``agree`` if every class seen again was seen
    first with the same seed, and ``not assessable`` where there is nothing to compare.
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
    answer: Answer
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
            frames.apart(choose(first).runs).assign(**{_AGAIN: False}),
            frames.apart(choose(again).runs).assign(**{_AGAIN: True}),
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
    assigned = assign(well)
    grade = None if isinstance(assigned.outcomes, NotAssessable) else assigned.outcomes.grade
    classes = _named(assigned.codes, well) if grade else None
    seeds = pd.Series(seed_codes(well)[0], index=well.index)
    cells = runs.loc[~runs[_AGAIN], ["software", "hardware"]].astype(str).drop_duplicates()
    found = []
    for software, hardware in sorted(cells.itertuples(index=False, name=None)):
        here = (well["software"] == software) & (well["hardware"] == hardware)
        seen = {
            when: _seen(classes, seeds, here & (well[_AGAIN] == when)) for when in (False, True)
        }
        count = int((here & well[_AGAIN]).sum())
        answer, text = _judged(seen[False], seen[True], grade, count)
        found.append(
            CellAgreement(
                experiment=name,
                software=software,
                hardware=hardware,
                grade=grade,
                first=_letters(seen[False]),
                again=_letters(seen[True]),
                runs=count,
                answer=answer,
                text=text,
                p_upper=_bound(classes, seeds, here, well[_AGAIN]) if answer == "agree" else None,
            )
        )
    return found


def _named(codes: Codes, runs: pd.DataFrame) -> pd.Series[Any]:
    """Return each run's class by the letter that an analysis of the first runs alone gives it.

    What the first runs never ended in has the letters behind theirs.
    """
    before = ~runs[_AGAIN].to_numpy(dtype=bool)
    first = assign(runs[before].reset_index(drop=True)).codes
    own = letters(first, runs.index[before])
    names = {int(code): name for code, name in zip(codes[before], own, strict=True) if name}
    new = sorted(set(codes[codes >= 0].tolist()) - set(names))
    behind = int(first.max(initial=-1)) + 1
    names |= {code: letter(behind + number) for number, code in enumerate(new)}
    return pd.Series([names.get(int(code)) for code in codes], runs.index, dtype=object)


def _seen(classes: pd.Series[Any] | None, seeds: pd.Series[Any], here: pd.Series[Any]) -> Seen:
    if classes is None:
        return set()
    pairs = zip(seeds[here], classes[here], strict=True)
    # Some are in no class: they were not seeded, or lack what the others recorded.
    return {(int(seed), str(one)) for seed, one in pairs if one is not None}


def _bound(
    classes: pd.Series[Any] | None,
    seeds: pd.Series[Any],
    here: pd.Series[Any],
    again: pd.Series[Any],
) -> float | None:
    """Return the bound of runs that all agree: those with a class, of a seed that the first had."""
    if classes is None:
        return None
    known = here & classes.notna()
    trials = known & again & seeds.isin(seeds[known & ~again].unique())
    return p_upper(int(trials.sum()))


def _letters(seen: Seen) -> tuple[str, ...]:
    return tuple(sorted({one for _, one in seen}))


def _judged(first: Seen, again: Seen, grade: Grade | None, count: int) -> tuple[Answer, str]:
    if not count:
        return "not assessable", "no run of it ended well here"
    if grade is None:
        return "not assessable", "the runs have nothing recorded that could be compared"
    if not first:
        return "not assessable", "no run of it ended well the first time"
    seeds = {seed for seed, _ in first}
    known = {one for one in again if one[0] in seeds}
    if not known:
        return "not assessable", "no run of it with the same seed ended well the first time"
    if new := known - first:
        where = {seed for seed, _ in new}
        then = _letters({one for one in first if one[0] in where})
        text = f"outcome class {', '.join(_letters(new))}, not {', '.join(then)}, at {grade}"
        return "disagree", text
    classes = _letters(known)
    told = f"outcome class{'es' if len(classes) > 1 else ''} {', '.join(classes)} again, at {grade}"
    if others := _letters(again - known):
        told += f"; {', '.join(others)} is of seeds that did not end well the first time"
    return "agree", told
