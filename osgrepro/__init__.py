"""osgrepro finds out whether a deep-learning result survives other hardware and software.

``osgrepro.frame(path)`` reads a dataset, and ``osgrepro.analyze(frame)`` says what it means. Both
load what they need, pandas and SciPy, when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osgrepro.analysis import analyze
    from osgrepro.results.dataset import frame

__version__ = "0.1.0"
__all__ = ["__version__", "analyze", "frame"]

_FUNCTIONS = {"analyze": "osgrepro.analysis", "frame": "osgrepro.results.dataset"}
# What a reader of findings needs besides, as ``osgrepro.findings`` and so on.
_DOORS = {
    "dataset": "osgrepro.results.dataset",
    "findings": "osgrepro.analysis.findings",
    "report": "osgrepro.report",
}


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(import_module(_FUNCTIONS[name]), name)
    if name in _DOORS:
        return import_module(_DOORS[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
