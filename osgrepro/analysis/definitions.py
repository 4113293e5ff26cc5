"""Which runs are of the same definition of their experiment, and which of them are analysed.

Runs of a former script, of other parameters or data are no repeats of the present ones. So the
campaign's current definitions alone are analysed, and others only when they are asked for, each as
an experiment of its own. Called before anything else looks at a frame.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import Definition
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Definitions

EVERY = "all"
# Where the frame of a dataset has what its campaign would run now, as JSON.
REMEMBERED = "osgrepro.definitions"
# What the rows tell of a definition, and how people call it.
_CORE = {
    "entry": "entry",
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
    "threads_requested": "threads",
}
_TOLD = {**_CORE, "environment_json": "environment"}
# A run's id hashes this, too, and no column tells it.
_UNTOLD = "arguments"
_NOTHING = ("{}", "[]", "null", "")
_DIGITS, _LEAST = 12, 4

Codes = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The runs that are analysed, and all definitions where others are left out or compared."""

    runs: pd.DataFrame
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    """The runs of one definition in one software environment, and whether on today's hardware."""

    experiment: str
    software: str
    id: str
    told: tuple[str | None, ...]
    on: bool
    rows: int
    failed: int
    last: pd.Timestamp | None

    @property
    def core(self) -> tuple[str | None, ...]:
        """What has to be the same in all software environments of an experiment."""
        return self.told[: len(_CORE)]

    @property
    def rank(self) -> tuple[float, int, str]:
        """The order in which definitions came, as far as anybody knows."""
        return (self.last.timestamp() if self.last is not None else 0.0, self.rows, self.id)


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
    codes, groups = _groups(frame, current)
    of_now = _current(groups, current)
    wanted = _wanted(groups, asked)
    names = _names(groups, of_now, wanted)
    taken = np.array([name is not None for name in names])
    if not asked and taken.all():
        return Chosen(runs=frame, definitions=())
    runs = _named(frame, codes, groups, names)
    return Chosen(runs=runs, definitions=tuple(_told(groups, names, of_now, current is not None)))


def every_definition(frame: pd.DataFrame) -> tuple[Definition, ...]:
    """Return every definition that the runs of a frame are of."""
    return choose(frame, asked=(EVERY,)).definitions


def current_rows(frame: pd.DataFrame) -> Mask:
    """Return where the rows of a dataset's frame are of the campaign's current definitions."""
    if not len(frame):
        return np.zeros(0, dtype=bool)
    current = _remembered(frame)
    codes, groups = _groups(frame, current)
    of_now = _current(groups, current)
    return np.array([one in of_now for one in range(len(groups))])[codes]


def _remembered(frame: pd.DataFrame) -> Definitions | None:
    text = frame.attrs.get(REMEMBERED)
    return None if text is None else Definitions.model_validate_json(text)


def _groups(frame: pd.DataFrame, current: Definitions | None) -> tuple[Codes, list[_Group]]:
    """Return the number of each run's group, and the groups."""
    hardware = frame["hardware"]
    on = pd.Series(True, frame.index) if current is None else hardware.isin(current.hardware)
    told = [name for name in ("definition", *_TOLD) if name in frame.columns]
    columns = {
        **{name: frame[name] for name in ("experiment", "software")},
        **{name: _known(frame[name]) for name in told},
    }
    codes = np.zeros(len(frame), dtype=np.int64)
    for column in (*columns.values(), on):
        own, known = pd.factorize(column)
        codes = pd.factorize(codes * (len(known) + 1) + own + 1)[0]
    starts = np.unique(codes, return_index=True)[1]
    texts = {
        name: [_text(value) for value in column.iloc[starts]] for name, column in columns.items()
    }
    rows, last = np.bincount(codes), _last(frame, codes)
    failed = np.bincount(codes, frame["status"].to_numpy() != "ok")
    found = []
    for number, start in enumerate(starts):
        told_of = {name: values[number] for name, values in texts.items()}
        core = tuple(told_of.get(name) for name in _TOLD)
        found.append(
            _Group(
                experiment=str(told_of["experiment"]),
                software=str(told_of["software"]),
                id=told_of.get("definition") or _made(told_of["experiment"], core),
                told=core,
                on=bool(on.iloc[start]),
                rows=int(rows[number]),
                failed=int(failed[number]),
                last=last.get(number),
            )
        )
    return codes.astype(np.int64), found


def _last(frame: pd.DataFrame, codes: Codes) -> dict[int, pd.Timestamp]:
    """Return when the last run of each group began, where that is recorded."""
    began = frames.column(frame, "started_at")
    if not pd.api.types.is_datetime64_any_dtype(began):
        return {}
    last = began.groupby(codes).max().dropna()
    return dict(zip(last.index.to_list(), last, strict=True))


