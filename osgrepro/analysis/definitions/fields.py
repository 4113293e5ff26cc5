"""What a field of a frame of runs may hold: what can be compared, and a number where one belongs.

Called when a frame comes in, so that nothing behind it stumbles over a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, Literal

import pandas as pd

from osgrepro.analysis import UNUSED, frames
from osgrepro.common.errors import InputError

_TRUTHS = ("emulated", "simulated_gpu", "sample_data", "base_pinned", "seeded", "gpu_used")
_TEXTS = ("emulation", "not_emulated", "environment_json", "params_json", "data_json")
_FAULTS = 5
_Kind = Literal["number", "whole number", "truth value", "text"]
# The kinds of NumPy's types that need no look at each value.
_KINDS: Mapping[_Kind, str] = {
    "number": "biuf",
    "whole number": "iu",
    "truth value": "b",
    "text": "",
}


def check_fields(frame: pd.DataFrame) -> None:
    """Refuse a frame whose columns hold what no analysis can read.

    Raises
    ------
    InputError
        If two columns have one name, or a field holds what can't be compared (a list, say), or no
        number, truth value or text where one belongs. It names each such column, and a row.
    """
    twice = frame.columns[frame.columns.duplicated()].unique()
    faults = [f"there are two columns {name}" for name in twice]
    if not faults:
        analysed = [name for name in frame.columns if name not in UNUSED]
        asked = ((str(name), frame[name]) for name in analysed)
        faults = [text for name, own in asked if (text := _fault(name, own))]
    if faults:
        more = f"; and {len(faults) - _FAULTS} more columns" if len(faults) > _FAULTS else ""
        raise InputError(
            f"the frame of runs: {'; '.join(faults[:_FAULTS])}{more}",
            hint="put one text, number or truth value into each field, or leave the column out; "
            "osgrepro.frame(PATH) reads a dataset so",
        )


def _demanded(name: str) -> _Kind | None:
    """Return what a column has to hold; None where anything that can be compared will do."""
    if name == "test_set":
        return "whole number"
    if name.startswith(frames.VALUE) or name in ("seed", "gpus", "baseline"):
        return "number"
    if name.startswith(frames.HEX) or name in _TEXTS:
        return "text"
    return "truth value" if name in _TRUTHS else None


def _fault(name: str, values: pd.Series[Any]) -> str:
    """Return what is wrong with a column, and the first such row; nothing if it can be used."""
    if values.dtype.kind == "O" and pd.api.types.infer_dtype(values).startswith("mixed"):
        for row, value in values.items():
            if not _hashable(value):
                return f"{name} has a {type(value).__name__} in row {row}, which can't be compared"
    kind = _demanded(name)
    if kind is None or values.dtype.kind in _KINDS[kind]:
        return ""
    if kind == "text" and pd.api.types.infer_dtype(values) in ("string", "empty"):
        return ""
    wrong = [value for value in values.dropna().unique() if not _is(kind, value)]
    if not wrong:
        return ""
    row = values.index[values.isin(wrong[:1])][0]
    return f"{name} has {wrong[0]!r} in row {row}, which is no {kind}"


def _is(kind: _Kind, value: Any) -> bool:
    if kind == "truth value":
        return value in (True, False)
    if kind == "text":
        return isinstance(value, str)
    if not isinstance(value, (Real, Decimal, str)):
        return False
    try:
        number = float(pd.to_numeric(str(value)))
    except (TypeError, ValueError, OverflowError):
        return False
    return kind == "number" or number.is_integer()


def _hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
