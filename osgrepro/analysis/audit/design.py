"""The design audit: what in the way the runs were done limits what can be said of them.

Each remark is of one kind, with counts, and where it applies; none of them changes a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.audit import units
from osgrepro.analysis.causes.attributes import spelled
from osgrepro.analysis.findings import Note, is_share
from osgrepro.analysis.outcomes import FINGERPRINTS

_MOST = 10
_FACTORS = ("experiment", "software", "hardware")
# What makes two machines of one hardware environment different ones.
_MACHINE = {
    "cpu_model_name": "CPU",
    "logical_cpus": "logical CPUs",
    "gpu_name": "GPU",
    "gpu_memory_mb": "GPU memory (MiB)",
}
_SAME = {
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
}


@dataclass(frozen=True, slots=True)
class Cells:
    """The runs with the number of each one's cell, and the cells' names."""

    runs: pd.DataFrame
    codes: pd.Series[Any]
    names: tuple[tuple[str, str, str], ...]

    def named(self, which: Iterable[int]) -> tuple[str, ...]:
        """Return cells as ``experiment, software, hardware``."""
        return tuple(", ".join(self.names[number]) for number in which)

    def distinct(self, column: str) -> pd.Series[Any]:
        """Return how many values of ``column`` each cell has; missing ones are none."""
        values, _ = pd.factorize(frames.column(self.runs, column))
        known = pd.Series(values, index=self.runs.index).where(lambda found: found >= 0)
        counts: pd.Series[Any] = known.groupby(self.codes).nunique()
        return counts


def audit(runs: pd.DataFrame) -> tuple[Note, ...]:
    """Return what limits the evidence, each kind of limit once.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs of all experiments, as for :func:`osgrepro.analysis.analyze`.

    Returns
    -------
    tuple of Note
        ``where`` names at most ten of the cells, environments or columns; the text counts all.
    """
    if runs.empty:
        return ()
    well = frames.ok(runs).reset_index(drop=True)
    cells = _cells(well)
    questions = (
        units.suspected(well),
        units.no_numbers(well),
        _missing(runs, cells),
        _repeats(cells),
        _hosts(cells),
        _machines(well),
        _together(well),
        _seeds(cells),
        _definitions(well),
        _duplicates(runs),
        _metrics(well),
        _accuracies(well),
        _primary(well),
        _mixed(runs),
        _processes(well),
        _bases(well),
    )
    return tuple(note for notes in questions for note in notes)


def _cells(runs: pd.DataFrame) -> Cells:
    levels, width = [], 1
    codes: Any = np.zeros(len(runs), dtype=np.int64)
    for name in reversed(_FACTORS):
        own, values = pd.factorize(runs[name].astype(str), sort=True)
        codes += own * width
        levels.append(values)
        width *= max(1, len(values))
    cell, numbers = pd.factorize(codes, sort=True)
    hardware, software, experiment = levels
    names = []
    for number in numbers:
        rest, third = divmod(int(number), len(hardware))
        first, second = divmod(rest, len(software))
        names.append((str(experiment[first]), str(software[second]), str(hardware[third])))
    return Cells(runs, pd.Series(cell, index=runs.index), tuple(names))


def _numbered(runs: pd.DataFrame, factor: str) -> tuple[Any, list[str]]:
    codes, values = pd.factorize(runs[factor].astype(str), sort=True)
    return codes, [str(value) for value in values]


def _note(kind: str, text: str, where: Sequence[str] = ()) -> Note:
    if len(where) > _MOST:
        shown = f": {'; '.join(where[:_MOST])} and {len(where) - _MOST} more"
    else:
        shown = f": {'; '.join(where)}" if where else ""
    return Note(kind=kind, text=f"{text}{shown}.", where=tuple(where[:_MOST]))


def _of(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _missing(runs: pd.DataFrame, cells: Cells) -> Iterator[Note]:
    if len(runs[["software", "hardware"]].astype(str).drop_duplicates()) == 1:
        yield _note("one environment", "All runs are of one environment: nothing varies")
    # What stands in for an environment need not do so for all experiments.
    if frames.STANDS_FOR in runs:
        runs = runs[runs["hardware"].astype(str) == runs[frames.STANDS_FOR]]
    levels = [frames.levels(runs, name) for name in _FACTORS]
    total = math.prod(len(level) for level in levels)
    there = set(cells.names)
    if lacking := [", ".join(one) for one in product(*levels) if one not in there]:
        text = f"{len(lacking)} of {_of(total, 'cell')} have no result"
        yield _note("missing cells", text, lacking)


def _repeats(cells: Cells) -> Iterator[Note]:
    total = cells.codes.value_counts().sort_index()
    seeds = cells.distinct("seed").clip(lower=1).reindex(total.index)
    # Of runs with one seed: others are no repeats.
    counts = (total / seeds).map(math.ceil)
    single = cells.named(counts.index[total == seeds])
    if single:
        each = " with each seed" if (seeds > 1).any() else ""
        text = (
            f"{_of(len(single), 'cell has', 'cells have')} one result{each}: no repeat to compare"
        )
        yield _note("one repeat", text, single)
    if len(counts) and counts.min() != counts.max():
        text = f"Cells have between {counts.min()} and {counts.max()} results"
        fewest = cells.named(counts.index[counts == counts.min()])
        yield _note("unequal repeats", f"{text}, the fewest", fewest)


def _hosts(cells: Cells) -> Iterator[Note]:
    hosts, runs = cells.distinct("host"), cells.codes.value_counts().sort_index()
    several = runs.index[runs > 1]
    single = [number for number in several if hosts[number] == 1]
    if single:
        text = (
            f"In {len(single)} of {_of(len(several), 'cell')} all repeats ran on one host: they "
            "tell of this machine, and not of others of its kind"
        )
        every = len(single) == len(several)
        yield _note("one host a cell", text, () if every else cells.named(single))
    if unknown := [number for number in several if hosts[number] == 0]:
        text = f"{_of(len(unknown), 'cell')} without a recorded host"
        yield _note("host unknown", text, cells.named(unknown))


def _machines(runs: pd.DataFrame) -> Iterator[Note]:
    hardware, names = _numbered(runs, "hardware")
    found = []
    for column, label in _MACHINE.items():
        values = frames.column(runs, column)
        counts = values.groupby(hardware).nunique()
        for number in np.flatnonzero(counts > 1).tolist():
            here = values[hardware == number].dropna().unique()
            seen = sorted({spelled(column, value) for value in here})
            found.append(f"{names[number]}: {label} {' or '.join(seen[:4])}")
    if found:
        text = "Hardware environments that hold different machines"
        yield _note("different machines", text, found)


def _together(runs: pd.DataFrame) -> Iterator[Note]:
    for first, second in (("software", "hardware"), ("hardware", "site"), ("software", "site")):
        pairs = pd.DataFrame(
            {name: pd.factorize(frames.column(runs, name))[0] for name in (first, second)}
        ).drop_duplicates()
        pairs = pairs[(pairs >= 0).all(axis=1)]
        if len(pairs) > 1 and pairs[first].is_unique and pairs[second].is_unique:
            text = (
                f"Each {first} was seen with one {second} and each {second} with one {first}: "
                "their effects can't be told apart"
            )
            yield _note("confounded factors", text)


def _seeds(cells: Cells) -> Iterator[Note]:
    ran = pd.DataFrame({"cell": cells.codes, "seed": frames.column(cells.runs, "seed")})
    ran = ran.dropna().drop_duplicates()
    ran["experiment"] = [cells.names[number][0] for number in ran["cell"]]
    every = ran.groupby("experiment")["seed"].nunique()
    own = ran.groupby(["experiment", "cell"])["seed"].nunique().reset_index("experiment")
    fewer = own.index[own["seed"] < own["experiment"].map(every)]
    if len(fewer):
        text = (
            f"{_of(len(fewer), 'cell lacks a seed', 'cells lack a seed')} that others of the "
            "experiment ran with: environments are compared by the seeds that all of them have"
        )
        yield _note("unequal seeds", text, cells.named(fewer))


def _definitions(runs: pd.DataFrame) -> Iterator[Note]:
    experiment, names = _numbered(runs, "experiment")
    for column, label in _SAME.items():
        counts = frames.column(runs, column).groupby(experiment).nunique()
        several = [
            f"{names[number]} ({counts.iloc[number]})"
            for number in np.flatnonzero(counts > 1).tolist()
        ]
        if several:
            text = f"Experiments whose runs have different {label}: they are not the same"
            yield _note(f"different {label}", text, several)


def _duplicates(runs: pd.DataFrame) -> Iterator[Note]:
    ids = frames.column(runs, "run_id").dropna()
    again = ids[ids.duplicated()]
    if len(again):
        text = f"{_of(len(again), 'row repeats', 'rows repeat')} the id of another row"
        yield _note("duplicated runs", text, [str(one) for one in again.unique()])


def _metrics(runs: pd.DataFrame) -> Iterator[Note]:
    experiment, names = _numbered(runs, "experiment")
    total = np.bincount(experiment, minlength=len(names))
    partly = []
    for metric in frames.metrics(runs):
        told = np.bincount(experiment, frames.bits(runs, metric).notna(), len(names))
        partly += [
            f"{names[number]}, {metric} ({int(told[number])} of {total[number]})"
            for number in np.flatnonzero((told > 0) & (told < total)).tolist()
        ]
    if partly:
        yield _note("metrics of some runs", "Metrics that only some runs recorded", partly)


def _accuracies(runs: pd.DataFrame) -> Iterator[Note]:
    hashed = np.zeros(len(runs), dtype=bool)
    for column in FINGERPRINTS:
        hashed |= frames.column(runs, column).notna().to_numpy()
    for metric in frames.metrics(runs):
        if not is_share(metric):
            hashed |= frames.bits(runs, metric).notna().to_numpy()
    experiment, names = _numbered(runs, "experiment")
    told = np.bincount(experiment, hashed, len(names))
    if merged := [name for name, found in zip(names, told, strict=True) if not found]:
        text = "Experiments that recorded accuracies only: runs that differ may have the same one"
        yield _note("accuracies only", text, merged)


def _primary(runs: pd.DataFrame) -> Iterator[Note]:
    experiment, names = _numbered(runs, "experiment")
    counts = frames.column(runs, "primary_metric").groupby(experiment).nunique()
    if several := [names[number] for number in np.flatnonzero(counts > 1).tolist()]:
        text = "Experiments whose runs name different primary metrics: the most frequent is taken"
        yield _note("several primary metrics", text, several)


def _mixed(runs: pd.DataFrame) -> Iterator[Note]:
    imported = frames.column(runs, "origin").notna().to_numpy()
    for column, what, own in (
        ("campaign", "campaigns", runs),
        ("payload_version", "versions of the payload", runs[~imported]),
        ("payload_version", "versions of the archive's scripts", runs[imported]),
    ):
        found = frames.levels(own, column)
        if len(found) > 1:
            yield _note(f"several {what}", f"The runs are of {len(found)} {what}", list(found))


def _bases(runs: pd.DataFrame) -> Iterator[Note]:
    tagged = frames.column(runs, "base_pinned").eq(False).fillna(False).to_numpy(dtype=bool)
    if tagged.any():
        text = (
            f"{_of(int(tagged.sum()), 'run')} in images whose base was named by a tag and not by "
            "its digest: built again, they may hold other bytes"
        )
        yield _note("base not pinned", text, frames.levels(runs[tagged], "software"))


def _processes(runs: pd.DataFrame) -> Iterator[Note]:
    imported = int(frames.column(runs, "origin").notna().sum())
    if imported:
        text = (
            f"{_of(imported, 'run was', 'runs were')} imported: whether each was a process of its "
            "own is not recorded"
        )
        yield _note("process unknown", text)
