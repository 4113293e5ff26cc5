"""Waiting for a campaign's jobs, by their event logs: cheap for the access point, and resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from osgrepro.common.models import Notify, Progress, RunState, silent
from osgrepro.pool import condor
from osgrepro.pool.condor import LiveCluster
from osgrepro.pool.progress import Tally
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import OpenLog, Queue
from osgrepro.workflow.runs.logs import Follower

_FIRST_S, _LONGEST_S, _GROWTH = 0.5, 15.0, 1.3
# After so long without any event, the access point is asked whether it still has the jobs.
_SILENCE_S = 60.0

_ON_THEIR_WAY = (RunState.IDLE, RunState.RUNNING)


def wait(
    workspace: Workspace,
    queue: Queue,
    *,
    notify: Notify = silent,
    every: Callable[[Tally], None] = lambda _tally: None,
    open_log: OpenLog = condor.EventReader,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Tally:
    """Return when no job is on its way any more: each has ended, or is held.

    Parameters
    ----------
    workspace, queue : Workspace, Queue
        The campaign's folder; its access point, asked only when the logs are silent.
    notify : Notify
        Takes how many jobs have ended, at every look.
    every : callable
        Takes the tally at every look; the time left is in it.
    open_log, clock, sleep : callable
        Opens event logs, tells the time in seconds since 1970, waits for seconds.

    Raises
    ------
    PoolError
        If the access point is gone, or a log can't be read.
    """
    follower = Follower(workspace, open_log)
    pause_s, heard_s, before = _FIRST_S, clock(), None
    try:
        while True:
            logs = follower.look()
            tally = logs.tally(clock())
            notify(Progress(what="runs", done=tally.ended, total=tally.total, unit="runs"))
            every(tally)
            if not any(tally.counts.get(state) for state in _ON_THEIR_WAY):
                return tally
            if tally.counts != before:
                pause_s, heard_s, before = _FIRST_S, clock(), tally.counts
            elif clock() - heard_s > _SILENCE_S:
                if not still_moving(queue.live(logs.batches).values()):
                    return tally
                heard_s = clock()
            sleep(pause_s)
            pause_s = min(pause_s * _GROWTH, _LONGEST_S)
    finally:
        follower.save()


def still_moving(clusters: Iterable[LiveCluster]) -> bool:
    """Whether any job of ``clusters`` can end without somebody's help."""
    return any(
        cluster.next_proc is not None
        or any(job.state is not RunState.HELD for job in cluster.jobs.values())
        for cluster in clusters
    )
