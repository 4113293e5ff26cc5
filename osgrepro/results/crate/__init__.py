"""Workflow Run RO-Crates: a campaign with everything about it in one folder that others can check.

The only room that knows the profile and its library, which is loaded when it is asked for. Called
by the verbs that export and verify.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from osgrepro.results.crate.parts import (
    CAMPAIGN,
    DATASET,
    FINDINGS,
    METADATA,
    README,
    Author,
    Description,
    Part,
    Sealed,
)

if TYPE_CHECKING:
    from osgrepro.results.crate.reading import sealed
    from osgrepro.results.crate.writing import write

__all__ = [
    "CAMPAIGN",
    "DATASET",
    "FINDINGS",
    "METADATA",
    "README",
    "Author",
    "Description",
    "Part",
    "Sealed",
    "sealed",
    "write",
]

_FILES = {"sealed": "reading", "write": "writing"}


def __getattr__(name: str) -> Any:
    if name in _FILES:
        return getattr(import_module(f"osgrepro.results.crate.{_FILES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
