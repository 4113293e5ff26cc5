"""Turns a data frame of runs into findings: pure functions, one file for each question.

Called by the verbs that analyze and by whoever has a data frame. ``analyze`` loads SciPy, which
takes half a second, so it is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osgrepro.analysis.findings import analyze

__all__ = ["analyze"]


def __getattr__(name: str) -> Any:
    if name == "analyze":
        return import_module("osgrepro.analysis.findings").analyze
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
