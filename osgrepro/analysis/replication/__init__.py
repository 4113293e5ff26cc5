"""Emulated, replayed and repeated runs beside those that they stand for.

What takes a data frame is behind the door of the analysis, which loads pandas when it is asked to.
"""

from __future__ import annotations

from osgrepro.analysis.replication.compared import Row
from osgrepro.analysis.replication.confirmation import confirmations
from osgrepro.analysis.replication.differences import IMAGE, differences
from osgrepro.analysis.replication.letters import remote_class
from osgrepro.analysis.replication.pairs import Cell, Counterpart, cell, emulates

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
