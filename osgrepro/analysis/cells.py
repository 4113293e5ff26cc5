"""Cells: whether the repeats of one environment agree, and what they give.

Called for one experiment at a time, with the outcome classes of its ok runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import (
    NONDETERMINISTIC,
    TIED,
    Cell,
    Interval,
    NotAssessable,
    RepeatAnswer,
    letter,
)
from osgrepro.analysis.lone_runs import lone_runs
from osgrepro.analysis.outcomes import UNSEEDED, Codes
from osgrepro.analysis.seeds import crossed
from osgrepro.analysis.statistics.intervals import share
from osgrepro.analysis.statistics.moments import Floats, Integers, Moments, moments
from osgrepro.analysis.statistics.ties import p_upper
from osgrepro.common.texts import counted

_CONFIDENCE = 0.95
# What makes two machines of one kind.
_KIND = ("cpu_model_name", "logical_cpus", "gpu_name", "gpu_memory_mb")
# Runs of a cell that are named, and hosts.
_IDS = 10
Repeatability = RepeatAnswer | NotAssessable


def moving_share(cells: Sequence[Cell]) -> Interval | None:
    """Return the interval of the share of cells whose repeats disagree; None where none repeats.

    The hardware environments are what is drawn, not the cells: a machine that scatters does so in
    one software environment and experiment as well as in the next.
    """
    judged = [cell for cell in cells if not isinstance(cell.repeatability, NotAssessable)]
    if not judged:
        return None
    moving = sum(cell.repeatability == NONDETERMINISTIC for cell in judged)
    drawn = len({cell.hardware for cell in judged})
    low, high = share(moving / len(judged), drawn, _CONFIDENCE)
    method = f"Clopper-Pearson, {counted(drawn, 'hardware environment')}"
    return Interval(low=low, high=high, confidence=_CONFIDENCE, method=method)


def cells(runs: pd.DataFrame, classes: Codes, primary: str | None) -> tuple[Cell, ...]:
    """Return the cells of an experiment by software and hardware.

    Parameters
    ----------
    runs : pandas.DataFrame
        All runs of one experiment, the failed ones too.
    classes : array of int
        The outcome class of each run that is ok, in their order; −1 where there is none.
    primary : str or None
        The metric that the cells show.
    """
    codes, names = cell_codes(runs)
    well, (both, seeds) = (runs["status"] == "ok").to_numpy(), crossed(codes, runs)
    own, both = codes[well], both[well]
    loose = np.bincount(own[frames.unseeded(runs[well])], minlength=len(names))
    agreement = _agreement(own, both, classes, seeds, loose)
    values = frames.numbers(runs[well], primary) if primary else np.full(len(own), np.nan)
    summary = moments(own, values, len(names))
    squares, spread = _within(both, values, seeds, len(names))
    lone, total = lone_runs(own, values), np.bincount(codes, minlength=len(names))
    members, ids = _members(own, classes), _run_ids(runs, codes, len(names))
    flags = (frames.true(runs, name) for name in ("emulated", "simulated_gpu"))
    emulated, simulated = (np.bincount(codes, flag, len(names)) > 0 for flag in flags)
    gpus = _on_gpu(runs, codes, well, len(names))
    hosts, kinds = _machines(runs, codes, len(names))
    return tuple(
        Cell(
            software=software,
            hardware=hardware,
            ok=(ok := int(summary.n[number])),
            failed=int(total[number]) - ok,
            classes=members[number],
            seeds=max(1, many := int(agreement.ran[number])),
            repeatability=(answer := agreement.answer(number, ok)),
            p_upper=agreement.bound(number) if answer == TIED else None,
            **_shown(summary, number),
            spread=_known(spread[number]),
            sd=_known((float(squares[number]) / (ok - many)) ** 0.5) if ok > many else None,
            unseeded=int(loose[number]),
            emulated=bool(emulated[number]),
            simulated_gpu=bool(simulated[number]),
            gpu=bool(gpus[number]),
            run_ids=ids[number],
            hosts=hosts[number],
            kinds=kinds[number],
            lone=lone.get(number) if many <= 1 else None,
        )
        for number, (software, hardware) in enumerate(names)
    )


def _on_gpu(
    runs: pd.DataFrame, codes: Integers, well: np.ndarray[Any, np.dtype[np.bool_]], cells: int
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which cells trained on GPUs; of a failed run nobody may have seen what it ran on."""
    on_gpu, without = frames.with_gpu(runs), np.bincount(codes[well], minlength=cells) == 0
    trained = well | without[codes]
    return np.asarray(np.bincount(codes[trained], on_gpu[trained], cells) > 0)


@dataclass(frozen=True, slots=True)
class _Agreement:
    """Counts by cell, from which it follows whether repeats agree.

    ``ran`` and ``classed`` are the seeds of all runs and of those with a class, ``known`` the runs
    with a class, ``loose`` those that nothing seeded, ``moved`` the seeds whose repeats disagree.
    """

    ran: Integers
    classed: Integers
    known: Integers
    loose: Integers
    moved: Integers

    def answer(self, cell: int, ok: int) -> Repeatability:
        """Return whether the runs of a cell with a class agree, seed by seed."""
        counts = (self.known, self.classed, self.moved, self.loose)
        known, classed, moved, loose = (int(count[cell]) for count in counts)
        return _repeatability(ok, known, classed, bool(moved), loose)

    def bound(self, cell: int) -> float:
        """Return the bound of a cell whose repeats agree: the first of each seed is no trial."""
        return p_upper(int(self.known[cell] - self.classed[cell]))


