"""Turns a data frame of runs into findings: pure functions, one file for each question.

Called by the verbs that analyze and by whoever has a data frame. ``analyze`` loads SciPy, the
others pandas, which takes half a second, so all are imported when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osgrepro.analysis.findings import analyze
    from osgrepro.analysis.replays import lettered
    from osgrepro.analysis.reruns import CellAgreement, agreement

__all__ = ["CellAgreement", "agreement", "analyze", "lettered"]

_LATE = {
    "CellAgreement": "reruns",
    "agreement": "reruns",
    "analyze": "findings",
    "lettered": "replays",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"osgrepro.analysis.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
