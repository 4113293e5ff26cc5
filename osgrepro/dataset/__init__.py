"""The only room that speaks Parquet: records in, one table out, and the rejects in another.

Called by the collection and by everything that reads results.
"""

from __future__ import annotations

from osgrepro.dataset.columns import COLUMNS, REJECTED_COLUMNS, Column, check, row
from osgrepro.dataset.frames import frame
from osgrepro.dataset.reading import Taken, claims, definitions, read, rejected, taken, unseeded
from osgrepro.dataset.store import replace_rejected, update, write

__all__ = [
    "COLUMNS",
    "REJECTED_COLUMNS",
    "Column",
    "Taken",
    "check",
    "claims",
    "definitions",
    "frame",
    "read",
    "rejected",
    "replace_rejected",
    "row",
    "taken",
    "unseeded",
    "update",
    "write",
]
