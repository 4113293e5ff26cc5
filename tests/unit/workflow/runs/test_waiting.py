"""When waiting ends: nothing can end by itself any more."""

from __future__ import annotations

import pytest

from osgrepro.common.models import RunState
from osgrepro.pool.condor import LiveCluster, LiveJob
from osgrepro.workflow.runs import waiting


@pytest.mark.parametrize(
    ("states", "next_proc", "moves"),
    [
        ((RunState.HELD, RunState.HELD), None, False),
        ((RunState.HELD, RunState.IDLE), None, True),
        ((RunState.RUNNING,), None, True),
        ((RunState.HELD,), 1, True),
        ((), None, False),
    ],
)
def test_held_jobs_are_not_waited_for(
    states: tuple[RunState, ...], next_proc: int | None, moves: bool
) -> None:
    jobs = {proc: LiveJob(proc=proc, state=state) for proc, state in enumerate(states)}
    cluster = LiveCluster(cluster=1, batch="b", jobs=jobs, next_proc=next_proc)
    assert waiting.still_moving([cluster]) is moves
