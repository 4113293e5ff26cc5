"""Which runs are of the same definition of their experiment, and which of them are analysed.

Runs of a former script, of other parameters or data are no repeats of the present ones. So the
campaign's current definitions alone are analysed, and others only when they are asked for, each as
an experiment of its own. Called before anything else looks at a frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.definitions.differences import described
from osgrepro.analysis.definitions.groups import Codes, Group, by, groups_of
from osgrepro.analysis.findings import Definition
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Definitions

EVERY = "all"
# Where the frame of a dataset has what its campaign would run now, as JSON.
REMEMBERED = "osgrepro.definitions"
_LEAST = 4

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The runs that are analysed, and all definitions where others are left out or compared."""

    runs: pd.DataFrame
    definitions: tuple[Definition, ...]


def choose(
    frame: pd.DataFrame, current: Definitions | None = None, asked: Sequence[str] = ()
) -> Chosen:
    """Return the runs of the campaign's current definitions, or of those that are asked for.

    Where nobody tells which are current, an experiment with several has the one that ran last.

    Parameters
    ----------
    frame : DataFrame
        All runs, as for :func:`osgrepro.analysis.analyze`.
    current : Definitions, optional
        What the campaign would run now; by default what the frame of a dataset remembers of it.
    asked : sequence of str
        The beginnings of definitions' ids: they take the place of the current one of their
        experiment. Of several of one experiment, each but the current one is an experiment of its
        own, ``NAME@ID``. ``all`` is every definition.

    Raises
    ------
    InputError
        If a needed column is absent, or null in some row.
    UsageError
        If there is no such definition, or several begin alike.
    """
    current = current or _remembered(frame)
    frame = frames.checked(frame)
    if not len(frame):
        return Chosen(runs=frame, definitions=())
    codes, groups = groups_of(frame, current)
    of_now = _current(groups, current)
    wanted = _wanted(groups, asked)
    names = _names(groups, of_now, wanted)
    if not asked and None not in names:
        return Chosen(runs=frame, definitions=())
    runs = _named(frame, codes, groups, names)
    definitions = described(groups, names, of_now, known=current is not None)
    return Chosen(runs=runs, definitions=definitions)


def every_definition(frame: pd.DataFrame) -> tuple[Definition, ...]:
    """Return every definition that the runs of a frame are of."""
    return choose(frame, asked=(EVERY,)).definitions


def current_rows(frame: pd.DataFrame) -> Mask:
    """Return where the rows of a dataset's frame are of the campaign's current definitions."""
    if not len(frame):
        return np.zeros(0, dtype=bool)
    current = _remembered(frame)
    codes, groups = groups_of(frame, current)
    of_now = _current(groups, current)
    return np.array([number in of_now for number in range(len(groups))])[codes]


def _remembered(frame: pd.DataFrame) -> Definitions | None:
    text = frame.attrs.get(REMEMBERED)
    return None if text is None else Definitions.model_validate_json(text)


def _current(groups: Sequence[Group], current: Definitions | None) -> set[int]:
    """Return which groups are of what the campaign would run now."""
    if current is not None:
        return {
            number
            for number, group in enumerate(groups)
            if group.on_current_hardware
            and current.ids.get(group.experiment, {}).get(group.software) == group.id
        }
    latest: set[int] = set()
    for numbers in by(groups, lambda group: (group.experiment,)).values():
        core = groups[max(numbers, key=lambda number: groups[number].rank)].core
        by_software: dict[str, list[int]] = {}
        for number in numbers:
            if groups[number].core == core:
                by_software.setdefault(groups[number].software, []).append(number)
        for same in by_software.values():
            newest = groups[max(same, key=lambda number: groups[number].rank)].id
            latest |= {number for number in same if groups[number].id == newest}
    return latest


def _wanted(groups: Sequence[Group], asked: Sequence[str]) -> set[tuple[str, str]]:
    """Return the definitions that are asked for, with their experiments."""
    every = {(group.experiment, group.id) for group in groups}
    if EVERY in asked:
        return every
    wanted = set()
    for word in asked:
        matching = sorted(definition for definition in every if definition[1].startswith(word))
        if len(word) < _LEAST or not matching:
            few = f"fewer than {_LEAST} digits" if len(word) < _LEAST else "no such definition"
            raise UsageError(f"--definition {word}: {few}", hint=_hint(groups))
        if len(matching) > 1:
            ids = ", ".join(definition_id for _, definition_id in matching)
            raise UsageError(
                f"--definition {word}: {len(matching)} definitions begin with it",
                hint=f"give more digits of one of them: {ids}",
            )
        wanted.add(matching[0])
    return wanted


def _hint(groups: Iterable[Group]) -> str:
    ids = sorted({f"{group.id} ({group.experiment})" for group in groups})
    more = f" and {len(ids) - 6} more: --definition list" if len(ids) > 6 else ""
    return f"give one that there is: {', '.join(ids[:6])}{more}; `all` compares them"


def _names(
    groups: Sequence[Group], of_now: set[int], wanted: set[tuple[str, str]]
) -> list[str | None]:
    """Return as which experiment each group is analysed; None where it isn't."""
    now = {(groups[number].experiment, groups[number].id) for number in of_now}
    wanted_of = Counter(experiment for experiment, _ in wanted)
    names: list[str | None] = []
    for number, group in enumerate(groups):
        definition = (group.experiment, group.id)
        if group.experiment not in wanted_of:
            names.append(group.experiment if number in of_now else None)
        elif definition not in wanted:
            names.append(None)
        elif wanted_of[group.experiment] == 1 or definition in now:
            names.append(group.experiment)
        else:
            names.append(f"{group.experiment}@{group.id}")
    return names


def _named(
    frame: pd.DataFrame, codes: Codes, groups: Sequence[Group], names: Sequence[str | None]
) -> pd.DataFrame:
    """Return the runs that are analysed, under the names that they are analysed by."""
    kept = np.array([name is not None for name in names])[codes]
    runs: pd.DataFrame = frame[kept].reset_index(drop=True)
    if all(name in (None, group.experiment) for group, name in zip(groups, names, strict=True)):
        return runs
    levels = sorted({name for name in names if name is not None})
    places = np.array([levels.index(name) if name is not None else -1 for name in names])
    of_run = np.array(levels, dtype=object)[places[codes[kept]]]
    named: pd.DataFrame = runs.assign(experiment=pd.Categorical(of_run, categories=levels))
    return named
