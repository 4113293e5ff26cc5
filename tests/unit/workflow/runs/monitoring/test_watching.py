"""Watching: a look when there are news, a question to the queue after silence, and an end."""

from __future__ import annotations

from pathlib import Path

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.models import RunState
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring.status import Status, of_runs
from osgrepro.workflow.runs.monitoring.watching import Until, looks, outcome

MATRIX = trial.expand(2, ("host",))


class Scene:
    """Two submitted runs, a clock that only sleeping moves, and what happens at which sleep."""

    def __init__(self, root: Path) -> None:
        self.made = trial.opened(root)
        self.queue, self.logs = FakeQueue(), FakeLogs()
        delivery = trial.delivery(self.made, self.queue, None, open_log=self.logs.open)
        (self.batch,) = submit(MATRIX, trial.images("/images/tf.sif"), delivery).batches
        self.now_s, self.sleeps, self.asked = 0.0, 0, 0
        self.plan: dict[int, tuple[int, str, RunState | None]] = {}
        self.facts: dict[str, int] = {}
        self.happened: bool | None = None

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.sleeps += 1
        if self.sleeps in self.plan:
            proc, kind, state = self.plan[self.sleeps]
            self.logs.add(self.batch.batch, kind, 1, proc, **self.facts)
            self.queue.set(self.batch.batch, proc, state)

    def status(self) -> Status:
        self.asked += 1
        return of_runs(MATRIX, self.made, self.queue)

    def watch(self, until: Until = "done", timeout_s: float | None = None) -> list[Status]:
        seen = []
        for now, logs in looks(
            self.made,
            self.status,
            until=until,
            timeout_s=timeout_s,
            open_log=self.logs.open,
            clock=lambda: self.now_s,
            sleep=self.sleep,
        ):
            seen.append(now)
            self.happened = outcome(self.made, now, logs, until)
        return seen


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "trial.runs")


def test_the_queue_is_asked_only_when_the_logs_have_news(scene: Scene) -> None:
    scene.plan = {
        2: (0, "EXECUTE", RunState.RUNNING),
        5: (0, "JOB_TERMINATED", None),
        7: (1, "JOB_TERMINATED", None),
    }
    seen = scene.watch()
    assert [now.counts.get(RunState.RUNNING, 0) for now in seen] == [0, 1, 0, 0]
    assert (scene.asked, scene.sleeps) == (4, 7)


def test_after_a_minute_of_silence_the_queue_is_asked_all_the_same(scene: Scene) -> None:
    for proc in range(2):
        scene.logs.add(scene.batch.batch, "EXECUTE", 1, proc)
    scene.plan = {40: (0, "JOB_TERMINATED", None), 41: (1, "JOB_TERMINATED", None)}
    scene.watch()
    quiet_s = scene.now_s
    assert quiet_s / 75 - 2 <= scene.asked <= quiet_s / 60 + 3


@pytest.mark.parametrize(("until", "looks_made"), [("held", 2), ("done", 3)])
def test_a_held_job_ends_it_where_that_was_asked(
    scene: Scene, until: Until, looks_made: int
) -> None:
    scene.plan = {
        1: (0, "JOB_HELD", RunState.HELD),
        3: (1, "JOB_TERMINATED", None),
    }
    assert len(scene.watch(until)) == looks_made


def put_result(scene: Scene, proc: int) -> None:
    """Leave what a run returned: nobody has collected it yet."""
    run_id = MATRIX.runs[proc].run_id
    (scene.made.results / run_id[:2] / f"{run_id}.1.{proc}.1.json").write_text("{}")


@pytest.mark.parametrize(("results", "happened"), [(2, True), (1, False)])
def test_done_has_happened_where_every_run_returned_a_result(
    scene: Scene, results: int, happened: bool
) -> None:
    scene.plan = {1: (0, "JOB_TERMINATED", None), 2: (1, "JOB_TERMINATED", None)}
    for proc in range(results):
        put_result(scene, proc)
    scene.watch()
    assert scene.happened is happened


@pytest.mark.parametrize(("code", "looks_made", "happened"), [(10, 3, True), (0, 4, False)])
def test_the_first_run_that_fails_ends_it_where_that_was_asked(
    scene: Scene, code: int, looks_made: int, happened: bool
) -> None:
    put_result(scene, 0)
    scene.facts = {"ReturnValue": code}
    scene.plan = {
        1: (0, "EXECUTE", RunState.RUNNING),
        2: (0, "JOB_TERMINATED", None),
        3: (1, "JOB_ABORTED", None),
    }
    assert len(scene.watch("failed")) == looks_made
    assert scene.happened is happened


def test_a_failed_run_that_was_sent_again_is_not_one_any_more(scene: Scene) -> None:
    put_result(scene, 0)
    scene.logs.add(scene.batch.batch, "EXECUTE", 1, 0)
    scene.logs.add(scene.batch.batch, "JOB_TERMINATED", 1, 0, ReturnValue=10)
    scene.plan = {1: (1, "JOB_HELD", RunState.HELD), 2: (0, "JOB_TERMINATED", None)}
    scene.watch("held")
    assert scene.happened is True
    scene.watch("failed")
    assert scene.happened is True


def test_the_time_may_be_over_before(scene: Scene) -> None:
    assert len(scene.watch(timeout_s=0)) == 1
    assert scene.happened is None
    assert len(scene.watch(timeout_s=30)) == 2
    assert scene.now_s == 30
