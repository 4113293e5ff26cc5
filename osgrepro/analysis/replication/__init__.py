"""Emulated, replayed and repeated runs beside those that they stand for.

What takes a data frame is behind the door of the analysis, which loads pandas when it is asked to.
"""

from __future__ import annotations

from osgrepro.analysis.replication.confirmation import confirmations, remote_class
from osgrepro.analysis.replication.pairs import (
    IMAGE,
    Cell,
    Counterpart,
    Row,
    cell,
    differences,
    emulates,
)

__all__ = [
    "IMAGE",
    "Cell",
    "Counterpart",
    "Row",
    "cell",
    "confirmations",
    "differences",
    "emulates",
    "remote_class",
]
