"""Held, failed and lost runs are sent again: with more, never twice, whenever it is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import program_campaign
import pytest
from fakes import FakeQueue

from osgrepro.common.errors import PoolError, UsageError
from osgrepro.common.models import RunState
from osgrepro.pool.condor import REASONS
from osgrepro.results import dataset
from osgrepro.runs.render import Requests
from osgrepro.workflow.loading import Loaded, select
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import retries, retrying, submitting, workspaces
from osgrepro.workflow.runs.journal import run_ids
from osgrepro.workflow.runs.retrying import Retried, Selection

HARDWARE = """
[[hardware]]
name = "small"
request_memory_mb = 1000
[[hardware]]
name = "large"
request_memory_mb = 3000
[submit]
duration = "Medium"
"""


class KilledError(BaseException):
    """Ends everything, as a kill would."""


class Bench:
    """A campaign of six runs in the queue: cluster 1 is small, cluster 2 is large."""

    def __init__(self, folder: Path) -> None:
        self.loaded = program_campaign.write(folder, repeats=3, rest=HARDWARE)
        self.queue = FakeQueue()
        self.place = workspaces.of(self.loaded)
        self.access = Access(schedd=cast(Any, self.queue), pool=None)
        self.small, self.large = self.submit().batches

    def submit(self) -> Any:
        return submitting.submit(self.loaded, self.place, self.access)

    def hold(self, batch: str, proc: int, code: int = 34) -> None:
        self.queue.set(batch, proc, RunState.HELD, hold_code=code, hold_reason="why")

    def retry(self, *only: str, loaded: Loaded | None = None, **selected: Any) -> Retried:
        return retrying.retry(
            select(loaded or self.loaded, only),
            self.place,
            self.access,
            Selection(**selected),
            sleep=lambda _s: None,
        )

    def queued(self) -> dict[str, int]:
        """Return how many jobs each run has in the queue."""
        counts: dict[str, int] = {run.run_id: 0 for run in self.loaded.matrix.runs}
        for cluster in self.queue.clusters.values():
            for job in cluster.jobs.values():
                counts[job.run_id] += 1
        return counts


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def line(description: str, name: str) -> str:
    return description.split(f"\n{name} = ")[1].split("\n", maxsplit=1)[0]


def test_held_jobs_leave_the_queue_and_their_runs_are_sent_again_with_more(bench: Bench) -> None:
    bench.hold(bench.small.batch, 0)
    bench.hold(bench.large.batch, 1)
    bench.hold(bench.large.batch, 2, code=13)
    done = bench.retry(codes=(34,), requests=Requests(memory_mb=2000, execute_s=40_000))
    assert set(done.jobs) == {"1.0", "2.1"}
    assert bench.queue.acts == [("remove", ["1.0", "2.1"])]
    assert (done.runs, done.left) == (2, ())
    small, large = bench.queue.descriptions[2:]
    assert line(small, "request_memory") == "2000MB"
    assert line(large, "request_memory") == "3000MB"  # more than that by the campaign
    assert line(small, "allowed_execute_duration") == "40000"
    assert line(small, "MY.JobDurationCategory") == '"Long"'
    assert set(bench.queued().values()) == {1}


def test_what_was_given_is_asked_for_by_submit_too(bench: Bench) -> None:
    bench.hold(bench.small.batch, 0)
    (sent,) = bench.retry(requests=Requests(memory_mb=2000)).batches
    bench.queue.set(sent.batch, 0, None)  # it left without a result
    (again,) = submitting.rehearse(bench.loaded, bench.place, bench.access).clusters
    assert (again.shape.memory_mb, len(again.runs)) == (2000, 1)
    bench.submit()
    assert line(bench.queue.descriptions[-1], "request_memory") == "2000MB"
    assert line(bench.queue.descriptions[0], "request_memory") == "1000MB"


def test_the_last_word_on_each_resource_counts(bench: Bench) -> None:
    run_id = bench.loaded.matrix.runs[0].run_id
    for requests in (
        Requests(memory_mb=90_000, disk_mb=7),
        Requests(memory_mb=2000),
        Requests(),
    ):
        retries.note(bench.place, {run_id: None}, requests)
    assert retries.read(bench.place).requests == {run_id: Requests(memory_mb=2000, disk_mb=7)}


@pytest.mark.parametrize("spoilt", [{"memory_mb": "much"}, {"runs": {"ab": "x"}}, {"runs": 7}])
def test_a_spoilt_note_is_passed_over(bench: Bench, spoilt: dict[str, Any]) -> None:
    bench.place.note({"event": "retry", "runs": {"ab": 34}} | spoilt)
    assert retries.read(bench.place) == retries.Noted()
    bench.hold(bench.small.batch, 0)
    assert bench.retry().runs == 1


def killed(_jobs: Iterable[str] = (), *_given: Any, **_named: Any) -> Any:
    raise KilledError


def after(call: Callable[..., Any]) -> Callable[..., Any]:
    def then(*given: Any, **named: Any) -> Any:
        call(*given, **named)
        raise KilledError

    return then


@pytest.mark.parametrize("finish", ["retry", "submit"])
@pytest.mark.parametrize("moment", ["before-remove", "after-remove", "after-submit"])
def test_a_retry_that_was_killed_is_finished_by_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, moment: str, finish: str
) -> None:
    bench.hold(bench.small.batch, 0)
    bench.hold(bench.large.batch, 0)
    with monkeypatch.context() as patch:
        calls = {
            "before-remove": ("act", killed),
            "after-remove": ("act", after(bench.queue.act)),
            "after-submit": ("submit", after(bench.queue.submit)),
        }
        patch.setattr(bench.queue, *calls[moment])
        with pytest.raises(KilledError):
            bench.retry(codes=(34,), requests=Requests(memory_mb=4000))
    if finish == "retry":
        bench.retry(codes=(34,), requests=Requests(memory_mb=4000))
    else:
        bench.submit()
    assert set(bench.queued().values()) == {1}
    sent = bench.queue.descriptions[2:]
    waits = moment == "before-remove" and finish == "submit"  # they are held still
    assert [line(text, "request_memory") for text in sent] == ([] if waits else ["4000MB"] * 2)
    assert bench.retry(codes=(34,)).runs == (2 if waits else 0)


def test_a_run_whose_job_runs_again_is_not_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.hold(bench.small.batch, 0)
    bench.hold(bench.small.batch, 1)
    first = bench.loaded.matrix.runs[0].run_id
    act = bench.queue.act

    def released(*given: Any, **named: Any) -> None:
        bench.queue.set(bench.small.batch, 0, RunState.RUNNING)
        act(*given, **named)

    monkeypatch.setattr(bench.queue, "act", released)
    done = bench.retry()
    assert (done.left, list(done.jobs), done.runs) == ((first,), ["1.1"], 1)
    assert set(bench.queued().values()) == {1}


def test_nothing_leaves_the_queue_where_something_is_refused(bench: Bench) -> None:
    bench.hold(bench.small.batch, 0)
    bench.loaded.path.with_name("e.py").write_text("changed")  # after it was read
    with pytest.raises(UsageError, match="changed while it was in use"):
        bench.retry()
    assert (bench.queue.acts, retries.read(bench.place).between) == ([], {})


def test_lost_runs_are_sent_where_they_are_named(bench: Bench) -> None:
    bench.queue.set(bench.small.batch, 2, None)
    assert bench.retry().runs == 0
    done = bench.retry("hardware=small", states=("lost",), requests=Requests(disk_mb=9000))
    assert (done.runs, done.jobs) == (1, {})
    assert line(bench.queue.descriptions[-1], "request_disk") == "9000MB"


def test_runs_of_which_only_the_training_was_killed_for_lack_of_memory_are_taken(
    bench: Bench,
) -> None:
    ids = run_ids(bench.place, bench.small.batch)
    kinds = ("OutOfMemoryError", "ValueError")
    same = {"experiment": "e", "software": "py", "hardware": "small", "status": "failed"}
    rows = [
        {**same, "run_id": run_id, "exception_type": kind}
        for run_id, kind in zip(ids, kinds, strict=False)
    ]
    dataset.write(bench.place.dataset_file, rows)
    for proc in range(2):
        bench.queue.set(bench.small.batch, proc, None)
    bench.hold(bench.large.batch, 0, code=12)
    assert bench.retry(codes=(12,)).runs == 1
    done = bench.retry(codes=REASONS["memory"], requests=Requests(memory_mb=9000))
    assert (done.runs, done.jobs) == (1, {})
    assert run_ids(bench.place, done.batches[0].batch) == [ids[0]]
    assert line(bench.queue.descriptions[-1], "request_memory") == "9000MB"


def test_an_access_point_that_refuses_is_asked_again(bench: Bench) -> None:
    bench.hold(bench.small.batch, 0)
    bench.queue.fail_at = 3
    with pytest.raises(PoolError):
        bench.retry()
    bench.queue.fail_at = None
    assert bench.retry().runs == 1
    assert set(bench.queued().values()) == {1}


@pytest.mark.parametrize(
    ("selected", "said"),
    [
        ({"states": ("idle",)}, "retry is for runs that are held, failed, lost"),
        ({"states": ("failed", "held"), "codes": (34,)}, "--reason is for jobs that are held"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(
    bench: Bench, selected: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        bench.retry(**selected)


def test_slots_are_looked_for_with_what_the_runs_will_ask_for(bench: Bench) -> None:
    bench.hold(bench.small.batch, 0)
    chosen = retrying.choose(
        bench.loaded, bench.place, bench.access, Selection(requests=Requests(memory_mb=2000))
    )
    assert [run.hardware for run in chosen.asking.runs] == ["small"]
    assert [hardware.request_memory_mb for hardware in chosen.asking.campaign.hardware] == [
        2000,
        3000,
    ]
    clusters = retrying.rehearse(bench.loaded, bench.place, bench.access, chosen)
    assert [cluster.name for cluster in clusters] == ["py.1.more"]
    assert bench.queue.acts == []
