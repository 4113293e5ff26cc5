"""Which runs are of the same definition of their experiment, and which of them are analysed.

Runs of a former script, of other parameters or data are no repeats of the present ones. So the
campaign's current definitions alone are analysed, and others only when they are asked for, each as
an experiment of its own. Called before anything else looks at a frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.definitions.current import current_groups, remembered
from osgrepro.analysis.definitions.differences import described
from osgrepro.analysis.definitions.fields import check_fields
from osgrepro.analysis.definitions.grouping import groups_of
from osgrepro.analysis.definitions.groups import Group
from osgrepro.analysis.definitions.naming import named_runs, names_of
from osgrepro.analysis.findings import Definition
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Definitions

EVERY = "all"
_LEAST = 4


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
        If a needed column is absent, or null in some row, or a field holds what can't be analysed.
    UsageError
        If there is no such definition, or several begin alike.
    """
    current = current or remembered(frame)
    check_fields(frame)
    frame = frames.checked(frame)
    if not len(frame):
        return Chosen(runs=frame, definitions=())
    codes, groups = groups_of(frame, current)
    of_now = current_groups(groups, current)
    wanted = _wanted(groups, asked)
    names = names_of(groups, of_now, wanted)
    if not asked and None not in names:
        return Chosen(runs=frame, definitions=())
    runs = named_runs(frame, codes, groups, names)
    definitions = described(groups, names, of_now, known=current is not None)
    return Chosen(runs=runs, definitions=definitions)


def every_definition(frame: pd.DataFrame) -> tuple[Definition, ...]:
    """Return every definition that the runs of a frame are of."""
    return choose(frame, asked=(EVERY,)).definitions


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
