"""The design audit: what in the way the runs were done limits what can be said of them.

Each remark is of one kind, with counts, and where it applies; none of them changes a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.audit import sameness, units
from osgrepro.analysis.audit.notes import note
from osgrepro.analysis.findings import Note
from osgrepro.common.texts import among, counted

_FACTORS = ("experiment", "software", "hardware")


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
        known = pd.Series(values, index=self.runs.index).where(lambda codes: codes >= 0)
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
        units.percents(well),
        units.no_numbers(well),
        _missing(runs, cells),
        _repeats(cells),
        _hosts(cells),
        sameness.machines(well),
        sameness.processors(well),
        _together(well),
        _seeds(cells),
        sameness.definitions(well),
        sameness.duplicates(runs),
        sameness.metrics(well),
        sameness.accuracies(well),
        sameness.primary(well),
        sameness.mixed(runs),
        sameness.processes(well),
        sameness.bases(well),
    )
    return tuple(remark for remarks in questions for remark in remarks)


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


def _missing(runs: pd.DataFrame, cells: Cells) -> Iterator[Note]:
    if len(runs[["software", "hardware"]].astype(str).drop_duplicates()) == 1:
        yield note("one environment", "All runs are of one environment: nothing varies")
    # What stands in for an environment need not do so for all experiments.
    if frames.STANDS_FOR in runs:
        runs = runs[runs["hardware"].astype(str) == runs[frames.STANDS_FOR]]
    if frames.NAMED in runs:
        runs = runs.assign(hardware=runs[frames.NAMED])
        cells = _cells(frames.ok(runs).reset_index(drop=True))
    levels = [frames.levels(runs, name) for name in _FACTORS]
    total = math.prod(len(level) for level in levels)
    there = set(cells.names)
    if lacking := [", ".join(names) for names in product(*levels) if names not in there]:
        have = "has" if len(lacking) == 1 else "have"
        text = f"{among(len(lacking), total, 'cell')} {have} no result"
        yield note("missing cells", text, lacking)


def _repeats(cells: Cells) -> Iterator[Note]:
    total = cells.codes.value_counts().sort_index()
    seeds = cells.distinct("seed").clip(lower=1).reindex(total.index)
    # Of runs with one seed: others are no repeats.
    counts = (total / seeds).map(math.ceil)
    single = cells.named(counts.index[total == seeds])
    if single:
        by_seed = " with each seed" if (seeds > 1).any() else ""
        cells_have = counted(len(single), "cell has", "cells have")
        text = f"{cells_have} one result{by_seed}: no repeat to compare"
        yield note("one repeat", text, single)
    if len(counts) and counts.min() != counts.max():
        text = f"Cells have between {counts.min()} and {counts.max()} results"
        fewest = cells.named(counts.index[counts == counts.min()])
        yield note("unequal repeats", f"{text}, the fewest", fewest)


def _hosts(cells: Cells) -> Iterator[Note]:
    hosts, runs = cells.distinct("host"), cells.codes.value_counts().sort_index()
    several = runs.index[runs > 1]
    single = [number for number in several if hosts[number] == 1]
    if single:
        text = (
            f"In {len(single)} of {counted(len(several), 'cell')} all repeats ran on one host: "
            "they tell of this machine, and not of others of its kind"
        )
        every = len(single) == len(several)
        yield note("one host a cell", text, () if every else cells.named(single))
    if unknown := [number for number in several if hosts[number] == 0]:
        text = f"{counted(len(unknown), 'cell')} without a recorded host"
        yield note("host unknown", text, cells.named(unknown))


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
            yield note("confounded factors", text)


def _seeds(cells: Cells) -> Iterator[Note]:
    ran = pd.DataFrame({"cell": cells.codes, "seed": frames.column(cells.runs, "seed")})
    ran = ran.dropna().drop_duplicates()
    ran["experiment"] = [cells.names[number][0] for number in ran["cell"]]
    every = ran.groupby("experiment")["seed"].nunique()
    own = ran.groupby(["experiment", "cell"])["seed"].nunique().reset_index("experiment")
    fewer = own.index[own["seed"] < own["experiment"].map(every)]
    if len(fewer):
        text = (
            f"{counted(len(fewer), 'cell lacks a seed', 'cells lack a seed')} that others of the "
            "experiment ran with: environments are compared by the seeds that all of them have"
        )
        yield note("unequal seeds", text, cells.named(fewer))
