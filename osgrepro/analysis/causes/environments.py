"""The hardware environments of an experiment as an attribution sees them, made of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from osgrepro.analysis import frames
from osgrepro.analysis.causes.attributes import NO_GPU, OF_GPUS, UNKNOWN, spelled
from osgrepro.analysis.causes.types import machine_types, tells_all_apart, with_sites
from osgrepro.analysis.statistics.partitions import Codes, canonical

Scope = Literal["CPU", "GPU", "all"]


@dataclass(frozen=True, kw_only=True)
class Environments:
    """The hardware environments of one software environment and scope, one class each.

    ``values`` maps an attribute to its spelled value in every environment, of a GPU ``none`` where
    there is none;
    ``split`` names the environments whose repeats disagree and have no class of their majority,
    which are in none of the others; ``odd`` counts the runs that differ from their majority.
    ``sites`` are those where the runs of each were, as far as they are known.
    """

    software: str
    scope: Scope
    hardware: tuple[str, ...]
    letters: tuple[str, ...]
    values: dict[str, list[str]]
    split: tuple[str, ...]
    odd: Mapping[str, int] = field(default_factory=dict)
    sites: tuple[frozenset[str], ...] = ()

    @cached_property
    def _of_machine(self) -> Codes:
        return machine_types(self.values, canonical(self.letters))

    @cached_property
    def types(self) -> Codes:
        """The type of each environment's machines, or its sites, numbered by first appearance."""
        if not self.sites:
            return self._of_machine
        return with_sites(self._of_machine, self.sites, canonical(self.letters))

    @property
    def by_site(self) -> bool:
        """Whether several types of machine are one draw, since their site may decide as well."""
        return self.type_count <= int(self._of_machine.max(initial=-1))

    @property
    def type_count(self) -> int:
        """How many draws there are: types of machine, or sites."""
        return int(self.types.max(initial=-1)) + 1

    @property
    def units(self) -> str:
        """What is drawn, in people's words."""
        if self.by_site:
            return "groups of machines by site"
        return "types of machine" if self.type_count < len(self.hardware) else "environments"

    @cached_property
    def sorted_names(self) -> Sorted:
        """Which attributes may be a cause, and why the others may not."""
        names = Sorted([], [], [], [])
        for name, values in self.values.items():
            different = len(set(values))
            if different <= 1:
                names.constant.append(name)
            elif UNKNOWN in values:
                names.unknown.append(name)
            elif tells_all_apart(canonical(values), self.types):
                names.identities.append(name)
            else:
                names.considered.append(name)
        return names


class Sorted(NamedTuple):
    """The attributes that vary, and those that are no causes.

    ``constant`` ones are the same everywhere, ``identities`` tell all types of machine apart, and
    ``unknown`` ones are not known in each: that nobody recorded a value is no property of a
    machine.
    """

    considered: list[str]
    constant: list[str]
    identities: list[str]
    unknown: list[str]


def environments(
    frame: pd.DataFrame,
    outcome: pd.Series,
    letters: Sequence[str],
    attributes: Sequence[str],
    odd: NDArray[np.bool_] | None = None,
) -> Iterator[Environments]:
    """Yield the environments of each software and scope; rows are only looked at here, at once.

    ``outcome`` is the class of each run's environment, where it has one, else the run's; ``odd``
    runs were of another.
    """
    order = {letter: number for number, letter in enumerate(letters)}
    rank = pd.Series(outcome.to_numpy()).map(order)
    kept = (
        rank.notna() & frame[["software", "hardware"]].notna().all(axis=1).to_numpy()
    ).to_numpy()
    frame, rank = frame.loc[kept], rank[kept]
    strays = np.zeros(len(frame), dtype=bool) if odd is None else odd[kept]
    if frame.empty:
        return
    # What no run recorded is no attribute of theirs, whether there is a column for it or not.
    names = [name for name in attributes if frames.column(frame, name).notna().any()]
    grouped = frame.groupby(["software", "hardware"], observed=True, sort=True)
    cells: Codes = grouped.ngroup().to_numpy(dtype=np.int64)
    keys = list(grouped.size().index)
    astray = np.bincount(cells[strays], minlength=len(keys)).tolist()
    classes = _sets(cells, rank.to_numpy(dtype=np.int64), len(keys))
    sites = _seen(frame, cells, len(keys))
    with_gpu = np.bincount(cells, frames.with_gpu(frame), len(keys)) > 0
    values = {name: _values(frame[name], cells, with_gpu) for name in names}
    for software in dict.fromkeys(str(key[0]) for key in keys):
        mine = [i for i, key in enumerate(keys) if str(key[0]) == software]
        on_gpu, on_cpu = ([i for i in mine if with_gpu[i] == kind] for kind in (True, False))
        both = mine if on_gpu and on_cpu else []
        scopes: dict[Scope, list[int]] = {"CPU": on_cpu, "GPU": on_gpu, "all": both}
        for scope, cell in scopes.items():
            if not cell:
                continue
            agreeing = [i for i in cell if len(classes[i]) == 1]
            yield Environments(
                software=software,
                scope=scope,
                hardware=tuple(str(keys[i][1]) for i in agreeing),
                letters=tuple(letters[classes[i][0]] for i in agreeing),
                values={name: [values[name][i] for i in agreeing] for name in names},
                split=tuple(str(keys[i][1]) for i in cell if len(classes[i]) > 1),
                odd={str(keys[i][1]): astray[i] for i in agreeing if astray[i]},
                sites=tuple(sites[i] for i in agreeing),
            )


def _of_gpus(values: Sequence[str], with_gpu: NDArray[np.bool_]) -> list[str]:
    """Return an attribute of GPUs, which environments without one lack and do not merely hide."""
    return [
        NO_GPU if value == UNKNOWN and not there else value
        for value, there in zip(values, with_gpu.tolist(), strict=True)
    ]


def _sets(cells: Codes, codes: Codes, n: int) -> list[list[int]]:
    """Return the distinct codes of each of ``n`` cells; −1 is no code."""
    width = int(codes.max(initial=0)) + 1
    pairs = np.sort(pd.unique((cells * width + codes)[codes >= 0]))
    codes_of: list[list[int]] = [[] for _ in range(n)]
    for pair in pairs.tolist():
        codes_of[pair // width].append(pair % width)
    return codes_of


def _values(column: pd.Series, cells: Codes, with_gpu: NDArray[np.bool_]) -> list[str]:
    """Return the spelled value in each cell: ``a or b`` where its runs differ, else unknown."""
    codes, uniques = pd.factorize(column)
    name = str(column.name)
    values = [
        " or ".join(sorted(spelled(name, _plain(uniques[code])) for code in own_codes)) or UNKNOWN
        for own_codes in _sets(cells, np.asarray(codes, dtype=np.int64), len(with_gpu))
    ]
    return _of_gpus(values, with_gpu) if name.startswith(OF_GPUS) else values


def _seen(frame: pd.DataFrame, cells: Codes, n: int) -> list[frozenset[str]]:
    """Return the sites of each cell, as far as they are known."""
    codes, uniques = pd.factorize(frames.column(frame, "site"))
    own = _sets(cells, np.asarray(codes, dtype=np.int64), n)
    return [frozenset(str(uniques[code]) for code in codes_of) for codes_of in own]


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
