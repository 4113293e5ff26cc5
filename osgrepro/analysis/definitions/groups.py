"""The runs of one definition in one software environment, as a group; what rows tell of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.common.models import Definitions

# What the rows tell of a definition, and how people call it.
_CORE = {
    "entry": "entry",
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
    "threads_requested": "threads",
}
TOLD = {**_CORE, "environment_json": "environment"}
# A run's id hashes this, too, and no column tells it.
UNTOLD = "arguments"
_NOTHING = ("{}", "[]", "null", "")
_DIGITS = 12

Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
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


def groups_of(frame: pd.DataFrame, current: Definitions | None) -> tuple[Codes, list[Group]]:
    """Return the number of each run's group, and the groups."""
    hardware = frame["hardware"]
    on = pd.Series(True, frame.index) if current is None else hardware.isin(current.hardware)
    told = [name for name in ("definition", *TOLD) if name in frame.columns]
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
        core = tuple(told_of.get(name) for name in TOLD)
        found.append(
            Group(
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


def by(
    groups: Sequence[Group], key: Callable[[Group], tuple[str, ...]]
) -> dict[tuple[str, ...], list[int]]:
    """Return the numbers of the groups that have a key in common."""
    numbers: dict[tuple[str, ...], list[int]] = {}
    for number, group in enumerate(groups):
        numbers.setdefault(key(group), []).append(number)
    return numbers
