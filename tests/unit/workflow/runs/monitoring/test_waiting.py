"""When waiting ends: nothing can end by itself any more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
import trial
from fakes import FakeLogs

from osgrepro.common.errors import PoolError
from osgrepro.common.models import RunState
from osgrepro.pool.condor import LiveCluster, LiveJob
from osgrepro.pool.tally import Tally
from osgrepro.workflow.runs.monitoring import waiting


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


class Recording:
    """An access point whose answers to the question what still lives are given one by one."""

    def __init__(self, *answers: LiveJob | None) -> None:
        self.answers = list(answers)
        self.asked = 0

    def live(self, _batches: Iterable[str]) -> dict[str, LiveCluster]:
        self.asked += 1
        job = self.answers.pop(0)
        if job is None:
            raise PoolError("the queue can't be read: Failed to connect")
        return {"b": LiveCluster(cluster=1, batch="b", jobs={0: job})}


class Clock:
    """Time passes by sleeping; at each pause something may happen."""

    def __init__(self, logs: FakeLogs, happens: dict[float, tuple[str, ...]] | None = None) -> None:
        self.now_s, self.logs, self.happens = 0.0, logs, dict(happens or {})

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        for at_s in [at_s for at_s in self.happens if at_s <= self.now_s]:
            for kind in self.happens.pop(at_s):
                self.logs.add("b", kind, 1, 0)


HELD = LiveJob(proc=0, state=RunState.HELD, hold_code=1)
RELEASES = LiveJob(proc=0, state=RunState.HELD, hold_code=13, releases=True)
IDLE = LiveJob(proc=0, state=RunState.IDLE)


def waited(
    tmp_path: Path,
    queue: Recording,
    first: tuple[str, ...],
    happens: dict[float, tuple[str, ...]] | None = None,
    **own: Any,
) -> tuple[Tally, Clock]:
    place = trial.opened(tmp_path / "trial.runs")
    place.note({"event": "intent", "batch": "b", "name": "tf.1", "count": 1})
    place.note({"event": "commit", "batch": "b", "cluster": 1})
    logs = FakeLogs()
    for kind in first:
        logs.add("b", kind, 1, 0)
    clock = Clock(logs, happens)
    given: Any = {"open_log": logs.open, "clock": clock, "sleep": clock.sleep, **own}
    return waiting.wait(place, cast(Any, queue), **given), clock


def test_a_job_that_is_held_for_good_ends_the_waiting_at_once(tmp_path: Path) -> None:
    tally, clock = waited(tmp_path, Recording(HELD), ("SUBMIT", "JOB_HELD"))
    assert (tally.counts, clock.now_s) == ({RunState.HELD: 1}, 0.0)


def test_a_held_job_that_releases_itself_is_waited_for(tmp_path: Path) -> None:
    queue = Recording(RELEASES, RELEASES, IDLE)
    happens = {100.0: ("JOB_RELEASED",), 200.0: ("EXECUTE", "JOB_TERMINATED")}
    tally, _ = waited(tmp_path, queue, ("SUBMIT", "JOB_HELD"), happens)
    assert tally.counts == {RunState.RETURNED: 1}


def test_an_access_point_that_is_gone_is_waited_for_and_told_of_once(tmp_path: Path) -> None:
    said: list[str] = []
    happens = {1000.0: ("EXECUTE", "JOB_TERMINATED")}
    queue = Recording(*[None] * 5, IDLE, *[None] * 20)
    tally, clock = waited(tmp_path, queue, ("SUBMIT",), happens, doubt=said.append)
    assert tally.counts == {RunState.RETURNED: 1}
    assert clock.now_s >= 1000
    assert said == ["the queue can't be read: Failed to connect; it is waited for"] * 2


def test_the_time_may_be_limited(tmp_path: Path) -> None:
    tally, clock = waited(tmp_path, Recording(*[IDLE] * 9), ("SUBMIT",), timeout_s=100)
    assert tally.counts == {RunState.IDLE: 1}
    assert clock.now_s == pytest.approx(100)
