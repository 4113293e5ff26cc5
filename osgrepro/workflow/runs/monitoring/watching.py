"""The verb ``watch``: how all runs stand, again and again, and cheap for the access point.

The event logs are looked at often, since that costs only what is new; the queue is asked when they
have news, and after a minute without any. Whoever calls draws what comes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from osgrepro.common.models import RunState
from osgrepro.pool import condor
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import OpenLog
from osgrepro.workflow.runs.monitoring.event_logs import Follower, Logs
from osgrepro.workflow.runs.monitoring.status import Status

Until = Literal["done", "held"]

_FIRST_S, _LONGEST_S, _GROWTH = 2.0, 15.0, 1.3
_SILENCE_S = 60.0
_MOVING = (RunState.IDLE, RunState.RUNNING)


def looks(
    workspace: Workspace,
    status: Callable[[], Status],
    *,
    until: Until = "done",
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
        It ends when no job is on its way, and with ``held`` already when a job is held.
    open_log, clock, sleep : callable
        Opens event logs, tells the time in seconds since 1970, waits for seconds.
    """
    follower = Follower(workspace, open_log)
    pause_s, asked_s = _FIRST_S, clock()
    before: Mapping[RunState, int] | None = None
    try:
        while True:
            logs = follower.look()
            counts = logs.tally(clock()).counts
            if counts != before or clock() - asked_s > _SILENCE_S:
                now, asked_s = status(), clock()
                yield now, logs
                if _reached(now, until):
                    return
                pause_s = _FIRST_S if counts != before else pause_s
                before = counts
            sleep(pause_s)
            pause_s = min(pause_s * _GROWTH, _LONGEST_S)
    finally:
        follower.save()


def _reached(now: Status, until: Until) -> bool:
    moving = any(now.counts.get(state) for state in _MOVING)
    return not moving or (until == "held" and bool(now.counts.get(RunState.HELD)))
