"""Clusters of which the journal does not know, found again in the queue and in the event logs.

They were sent by a process that was killed, by a folder that has lost its journal, or by DAGMan.
"""

from __future__ import annotations

from contextlib import suppress

import orjson

from osgrepro.common.errors import PoolError
from osgrepro.pool import condor
from osgrepro.runs.render import SPEC_NAME
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.jobs import clusters, is_own, rows
from osgrepro.workflow.runs.journal import Batch, OpenLog, Queue, batches, run_ids

# The name of a batch that the journal had lost.
ADOPTED = "adopted"


def adopt(
    campaign: str, workspace: Workspace, queue: Queue | None, open_log: OpenLog = condor.EventReader
) -> tuple[Batch, ...]:
    """Put the folder's own clusters that its journal lacks into it again, and return them.

    Those in the queue, if there is one, and those of which the folder has an event log. Called
    with the lock.
    """
    known = batches(workspace)
    numbers = {key: batch.cluster for key, batch in known.items()}
    adopted: dict[str, Batch] = {}
    for key, cluster in (clusters(campaign, workspace, queue) if queue else {}).items():
        if numbers.get(key) != cluster.cluster and is_own(workspace, cluster):
            count = cluster.count or len(rows(workspace, cluster))
            adopted[key] = _batch(workspace, key, cluster.cluster, count)
    for key in workspace.event_batches():
        # A rescue DAG submits a node, which is one run, once more as it is.
        if key not in adopted and (key not in known or known[key].count == 1):
            logged = _logged(workspace, key, open_log)
            if logged is not None and logged.cluster != numbers.get(key):
                adopted[key] = logged
    for batch in adopted.values():
        intent = {"event": "intent", "batch": batch.batch, "name": batch.name}
        workspace.note({**intent, "count": batch.count, "adopted": True})
        workspace.note({"event": "commit", "batch": batch.batch, "cluster": batch.cluster})
    return tuple(adopted.values())


def _logged(workspace: Workspace, key: str, open_log: OpenLog) -> Batch | None:
    """Return the batch of an event log, if that tells of a cluster, or of the last of a node."""
    procs: dict[int, int] = {}
    with suppress(PoolError):  # what it tells before it breaks off counts
        for event in open_log(workspace.event_log(key), 0).new():
            procs[event.cluster] = max(procs.get(event.cluster, 0), event.proc)
    runs = len(run_ids(workspace, key)) if procs else 0
    if not procs or (len(procs) > 1 and runs != 1):
        return None
    last = max(procs)
    return _batch(workspace, key, last, max(runs, procs[last] + 1))


def _batch(workspace: Workspace, key: str, cluster: int, count: int) -> Batch:
    name = ADOPTED
    with suppress(OSError, ValueError, LookupError, TypeError):
        spec = orjson.loads((workspace.submission(key) / SPEC_NAME).read_bytes())
        name = str(spec["software"]["name"])
    return Batch(batch=key, name=name, count=count, cluster=cluster)
