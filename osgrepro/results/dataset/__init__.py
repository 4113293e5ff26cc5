"""The only room that speaks Parquet: records in, one table out, and the rejects in another.

Called by the collection and by everything that reads results.
"""

from __future__ import annotations

from osgrepro.results.dataset.column_type import Column
from osgrepro.results.dataset.columns import COLUMNS, REJECTED_COLUMNS
from osgrepro.results.dataset.frames import frame
from osgrepro.results.dataset.labels import labels
from osgrepro.results.dataset.reading import (
    Taken,
    claims,
    definitions,
    files_of,
    read,
    rejected,
    taken,
    unseeded,
)
from osgrepro.results.dataset.rows import check, row
from osgrepro.results.dataset.store import replace_rejected, update, write

__all__ = [
    "COLUMNS",
    "REJECTED_COLUMNS",
    "Column",
    "Taken",
    "check",
    "claims",
    "definitions",
    "files_of",
    "frame",
    "labels",
    "read",
    "rejected",
    "replace_rejected",
    "row",
    "taken",
    "unseeded",
    "update",
    "write",
]
