"""The only room that speaks to HTCondor: submit, ask, remove, follow logs, read expressions.

Called by the workflow. Importing it contacts nothing.
"""

from __future__ import annotations

from osgrepro.condor.events import EventReader
from osgrepro.condor.expressions import check_expression, matches
from osgrepro.condor.queue import HOLD_ADVICE, LiveCluster, LiveJob, Schedd, connect

__all__ = [
    "HOLD_ADVICE",
    "EventReader",
    "LiveCluster",
    "LiveJob",
    "Schedd",
    "check_expression",
    "connect",
    "matches",
]
