"""The verb ``watch``: how all runs stand, again and again, and cheap for the access point.

The event logs are looked at often, since that costs only what is new; the queue is asked when they
have news, and after a minute without any. Whoever calls draws what comes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from osgrepro.common.models import RunState
from osgrepro.pool import condor
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import OpenLog, run_ids
from osgrepro.workflow.runs.monitoring.event_logs import Follower, Logs
from osgrepro.workflow.runs.monitoring.status import Status

Until = Literal["done", "failed", "held"]

_FIRST_S, _LONGEST_S, _GROWTH = 2.0, 15.0, 1.3
_SILENCE_S = 60.0
_MOVING = (RunState.IDLE, RunState.RUNNING)


def looks(
    workspace: Workspace,
    status: Callable[[], Status],
    *,
    until: Until = "done",
    timeout_s: float | None = None,
    open_log: OpenLog = condor.EventReader,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[Status, Logs]]:
    """Yield how all runs stand, and what the logs tell, each time that there are news.

    Parameters
    ----------
    workspace : Workspace
        The campaign's folder.
    status : callable
        Asks where every run stands.
    until : str
        It ends when no job is on its way, and with ``held`` or ``failed`` already when a job is
        held, or a run failed.
    timeout_s : float or None
        It ends after so many seconds in any case, with a last look.
    open_log, clock, sleep : callable
        Opens event logs, tells the time in seconds since 1970, waits for seconds.
    """
    follower = Follower(workspace, open_log)
    pause_s, asked_s = _FIRST_S, clock()
    ends_s = math.inf if timeout_s is None else asked_s + timeout_s
    before: Mapping[RunState, int] | None = None
    try:
        while True:
            logs = follower.look()
            counts = logs.tally(clock()).counts
            is_over = clock() >= ends_s
            if counts != before or is_over or clock() - asked_s > _SILENCE_S:
                now, asked_s = status(), clock()
                yield now, logs
                if is_over or outcome(workspace, now, logs, until) is not None:
                    return
                pause_s = _FIRST_S if counts != before else pause_s
                before = counts
            sleep(min(pause_s, max(ends_s - clock(), 0)))
            pause_s = min(pause_s * _GROWTH, _LONGEST_S)
    finally:
        follower.save()


def outcome(workspace: Workspace, now: Status, logs: Logs, until: Until) -> bool | None:
    """Return whether what was waited for has happened; None while jobs are on their way.

    For ``done`` that is that every run that was submitted has returned a result, taken or not yet
    collected. False: no job is on its way, so it can't happen any more by itself.
    """
    if until == "held" and now.counts.get(RunState.HELD):
        return True
    if until == "failed" and _has_failed(workspace, now, logs):
        return True
    if any(now.counts.get(state) for state in _MOVING):
        return None
    return until == "done" and now.astray == now.counts.get(RunState.RETURNED, 0)


def _has_failed(workspace: Workspace, now: Status, logs: Logs) -> bool:
    """Whether a run failed: as the dataset says, or, before it is collected, its job's exit code.

    A failed run that was sent once more stands as its new job does.
    """
    if now.counts.get(RunState.FAILED):
        return True
    for batch, ledger in logs.ledgers.items():
        if failures := ledger.failures():
            runs = dict(enumerate(run_ids(workspace, batch)))
            if any(now.states.get(runs.get(proc, "")) is RunState.RETURNED for _, proc in failures):
                return True
    return False
