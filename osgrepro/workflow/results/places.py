"""On which slots an attempt was, told by whoever still knows it.

First the event log, which the access point wrote; where that has not got it, the job's ad in the
queue or the history; and where both are lost, the result itself. Called by the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from osgrepro.common.errors import PoolError
from osgrepro.common.models import Execution
from osgrepro.results.records import Result
from osgrepro.runs.render import MACHINE_ATTRIBUTES
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import run_ids
from osgrepro.workflow.runs.monitoring.event_logs import Logs

# Takes a batch and its cluster; returns the starts of its jobs by ProcId, as their ads have them.
JobAds = Callable[[str, int], Mapping[int, Sequence[Execution]]]


def nobody(_batch: str, _cluster: int) -> Mapping[int, Sequence[Execution]]:
    """Return nothing: there is no access point to ask."""
    return {}


class Places:
    """Knows on which slots jobs were; asks for job ads once a cluster, and only where needed."""

    def __init__(self, workspace: Workspace, logs: Logs, job_ads: JobAds = nobody) -> None:
        self.workspace = workspace
        self.logs = logs
        self._job_ads = job_ads
        self._asked: dict[str, Mapping[int, Sequence[Execution]]] = {}
        self._runs: dict[str, list[str]] = {}

    def starts(self, result: Result, *, settled: bool) -> Sequence[Execution]:
        """Return the starts of a result's job, all told by the same.

        The result's own word counts once it is ``settled``: the log may not have been written yet.
        """
        batch, cluster, proc = result.batch, result.cluster, result.proc
        if batch is None or cluster is None or proc is None:
            return ()
        slot = (result.provenance.machine_ad or {}).get("Name")
        logged = self.logs.executions(batch, cluster, proc)
        if any(start.slot == slot for start in logged):
            return logged
        known = self.logs.batches.get(batch)
        if known is None or known.cluster != cluster or not self.logs.lacks(batch, cluster, proc):
            return logged
        recorded = self._of_ads(batch, cluster).get(proc, ())
        if any(start.slot == slot for start in recorded):
            return recorded
        proved = self._proved(result, batch, proc) if settled else ()
        return proved or recorded or logged

    def _of_ads(self, batch: str, cluster: int) -> Mapping[int, Sequence[Execution]]:
        if batch not in self._asked:
            self._asked[batch] = {}
            with suppress(PoolError):  # no history, or none that we may read
                self._asked[batch] = self._job_ads(batch, cluster)
        return self._asked[batch]

    def _proved(self, result: Result, batch: str, proc: int) -> Sequence[Execution]:
        """Return the start that a result shows of itself, if it is that of its batch's job.

        Only the batch's jobs were told its id, and the access point itself named the file after
        the run, the cluster and the job.
        """
        if batch not in self._runs:
            self._runs[batch] = []
            with suppress(OSError, UnicodeDecodeError):
                self._runs[batch] = run_ids(self.workspace, batch)
        if self._runs[batch][proc : proc + 1] != [result.run_id]:
            return ()
        seen = result.provenance.machine_ad or {}
        machine = {
            name: seen[name]
            for name in MACHINE_ATTRIBUTES
            if isinstance(seen.get(name), (str, int, float))
        }
        began = datetime.fromisoformat(result.timings.started_at.replace("Z", "+00:00"))
        return (Execution(started_s=began.timestamp(), machine=machine, told_by="result"),)
