"""Waiting for a campaign's jobs, by their event logs: cheap for the access point, and resumable."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping

from osgrepro.common.errors import PoolError
from osgrepro.common.models import Notify, Progress, RunState, silent
from osgrepro.pool import condor
from osgrepro.pool.condor import LiveCluster
from osgrepro.pool.tally import Tally
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import OpenLog, Queue
from osgrepro.workflow.runs.monitoring.event_logs import Follower

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
    timeout_s: float | None = None,
    doubt: Callable[[str], None] = lambda _sentence: None,
    open_log: OpenLog = condor.EventReader,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Tally:
    """Return when no job can end by itself any more: each has ended, or is held for good.

    A held job that its own policy will release is waited for, and so is an access point that does
    not answer: both come back.

    Parameters
    ----------
    workspace, queue : Workspace, Queue
        The campaign's folder; its access point, asked only when the logs are silent.
    notify : Notify
        Takes how many jobs have ended, at every look.
    every : callable
        Takes the tally at every look; the time left is in it.
    timeout_s : float or None
        Return after so many seconds in any case; None waits as long as it takes.
    doubt : callable
        Takes a sentence when the access point stops answering.
    open_log, clock, sleep : callable
        Opens event logs, tells the time in seconds since 1970, waits for seconds.

    Raises
    ------
    PoolError
        If a log can't be read.
    """
    follower, asking = Follower(workspace, open_log), _Asking(queue, doubt, clock)
    ends_s = math.inf if timeout_s is None else clock() + timeout_s
    try:
        while True:
            logs = follower.look()
            tally = logs.tally(clock())
            notify(Progress(what="runs", done=tally.ended, total=tally.total, unit="runs"))
            every(tally)
            if clock() >= ends_s or asking.over(tally, logs.batches):
                return tally
            sleep(min(asking.pause_s, max(ends_s - clock(), 0)))
    finally:
        follower.save()


class _Asking:
    """Asks the access point whether jobs still move; where it does not answer, they may.

    ``pause_s`` is how long to wait for the next look: longer and longer while nothing changes.
    """

    def __init__(
        self, queue: Queue, doubt: Callable[[str], None], clock: Callable[[], float]
    ) -> None:
        self.pause_s = _FIRST_S
        self._queue = queue
        self._doubt = doubt
        self._clock = clock
        self._heard_s = clock()
        self._before: Mapping[RunState, int] | None = None
        self._answered = True

    def over(self, tally: Tally, batches: Iterable[str]) -> bool:
        """Whether no job can end by itself any more."""
        moving = any(tally.counts.get(state) for state in _ON_THEIR_WAY)
        if not moving and not tally.counts.get(RunState.HELD):
            return True
        changed = tally.counts != self._before
        if changed:
            self.pause_s, self._heard_s, self._before = _FIRST_S, self._clock(), tally.counts
        else:
            self.pause_s = min(self.pause_s * _GROWTH, _LONGEST_S)
        # Where all are held the queue alone knows whether they will be released.
        if (changed and not moving) or self._clock() - self._heard_s > _SILENCE_S:
            self._heard_s = self._clock()
            return self.all_stand(batches)
        return False

    def all_stand(self, batches: Iterable[str]) -> bool:
        """Whether no job of ``batches`` can end without somebody's help."""
        try:
            clusters = self._queue.live(batches).values()
        except PoolError as error:
            if self._answered:
                self._doubt(f"{error.message}; it is waited for")
            self._answered = False
            return False
        self._answered = True
        return not still_moving(clusters)


def still_moving(clusters: Iterable[LiveCluster]) -> bool:
    """Whether any job of ``clusters`` can end without somebody's help."""
    return any(
        cluster.next_proc is not None
        or any(job.state is not RunState.HELD or job.releases for job in cluster.jobs.values())
        for cluster in clusters
    )
