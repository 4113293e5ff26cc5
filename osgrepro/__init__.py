"""osgrepro finds out whether a deep-learning result survives other hardware and software.

``osgrepro.frame(path)`` reads a dataset, ``osgrepro.analyze(frame)`` says what it means, and
``osgrepro.requirements(findings, ["p_upper=0.05"])`` what more it takes. They load what they need,
pandas and SciPy, when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osgrepro.analysis import analyze, requirements
    from osgrepro.results.dataset import frame

__version__ = "0.1.0"
__all__ = ["__version__", "analyze", "frame", "requirements"]

_FUNCTIONS = {
    "analyze": "osgrepro.analysis",
    "frame": "osgrepro.results.dataset",
    "requirements": "osgrepro.analysis",
}
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
