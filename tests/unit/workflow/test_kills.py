"""Verbs that are killed at any of their writes: the next one finishes, nothing lost or doubled."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import killing
import program_campaign
import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.models import RunState
from osgrepro.results import dataset
from osgrepro.runs.render import Requests
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results import collecting
from osgrepro.workflow.results.collection import collect
from osgrepro.workflow.runs import retrying, submitting, workspaces
from osgrepro.workflow.runs.delivery import submit

HARDWARE = """
[[hardware]]
name = "small"
[[hardware]]
name = "large"
request_memory_mb = 3000
"""
IMAGES = trial.images("/images/tf.sif")


class KeptQueue(FakeQueue):
    """An access point that outlives whoever submits to it: what it has is in a file."""

    def __init__(self, kept: Path) -> None:
        super().__init__()
        self.kept = kept
        if kept.exists():
            self.__dict__.update(pickle.loads(kept.read_bytes()))

    def keep(self) -> None:
        self.kept.write_bytes(pickle.dumps(self.__dict__))

    def submit(self, description: str, count: int) -> int:
        cluster = super().submit(description, count)
        self.keep()
        return cluster

    def act(self, verb: str, jobs: Iterable[str], reason: str, *, held: bool = False) -> None:
        super().act(verb, jobs, reason, held=held)
        self.keep()


class Bench:
    """A campaign of six runs, whose folder and queue can be put back to what they were."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.before = folder / "now", folder / "before"
        self.kept, self.kept_before = folder / "queue", folder / "queue.before"
        self.folder.mkdir()
        self.loaded = program_campaign.write(self.folder, repeats=3, rest=HARDWARE)

    @property
    def queue(self) -> KeptQueue:
        return KeptQueue(self.kept)

    def access(self) -> Access:
        return Access(schedd=cast(Any, self.queue), pool=None)

    def remember(self) -> None:
        self.queue.keep()
        shutil.copytree(self.folder, self.before)
        shutil.copy(self.kept, self.kept_before)

    def begin(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.before, self.folder)
        shutil.copy(self.kept_before, self.kept)

    def submit(self) -> Any:
        return submitting.submit(self.loaded, workspaces.of(self.loaded), self.access())

    def retry(self) -> Any:
        selection = retrying.Selection(codes=(34,), requests=Requests(memory_mb=8000))
        place = workspaces.of(self.loaded)
        return retrying.retry(self.loaded, place, self.access(), selection, sleep=lambda _s: None)

    def asking(self) -> dict[str, list[str]]:
        """Return for each run what memory its jobs in the queue ask for."""
        queue = self.queue
        found: dict[str, list[str]] = {run.run_id: [] for run in self.loaded.matrix.runs}
        for cluster in queue.clusters.values():
            text = queue.descriptions[cluster.cluster - 1]
            memory = text.split("\nrequest_memory = ")[1].split("\n", maxsplit=1)[0]
            for job in cluster.jobs.values():
                found[job.run_id].append(memory)
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where nothing waits for a disk: a kill, unlike a power cut, takes no page of memory away."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="osgrepro-") as name:
        yield Path(name)


@pytest.fixture
def bench(folder: Path) -> Bench:
    return Bench(folder)


def parts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith(".part")]


def test_submit_that_is_killed_at_any_write_is_finished_by_the_next(bench: Bench) -> None:
    bench.remember()
    tried = 0
    for tried in killing.at_each_write(bench.begin, bench.submit, bench.folder):
        bench.submit()
        assert {len(jobs) for jobs in bench.asking().values()} == {1}, tried
        assert parts(bench.folder) == [], tried
        assert bench.submit().runs == 0, tried
    assert tried > 10


def test_retry_that_is_killed_at_any_write_is_finished_by_the_next(bench: Bench) -> None:
    small, large = bench.submit().batches
    queue = bench.queue
    for batch, proc, code in ((small, 0, 34), (small, 1, 13), (large, 2, 34)):
        queue.set(batch.batch, proc, RunState.HELD, hold_code=code, hold_reason="why")
    queue.keep()
    bench.remember()
    tried = 0
    for tried in killing.at_each_write(bench.begin, bench.retry, bench.folder):
        bench.retry()
        asking = bench.asking().values()
        assert {len(jobs) for jobs in asking} == {1}, tried
        assert Counter(memory for (memory,) in asking)["8000MB"] == 2, tried
        assert (bench.submit().runs, bench.retry().runs) == (0, 0), tried
        assert parts(bench.folder) == [], tried
    assert tried > 10


def test_collect_that_is_killed_at_any_write_is_finished_by_the_next(folder: Path) -> None:
    before, folder = folder / "before", folder / "now"
    matrix = trial.expand(4, ("host",))
    loaded = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=matrix)
    logs, made = FakeLogs(), trial.opened(folder)
    delivery = trial.delivery(made, FakeQueue(), None, open_log=logs.open)
    (batch,) = submit(matrix, IMAGES, delivery).batches

    def put(proc: int, attempt: int, content: bytes = b"", **changes: Any) -> None:
        run = matrix.runs[proc]
        given = {"cluster": 1, "proc": proc, "attempt": attempt} | changes
        logs.add(batch.batch, "EXECUTE", 1, proc, Name="slot1@host")
        text = json.dumps(trial.result(matrix, run, batch.batch, **given)).encode()
        name = f"{run.run_id}.1.{proc}.{attempt}.json"
        (made.results / run.run_id[:2] / name).write_bytes(content or text)

    def take() -> None:
        collecting.take_up(loaded, made, None)
        collect(matrix, IMAGES, made, open_log=logs.open, clock=lambda: 2e9)

    put(0, 1)
    put(1, 1, status="failed", exit_code=30, metrics={})
    take()
    put(1, 2)
    put(2, 1)
    put(3, 1, b'{"run_id":')
    shutil.copytree(folder, before)

    def begin() -> None:
        shutil.rmtree(folder)
        shutil.copytree(before, folder)

    def ends() -> Any:
        rejects = dataset.rejected(made.rejected_file)
        taken = {run_id: row.file for run_id, row in dataset.taken(made.dataset_file).items()}
        return taken, {row["file"]: row["reason"] for row in rejects}, sorted(folder.rglob("*"))

    begin()
    take()
    wanted = ends()
    assert (len(wanted[0]), sorted(wanted[1].values())) == (3, ["superseded", "truncated"])
    tried = 0
    for tried in killing.at_each_write(begin, take, folder):
        take()
        assert ends() == wanted, tried
    assert tried > 10
