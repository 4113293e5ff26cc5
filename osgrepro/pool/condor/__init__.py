"""The only room that speaks to HTCondor: submit, ask, remove, follow logs, read expressions.

Called by the workflow. Importing it contacts nothing.
"""

from __future__ import annotations

from osgrepro.pool.condor import machines
from osgrepro.pool.condor.accounting import ClusterTransfers, Plugin, Sent
from osgrepro.pool.condor.events import EventReader
from osgrepro.pool.condor.expressions import (
    attributes,
    check_description,
    check_expression,
    matches,
    truth,
)
from osgrepro.pool.condor.feasibility import Feasibility, Shortfall, feasible, shortfalls
from osgrepro.pool.condor.feasibility import attributes as feasibility_attributes
from osgrepro.pool.condor.held_jobs import REASONS, HoldCode, addressed, codes_of, is_held_for
from osgrepro.pool.condor.live import LiveCluster, LiveJob
from osgrepro.pool.condor.queue import Schedd, connect
from osgrepro.pool.condor.starts import starts
from osgrepro.pool.condor.transfers import JobRecords, transfers

__all__ = [
    "REASONS",
    "ClusterTransfers",
    "EventReader",
    "Feasibility",
    "HoldCode",
    "JobRecords",
    "LiveCluster",
    "LiveJob",
    "Plugin",
    "Schedd",
    "Sent",
    "Shortfall",
    "addressed",
    "attributes",
    "check_description",
    "check_expression",
    "codes_of",
    "connect",
    "feasibility_attributes",
    "feasible",
    "is_held_for",
    "machines",
    "matches",
    "shortfalls",
    "starts",
    "transfers",
    "truth",
]
