"""Workflow Run RO-Crates: a campaign with everything about it in one folder that others can check.

The only room that knows the profile and its library. Called by the verbs that export and verify.
"""

from __future__ import annotations

from osgrepro.crate.parts import Author, Description, Part, Sealed
from osgrepro.crate.reading import CAMPAIGN, DATASET, FINDINGS, METADATA, README, sealed
from osgrepro.crate.writing import write

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