def _agreement(
    own: Integers, both: Integers, classes: Codes, seeds: int, loose: Integers
) -> _Agreement:
    """Return the counts of runs that ended well; ``both`` is the cell with the seed."""
    many = len(loose)
    # Runs without a class tell nothing of whether the others agree.
    placed = classes >= 0
    held = pd.DataFrame({"cell": both, "of": classes})[placed].drop_duplicates()["cell"]
    ran, classed, moved = (
        np.bincount(pd.unique(codes) // seeds, minlength=many)
        for codes in (both, both[placed], held[held.duplicated()])
    )
    known = np.bincount(own[placed], minlength=many)
    return _Agreement(ran, classed, known, loose, moved)


def cell_codes(runs: pd.DataFrame) -> tuple[Integers, list[tuple[str, str]]]:
    """Return the number of each run's cell, and the software and hardware of each number."""
    software, softwares = _numbered(runs["software"])
    hardware, hardwares = _numbered(runs["hardware"])
    codes, cells = pd.factorize(software * len(hardwares) + hardware, sort=True)
    width = max(1, len(hardwares))
    names = [(str(softwares[cell // width]), str(hardwares[cell % width])) for cell in cells]
    return codes.astype(np.int64), names


def _numbered(values: pd.Series[Any]) -> tuple[Integers, Sequence[str]]:
    """Return the number of each value, as texts in their order; no row is made a text."""
    codes, known = pd.factorize(values, use_na_sentinel=False)
    names, places = np.unique(
        np.array([str(name) for name in known], dtype=object), return_inverse=True
    )
    return places[codes].astype(np.int64), list(names)


def _members(codes: Any, classes: Codes) -> dict[int, dict[str, int]]:
    counts = pd.DataFrame({"cell": codes, "of": classes}).value_counts(sort=False)
    members: dict[int, dict[str, int]] = defaultdict(dict)
    for (cell, number), count in counts.items():
        if number >= 0:
            members[int(cell)][letter(int(number))] = int(count)
    return members


def _run_ids(runs: pd.DataFrame, codes: Integers, cells: int) -> list[tuple[str, ...]]:
    """Return the ids of the first runs of each cell, as far as they have some."""
    known = frames.column(runs, "run_id")
    first = pd.Series(codes).groupby(codes).head(_IDS).index.to_numpy()
    ids: list[list[str]] = [[] for _ in range(cells)]
    for cell, run_id in zip(codes[first].tolist(), known.iloc[first].tolist(), strict=True):
        if isinstance(run_id, str):
            ids[cell].append(run_id)
    return [tuple(own) for own in ids]


def _machines(runs: pd.DataFrame, codes: Integers, cells: int) -> list[list[tuple[int, ...]]]:
    """Return the numbers of each cell's hosts, and those of the kinds of machine; few or none."""
    numbered = [_numbers(runs, columns) for columns in (("host",), _KIND)]
    several = []
    for numbers in numbered:
        width = int(numbers.max(initial=-1)) + 1
        seen: list[list[int]] = [[] for _ in range(cells)]
        for pair in np.sort(pd.unique((codes * width + numbers)[numbers >= 0])).tolist():
            seen[pair // width].append(pair % width)
        several.append([tuple(own) if len(own) <= _IDS else () for own in seen])
    return several


def _numbers(runs: pd.DataFrame, columns: Sequence[str]) -> Integers:
    """Return the number of each run's values in some columns; −1 where it has none of them."""
    codes = np.zeros(len(runs), dtype=np.int64)
    for name in (name for name in columns if name in runs.columns):
        own, known = pd.factorize(runs[name])
        if len(known):
            codes = codes * (len(known) + 1) + own + 1
    numbers: Integers = pd.factorize(pd.Series(codes).where(codes > 0))[0].astype(np.int64)
    return numbers


def _within(both: Integers, values: Floats, seeds: int, cells: int) -> tuple[Floats, Floats]:
    """Return Σ(y − ȳ)² and the range of each cell, each run compared with those of its own seed."""
    codes, groups = pd.factorize(both)
    within, owner = moments(codes, values, len(groups)), groups // seeds
    squares = np.bincount(owner, weights=within.squares, minlength=cells).astype(np.float64)
    spread = np.full(cells, -np.inf)
    with np.errstate(invalid="ignore"):  # ∞ − ∞
        np.maximum.at(spread, owner, within.high - within.low)
    return squares, spread


def _repeatability(ok: int, known: int, seeds: int, moved: bool, loose: int) -> Repeatability:
    """Return whether the runs of a cell with a class, ``known`` of ``ok``, agree seed by seed."""
    if ok == 0:
        return NotAssessable(why="no run ended well", missing="two runs with status ok")
    if not known:
        return UNSEEDED if loose == ok else _NOTHING
    if moved:
        return NONDETERMINISTIC
    if known > seeds:
        return TIED
    if known < ok - loose:
        return NotAssessable(
            why="runs that lack what tells the classes apart",
            missing="what the others recorded, of two runs of this cell",
        )
    return NotAssessable(
        why="one repeat" if ok == 1 else "one repeat with each seed",
        missing="a second run of this cell" if ok == 1 else "a second run with a seed",
    )


_NOTHING = NotAssessable(
    why="no fingerprint and no metric to compare", missing="a fingerprint or a metric"
)


def _shown(summary: Moments, number: int) -> dict[str, float | None]:
    """Return what a cell shows of its primary metric; what is not a number shows as None."""
    return {
        "mean": _known(summary.mean[number]),
        "minimum": _known(summary.low[number]),
        "maximum": _known(summary.high[number]),
    }


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
