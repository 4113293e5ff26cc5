"""Held, released and removed is what was selected, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.errors import UsageError
from osgrepro.common.models import Matrix, RunState
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import jobs
from osgrepro.workflow.runs.delivery import submit

MATRIX = trial.expand(2)


class NotingQueue(FakeQueue):
    """Notes what it is told to do, and does nothing of it."""

    def act(self, verb: str, jobs: Iterable[str], _reason: str, *, held: bool = False) -> None:
        self.acts.append((verb, list(jobs)))


class Bench:
    """A campaign in the queue: clusters 1 (6 runs) and 2 (2 runs)."""

    def __init__(self, root: Path) -> None:
        self.place, self.queue = trial.opened(root), NotingQueue()
        delivery = trial.delivery(self.place, self.queue, None, open_log=FakeLogs().open)
        self.first, self.second = submit(MATRIX, trial.images("/i.sif"), delivery).batches

    def act(self, verb: str, matrix: Matrix = MATRIX, **own: Any) -> jobs.Acted:
        loaded = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=matrix)
        access = Access(schedd=cast(Any, self.queue), pool=None)
        return jobs.act(loaded, self.place, access, verb, **own)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "trial.runs")


def test_jobs_that_run_or_wait_are_held(bench: Bench) -> None:
    bench.queue.set(bench.first.batch, 1, RunState.RUNNING)
    bench.queue.set(bench.first.batch, 2, RunState.HELD, hold_code=34)
    bench.queue.set(bench.second.batch, 0, None)
    acted = bench.act("hold")
    assert set(acted.jobs) == {"1.0", "1.1", "1.3", "1.4", "1.5", "2.1"}
    assert bench.queue.acts == [("hold", list(acted.jobs))]
    assert acted.jobs["1.0"] == MATRIX.runs[0].run_id


def test_released_is_what_is_held_for_the_reason(bench: Bench) -> None:
    bench.queue.set(bench.first.batch, 1, RunState.HELD, hold_code=13)
    bench.queue.set(bench.first.batch, 2, RunState.HELD, hold_code=34)
    assert list(bench.act("release", codes=(34,)).jobs) == ["1.2"]
    assert list(bench.act("release").jobs) == ["1.1", "1.2"]


def test_removed_is_what_was_selected(bench: Bench) -> None:
    part = replace(MATRIX, runs=tuple(run for run in MATRIX.runs if run.hardware == "threads4"))
    bench.queue.set(bench.first.batch, 2, RunState.RUNNING)
    assert list(bench.act("remove", part).jobs) == ["1.2", "1.3"]
    assert list(bench.act("remove", part, states=("running",)).jobs) == ["1.2"]


def test_orphans_are_removed_alone_and_where_they_are_named(bench: Bench) -> None:
    changed = trial.expand(2, sleep_s=1)
    assert bench.act("remove", changed).jobs == {}
    acted = bench.act("remove", changed, states=("orphaned",))
    assert len(acted.jobs) == 8
    assert bench.act("remove", MATRIX, states=("orphaned",)).jobs == {}


def test_rows_that_are_no_jobs_go_only_with_their_whole_cluster(bench: Bench) -> None:
    cluster = bench.queue.clusters[bench.first.batch]
    late = replace(cluster, jobs={0: cluster.jobs[0]}, next_proc=1)
    bench.queue.clusters[bench.first.batch] = late
    acted = bench.act("remove")
    assert (len(acted.jobs), acted.unmade) == (8, 0)
    assert bench.queue.acts[-1] == ("remove", ["1", "2.0", "2.1"])
    part = replace(MATRIX, runs=MATRIX.runs[:2])
    acted = bench.act("remove", part)
    assert (list(acted.jobs), acted.unmade) == (["1.0"], 1)
    assert bench.queue.acts[-1] == ("remove", ["1.0"])


def test_jobs_of_another_folder_are_left_alone(bench: Bench, tmp_path: Path) -> None:
    bench.place = trial.opened(tmp_path / "second.runs")
    assert bench.act("remove").jobs == {}


@pytest.mark.parametrize(
    ("verb", "state"), [("release", "idle"), ("hold", "held"), ("remove", "x")]
)
def test_a_state_for_which_the_verb_makes_no_sense_is_refused(
    bench: Bench, verb: str, state: str
) -> None:
    with pytest.raises(UsageError, match=f"{verb} is for jobs that are"):
        bench.act(verb, states=(state,))