def _known(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column in which what says nothing is null."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        empty = [one for one in _NOTHING if one in column.cat.categories]
        full: pd.Series[Any] = column.cat.remove_categories(empty)
        return full
    said: pd.Series[Any] = column.where(~column.isin(_NOTHING))
    return said


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def _made(experiment: str | None, told: Sequence[str | None]) -> str:
    """Return the id of a definition that the row does not tell: from what it tells of it."""
    text = json.dumps([experiment, *told])
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _current(groups: Sequence[_Group], current: Definitions | None) -> set[int]:
    """Return which groups are of what the campaign would run now."""
    if current is not None:
        return {
            number
            for number, one in enumerate(groups)
            if one.on and current.ids.get(one.experiment, {}).get(one.software) == one.id
        }
    found: set[int] = set()
    for numbers in _by(groups, lambda one: (one.experiment,)).values():
        core = groups[max(numbers, key=lambda number: groups[number].rank)].core
        same = [number for number in numbers if groups[number].core == core]
        for own in _by([groups[number] for number in same], lambda one: (one.software,)).values():
            newest = groups[same[max(own, key=lambda place: groups[same[place]].rank)]].id
            found |= {same[place] for place in own if groups[same[place]].id == newest}
    return found


def _by(groups: Sequence[_Group], key: Any) -> dict[tuple[str, ...], list[int]]:
    found: dict[tuple[str, ...], list[int]] = {}
    for number, one in enumerate(groups):
        found.setdefault(key(one), []).append(number)
    return found


def _wanted(groups: Sequence[_Group], asked: Sequence[str]) -> set[tuple[str, str]]:
    """Return the definitions that are asked for, with their experiments."""
    every = {(one.experiment, one.id) for one in groups}
    if EVERY in asked:
        return every
    found = set()
    for word in asked:
        met = sorted({(experiment, own) for experiment, own in every if own.startswith(word)})
        if len(word) < _LEAST or not met:
            few = "too short for an id" if len(word) < _LEAST else "no such definition"
            raise UsageError(f"--definition {word}: {few}", hint=_hint(groups))
        if len(met) > 1:
            ids = ", ".join(own for _, own in met)
            raise UsageError(f"--definition {word}: {len(met)} definitions begin with it", hint=ids)
        found.add(met[0])
    return found


def _hint(groups: Iterable[_Group]) -> str:
    ids = sorted({f"{one.id} ({one.experiment})" for one in groups})
    more = f" and {len(ids) - 6} more: --definition list" if len(ids) > 6 else ""
    return f"there are {', '.join(ids[:6])}{more}; `all` compares them"


def _names(
    groups: Sequence[_Group], of_now: set[int], wanted: set[tuple[str, str]]
) -> list[str | None]:
    """Return as which experiment each group is analysed; None where it isn't."""
    now = {(groups[number].experiment, groups[number].id) for number in of_now}
    asked = {experiment for experiment, _ in wanted}
    several = Counter(experiment for experiment, _ in wanted)
    found: list[str | None] = []
    for number, one in enumerate(groups):
        key = (one.experiment, one.id)
        if one.experiment not in asked:
            found.append(one.experiment if number in of_now else None)
        elif key not in wanted:
            found.append(None)
        elif several[one.experiment] == 1 or key in now:
            found.append(one.experiment)
        else:
            found.append(f"{one.experiment}@{one.id}")
    return found


def _named(
    frame: pd.DataFrame, codes: Codes, groups: Sequence[_Group], names: Sequence[str | None]
) -> pd.DataFrame:
    """Return the runs that are analysed, under the names that they are analysed by."""
    kept = np.array([name is not None for name in names])[codes]
    runs: pd.DataFrame = frame[kept].reset_index(drop=True)
    if all(name in (None, one.experiment) for one, name in zip(groups, names, strict=True)):
        return runs
    known = sorted({name for name in names if name is not None})
    places = np.array([known.index(name) if name is not None else -1 for name in names])
    own = np.array(known, dtype=object)[places[codes[kept]]]
    named: pd.DataFrame = runs.assign(experiment=pd.Categorical(own, categories=known))
    return named


def _told(
    groups: Sequence[_Group], names: Sequence[str | None], of_now: set[int], known: bool
) -> Iterable[Definition]:
    """Yield every definition, those that are analysed first."""
    found = []
    for (experiment, own), numbers in _by(groups, lambda one: (one.experiment, one.id)).items():
        here = [number for number in numbers if names[number] is not None]
        now = any(number in of_now for number in numbers)
        rows = sum(groups[number].rows for number in numbers)
        analysed = sum(groups[number].rows for number in here)
        last = max((m for n in numbers if (m := groups[n].last) is not None), default=None)
        differs = _differs(groups, names, of_now, numbers)
        found.append(
            Definition(
                experiment=experiment,
                id=own,
                rows=rows,
                failed=sum(groups[number].failed for number in numbers),
                analysed=analysed,
                name=names[here[0]] if here else None,
                current=now if known else None,
                last=None if last is None else last.isoformat(timespec="seconds"),
                differs=differs,
                text=_said(differs, rows - analysed, now, bool(here)),
            )
        )
    return sorted(found, key=_order)


def _order(one: Definition) -> tuple[str, bool, bool, str, str]:
    return (one.experiment, not one.current, one.name != one.experiment, one.last or "", one.id)


def _differs(
    groups: Sequence[_Group], names: Sequence[str | None], of_now: set[int], own: Sequence[int]
) -> tuple[str, ...]:
    """Return in what a definition is not like its experiment's current one."""
    first = groups[own[0]]
    others = [n for n in of_now if groups[n].experiment == first.experiment] or [
        n for n, name in enumerate(names) if name == first.experiment
    ]
    if not others or any(groups[number].id == first.id for number in others):
        return ()
    # Of the same software environment, if there is one: each may set an environment of its own.
    same = [number for number in others if groups[number].software == first.software]
    other = groups[(same or others)[0]]
    pairs = zip(_TOLD.values(), first.told, other.told, strict=True)
    return tuple(label for label, mine, its in pairs if mine != its) or (_UNTOLD,)


def _said(differs: Sequence[str], left: int, now: bool, here: bool) -> str:
    if differs:
        return f"other {' and '.join(differs)}"
    if now and left:
        return f"{left:,} {'run' if left == 1 else 'runs'} of cells that the campaign no longer has"
    if now or here:
        return "the campaign's now" if now else "the one that ran last"
    return "not the campaign's now"
