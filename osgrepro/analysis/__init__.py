"""Turns a data frame of runs into findings: pure functions, one file for each question.

Called by the verbs that analyze and by whoever has a data frame. ``analyze`` loads SciPy and
``lettered`` pandas, which take half a second, so they are imported when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osgrepro.analysis.findings import analyze
    from osgrepro.analysis.replays import lettered

__all__ = ["analyze", "lettered"]

_LATE = {"analyze": "findings", "lettered": "replays"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"osgrepro.analysis.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
