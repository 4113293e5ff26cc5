"""The groups that runs fall into, each of one definition in one software environment.

Called before definitions are chosen, and for the rows of the current ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.definitions.groups import RECORDED, Group
from osgrepro.common.models import Definitions

_NOTHING = ("{}", "[]", "null", "")


_DIGITS = 12


Codes = np.ndarray[Any, np.dtype[np.int64]]


def groups_of(frame: pd.DataFrame, current: Definitions | None) -> tuple[Codes, list[Group]]:
    """Return the number of each run's group, and the groups."""
    on_current = (
        pd.Series(True, frame.index)
        if current is None
        else frame["hardware"].isin(current.hardware)
    )
    columns = {
        **{name: frame[name] for name in ("experiment", "software")},
        **{
            name: _known(frame[name]) for name in ("definition", *RECORDED) if name in frame.columns
        },
    }
    codes = np.zeros(len(frame), dtype=np.int64)
    for column in (*columns.values(), on_current):
        column_codes, levels = pd.factorize(column)
        codes = pd.factorize(codes * (len(levels) + 1) + column_codes + 1)[0]
    starts = np.unique(codes, return_index=True)[1]
    texts = {
        name: [_text(value) for value in column.iloc[starts]] for name, column in columns.items()
    }
    rows, last = np.bincount(codes), _last(frame, codes)
    failed = np.bincount(codes, frame["status"].to_numpy() != "ok")
    groups = []
    for number, start in enumerate(starts):
        text_of = {name: values[number] for name, values in texts.items()}
        recorded = tuple(text_of.get(name) for name in RECORDED)
        groups.append(
            Group(
                experiment=str(text_of["experiment"]),
                software=str(text_of["software"]),
                id=text_of.get("definition") or _made(text_of["experiment"], recorded),
                recorded=recorded,
                on_current_hardware=bool(on_current.iloc[start]),
                rows=int(rows[number]),
                failed=int(failed[number]),
                last=last.get(number),
            )
        )
    return codes.astype(np.int64), groups


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
        empty = [text for text in _NOTHING if text in column.cat.categories]
        categories: pd.Series[Any] = column.cat.remove_categories(empty)
        return categories
    texts: pd.Series[Any] = column.where(~column.isin(_NOTHING))
    return texts


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def _made(experiment: str | None, recorded: Sequence[str | None]) -> str:
    """Return the id of a definition whose rows have none: a hash of what they record of it."""
    text = json.dumps([experiment, *recorded])
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
