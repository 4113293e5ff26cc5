"""Collecting: each file once, each reject with its reason, nothing lost whatever is in the way."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.errors import DatasetError
from osgrepro.common.models import Claim, Execution, Matrix, RunState
from osgrepro.results import dataset
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results import collecting
from osgrepro.workflow.results.collection import Collected, collect
from osgrepro.workflow.runs import journal
from osgrepro.workflow.runs.delivery import due, submit
from osgrepro.workflow.runs.monitoring.status import of_runs
from osgrepro.workflow.runs.monitoring.waiting import wait

MATRIX = trial.expand(2, ("host",))
FIRST, SECOND = MATRIX.runs
IMAGES = trial.images("/images/tf.sif")


class Bench:
    """A submitted campaign of two runs, whose jobs the test ends as it likes."""

    def __init__(self, root: Path) -> None:
        self.made: Workspace = trial.opened(root)
        self.queue, self.logs = FakeQueue(), FakeLogs()
        delivery = trial.delivery(self.made, self.queue, None, open_log=self.logs.open)
        (self.batch,) = submit(MATRIX, IMAGES, delivery).batches
        self.now_s = 2e9

    def start(self, proc: int = 0, slot: str = "slot1@host") -> None:
        self.logs.add(self.batch.batch, "EXECUTE", 1, proc, Name=slot)

    def end(self, proc: int = 0, kind: str = "JOB_TERMINATED") -> None:
        self.logs.add(self.batch.batch, kind, 1, proc)
        self.queue.set(self.batch.batch, proc, None)

    def put(self, content: Any = None, *, proc: int = 0, attempt: int = 1, **changes: Any) -> Path:
        run = MATRIX.runs[proc]
        name = f"{run.run_id}.1.{proc}.{attempt}.json"
        path = self.made.results / run.run_id[:2] / name
        if content is None:
            content = trial.result(
                MATRIX, run, self.batch.batch, cluster=1, proc=proc, attempt=attempt, **changes
            )
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def collect(self, matrix: Matrix = MATRIX) -> Collected:
        return collect(matrix, IMAGES, self.made, open_log=self.logs.open, clock=lambda: self.now_s)

    def rows(self) -> list[dict[str, Any]]:
        return list(dataset.read(self.made.dataset_file).to_pylist())

    def rejects(self) -> dict[str, str]:
        return {row["file"]: row["reason"] for row in dataset.rejected(self.made.rejected_file)}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "trial.runs")


def test_a_returned_result_becomes_a_row_once(bench: Bench) -> None:
    bench.start()
    bench.put()
    bench.end()
    assert bench.collect().taken == 1
    before = bench.made.dataset_file.stat().st_ino
    again = bench.collect()
    assert (again.taken, dict(again.rejected), again.superseded) == (0, {}, 0)
    assert bench.made.dataset_file.stat().st_ino == before
    states = of_runs(MATRIX, bench.made, bench.queue).states
    assert states == {FIRST.run_id: RunState.DONE, SECOND.run_id: RunState.IDLE}


def test_the_campaigns_claims_travel_with_the_dataset(bench: Bench) -> None:
    claim = Claim(name="good", a="stand-in", metric="test_loss", delta=0.5)
    declared = replace(MATRIX, campaign=MATRIX.campaign.model_copy(update={"claims": (claim,)}))
    bench.start()
    bench.put()
    bench.end()
    bench.collect(declared)
    assert dataset.claims(bench.made.dataset_file) == (claim,)
    stricter = claim.model_copy(update={"delta": 0.75})
    changed = declared.campaign.model_copy(update={"claims": (stricter,)})
    bench.collect(replace(declared, campaign=changed))
    assert dataset.claims(bench.made.dataset_file) == (stricter,)
    bench.collect()
    assert dataset.claims(bench.made.dataset_file) == ()
    assert len(bench.rows()) == 1


def test_an_event_is_read_once(bench: Bench) -> None:
    bench.start()
    bench.end()
    bench.collect()
    reads = bench.logs.reads
    bench.collect()
    assert bench.logs.reads == reads


def test_what_a_running_job_may_still_be_writing_waits(bench: Bench) -> None:
    bench.start()
    path = bench.put(b"{")
    bench.now_s = path.stat().st_mtime + 1
    assert bench.collect().pending == 1
    assert bench.rejects() == {}
    bench.put()
    bench.end()
    assert bench.collect().taken == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"schema_version": 1, "run', "truncated"),
        (b'{"schema_version": 1, "wall_s": NaN}', "not-finite"),
        (b'{"schema_version": 7}', "schema-version"),
        (b"\x00\x01", "not-json"),
    ],
)
def test_what_is_no_result_is_rejected_once_with_its_reason(
    bench: Bench, content: bytes, reason: str
) -> None:
    bench.start()
    bench.put(content)
    bench.end()
    assert bench.collect().rejected == {reason: 1}
    assert bench.collect().rejected == {}
    assert list(bench.rejects().values()) == [reason]
    assert of_runs(MATRIX, bench.made, bench.queue).states[FIRST.run_id] is RunState.REJECTED


def test_another_runs_result_is_rejected(bench: Bench) -> None:
    bench.start()
    bench.put(trial.result(MATRIX, SECOND, bench.batch.batch, cluster=1, proc=0))
    bench.end()
    assert bench.collect().rejected == {"other-run": 1}


def reconnected(bench: Bench) -> None:
    """A file of the number of the second shadow, whose content is of the first."""
    content = trial.result(MATRIX, FIRST, bench.batch.batch, cluster=1, proc=0)
    bench.put(content, attempt=2)


def test_the_result_of_a_job_that_a_new_schedd_took_over_is_taken_once(bench: Bench) -> None:
    bench.start()
    bench.logs.add(bench.batch.batch, "JOB_DISCONNECTED", 1, 0)
    bench.logs.add(bench.batch.batch, "JOB_RECONNECTED", 1, 0)
    reconnected(bench)
    bench.end()
    assert bench.collect().taken == 1
    assert bench.collect() == Collected(taken=0, superseded=0, rejected={}, pending=0)
    assert bench.rejects() == {}
    assert of_runs(MATRIX, bench.made, bench.queue).states[FIRST.run_id] is RunState.DONE


def test_without_log_and_history_a_job_that_was_taken_over_proves_itself(bench: Bench) -> None:
    reconnected(bench)
    assert bench.collect().taken == 1


def test_a_second_start_that_poses_as_the_first_takes_no_place(bench: Bench) -> None:
    bench.start()
    bench.put(attempt=1)
    bench.end(kind="JOB_EVICTED")
    bench.now_s += 1
    bench.start(slot="slot1@other")
    reconnected(bench)
    bench.end()
    assert bench.collect().rejected == {"other-run": 1}
    taken = dataset.taken(bench.made.dataset_file)
    assert taken[FIRST.run_id].file.endswith(".1.0.1.json")


def test_a_huge_file_is_not_read(bench: Bench) -> None:
    bench.start()
    path = bench.put(b"")
    os.truncate(path, 200_000_000)
    bench.end()
    assert bench.collect().rejected == {"too-large": 1}


def test_a_link_out_of_the_folder_is_not_followed(bench: Bench, tmp_path: Path) -> None:
    bench.start()
    path = bench.put()
    elsewhere = tmp_path / "elsewhere.json"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    bench.end()
    assert bench.collect().rejected == {"not-a-file": 1}


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_what_is_no_file_stops_nothing(bench: Bench, kind: str) -> None:
    path = bench.put()
    path.unlink()
    os.mkfifo(path) if kind == "fifo" else path.mkdir()
    assert bench.collect().rejected == {"not-a-file": 1}


def test_a_strange_file_name_is_rejected(bench: Bench) -> None:
    (bench.made.results / "00" / "notes.json").write_text("{}")
    assert bench.collect().rejected == {"file-name": 1}


def test_a_mended_file_is_judged_again(bench: Bench) -> None:
    bench.start()
    bench.put(b"{")
    bench.end()
    bench.collect()
    bench.put()
    assert bench.collect().taken == 1
    assert bench.rejects() == {}


def test_a_result_is_taken_when_its_event_arrives(bench: Bench) -> None:
    bench.now_s = bench.put().stat().st_mtime + 60
    assert bench.collect().rejected == {"no-event": 1}
    bench.start()
    bench.end()
    assert bench.collect().taken == 1
    assert bench.rejects() == {}
    assert [row["placed_by"] for row in bench.rows()] == ["event log"]


def test_a_result_whose_log_was_lost_is_placed_by_its_job_ad(bench: Bench) -> None:
    bench.put()
    start = Execution(started_s=1.0, machine={"Name": "slot1@host", "Cpus": 2}, told_by="job ad")
    asked = []

    def job_ads(batch: str, cluster: int) -> dict[int, tuple[Execution, ...]]:
        asked.append((batch, cluster))
        return {0: (start,)}

    taken = collect(MATRIX, IMAGES, bench.made, open_log=bench.logs.open, job_ads=job_ads)
    assert (taken.taken, asked) == (1, [(bench.batch.batch, 1)])
    assert [row["placed_by"] for row in bench.rows()] == ["job ad"]


def test_where_log_and_history_were_lost_a_result_proves_itself(bench: Bench) -> None:
    bench.put()
    assert bench.collect().taken == 1
    assert [(row["placed_by"], row["slot"]) for row in bench.rows()] == [("result", "slot1@host")]


def test_the_word_of_a_result_does_not_count_against_a_log_that_is_whole(bench: Bench) -> None:
    bench.end()
    bench.put()
    assert bench.collect().rejected == {"no-event": 1}
    bench.start(slot="slot1@other")
    assert bench.collect().rejected == {"machine": 1}


def test_a_damaged_log_that_lacks_a_start_is_told_of(bench: Bench) -> None:
    bench.logs.gaps = 1
    bench.start(slot="slot1@other")
    bench.end()
    bench.put()
    collected = bench.collect()
    assert (collected.taken, collected.damaged) == (1, (1,))
    assert [row["placed_by"] for row in bench.rows()] == ["result"]


def test_a_result_of_another_batchs_job_proves_nothing(bench: Bench) -> None:
    bench.put(trial.result(MATRIX, FIRST, "f" * 32, cluster=1, proc=0))
    (bench.made.submission(bench.batch.batch) / journal.ITEMS_NAME).unlink()
    bench.put(proc=1)
    assert bench.collect().rejected == {"no-event": 2}


def test_what_landed_elsewhere_is_kept_due_again_and_judged_anew(bench: Bench) -> None:
    strict, lax = (
        trial.expand(2, ("host",), proves=f'regexp("{model}", cpu_model_name)')
        for model in ("7302", "EPYC")
    )
    assert strict.runs == MATRIX.runs
    bench.start()
    cpu = {"model_name": "AMD EPYC 7402"}
    provenance = trial.result(MATRIX, FIRST, "", cluster=1, proc=0)["provenance"]
    bench.put(provenance=provenance | {"cpu": cpu})
    bench.end()
    assert bench.collect(strict).rejected == {"landed-elsewhere": 1}
    (row,) = dataset.rejected(bench.made.rejected_file)
    assert row["message"] == 'cpu_model_name = "AMD EPYC 7402": not host'
    now = of_runs(strict, bench.made, bench.queue)
    assert now.states == {FIRST.run_id: RunState.ELSEWHERE, SECOND.run_id: RunState.IDLE}
    assert due(strict, now).runs == (FIRST,)
    again = bench.collect(strict)
    assert (again.taken, dict(again.rejected)) == (0, {})
    assert bench.collect(lax).taken == 1
    assert bench.rejects() == {}
    assert of_runs(lax, bench.made, bench.queue).states[FIRST.run_id] is RunState.DONE


def test_that_a_run_landed_elsewhere_is_not_hidden_by_another_refusal(bench: Bench) -> None:
    matrix = trial.expand(2, ("host",), proves="false")
    bench.start()
    bench.put(attempt=1)
    bench.put(b"{", attempt=2)
    bench.end()
    bench.collect(matrix)
    states = of_runs(matrix, bench.made, bench.queue).states
    assert states[FIRST.run_id] is RunState.ELSEWHERE


@pytest.mark.parametrize("together", [True, False])
def test_the_first_attempt_that_is_ok_counts(bench: Bench, together: bool) -> None:
    failed: dict[str, Any] = {"status": "failed", "exit_code": 30, "metrics": {}}
    bench.start()
    bench.put(attempt=1, **failed)
    bench.end(kind="JOB_EVICTED")
    if not together:
        assert bench.collect().taken == 1
        assert [row["status"] for row in bench.rows()] == ["failed"]
    bench.put(attempt=2)
    bench.put(attempt=3)
    bench.collect()
    (row,) = bench.rows()
    assert (row["attempt"], row["status"]) == (2, "ok")
    assert sorted(bench.rejects().values()) == ["superseded", "superseded"]
    again = bench.collect()
    assert (again.taken, again.superseded) == (0, 0)


def test_of_failed_attempts_the_last_counts(bench: Bench) -> None:
    bench.start()
    for attempt in (1, 2):
        bench.put(attempt=attempt, status="failed", exit_code=30, metrics={})
        bench.collect()
    bench.end()
    assert [row["attempt"] for row in bench.rows()] == [2]
    assert of_runs(MATRIX, bench.made, bench.queue).states[FIRST.run_id] is RunState.FAILED


def test_a_broken_dataset_loses_nothing(bench: Bench) -> None:
    bench.start()
    bench.put()
    bench.end()
    bench.collect()
    bench.made.dataset_file.write_bytes(b"broken")
    with pytest.raises(DatasetError, match="can't be read"):
        bench.collect()
    bench.made.dataset_file.unlink()
    assert bench.collect().taken == 1


def test_a_broken_cache_of_events_is_read_anew(bench: Bench) -> None:
    bench.start()
    bench.put()
    bench.end()
    bench.collect()
    bench.made.event_cache(bench.batch.batch).write_bytes(b"{}")
    bench.made.dataset_file.unlink()
    assert bench.collect().taken == 1


def test_waiting_ends_when_no_job_is_on_its_way(bench: Bench) -> None:
    batch = bench.batch.batch

    def hold() -> None:
        bench.logs.add(batch, "JOB_HELD", 1, 1)
        bench.queue.set(batch, 0, None)
        bench.queue.set(batch, 1, RunState.HELD)

    steps = iter([lambda: bench.start(0), lambda: bench.end(0), hold])
    seen = []
    tally = wait(
        bench.made,
        bench.queue,
        every=seen.append,
        open_log=bench.logs.open,
        sleep=lambda _seconds: next(steps)(),
    )
    assert tally.counts == {RunState.RETURNED: 1, RunState.HELD: 1}
    assert len(seen) == 4


def test_waiting_ends_when_the_queue_has_forgotten_the_jobs(bench: Bench) -> None:
    bench.queue.clusters.clear()
    now_s = [0.0]

    def sleep(seconds: float) -> None:
        now_s[0] += seconds

    wait(bench.made, bench.queue, open_log=bench.logs.open, clock=lambda: now_s[0], sleep=sleep)
    assert 60 < now_s[0] < 120


def test_every_batch_knows_its_runs(bench: Bench) -> None:
    assert journal.run_ids(bench.made, bench.batch.batch) == [FIRST.run_id, SECOND.run_id]


def timed(started_at: str) -> dict[str, Any]:
    return {"started_at": started_at, "ended_at": "2026-11-23T05:00:01Z", "wall_s": 1.0}


def provenance(**changes: Any) -> dict[str, Any]:
    whole = trial.result(MATRIX, FIRST, "b", cluster=1, proc=0)["provenance"]
    return {**whole, **changes}


HOSTILE: list[dict[str, Any]] = [
    {"timings": timed("2026-06-30T23:59:60Z")},
    {"timings": timed("2026-99-99T05:00:00Z")},
    {"timings": timed("\u0662026-11-23T05:00:00Z")},
    {"provenance": provenance(process={"peak_memory_mb": 10**400})},
    {"provenance": provenance(image={"labels": ["x"]})},
    {"provenance": provenance(cpu={"flags": {"avx": 1}})},
    {"provenance": provenance(image={"labels": {}, "sha256": {"a": 1}})},
    {"provenance": provenance(libraries=[["x"]])},
    {"fingerprints": {"losses": {"loss": [[]]}}},
]


@pytest.mark.parametrize("changes", HOSTILE, ids=repr)
def test_a_sealed_result_with_a_hostile_value_stops_no_other(
    bench: Bench, changes: dict[str, Any]
) -> None:
    for proc in (0, 1):
        bench.start(proc)
        bench.end(proc)
    bench.put(**changes)
    bench.put(proc=1)
    collected = bench.collect()
    assert SECOND.run_id in {row["run_id"] for row in bench.rows()}
    assert collected.taken + sum(collected.rejected.values()) == 2
    assert bench.collect().taken == 0


def test_runs_whose_jobs_are_queued_again_are_in_the_dataset_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for proc in (0, 1):
        bench.start(proc)
        bench.put(proc=proc)
    bench.end(0)
    monkeypatch.setattr(collecting.images, "states", lambda _campaign, _folder: {})
    monkeypatch.setattr(collecting.collection, "collect", lambda *_, **__: bench.collect())
    loaded = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=MATRIX)
    harvest = collecting.collect(loaded, bench.made, Access(schedd=bench.queue, pool=None))  # type: ignore[arg-type]
    assert harvest.now.counts[RunState.IDLE] == 1
    assert (harvest.collected.taken, harvest.in_dataset) == (2, 2)


def test_a_column_that_cannot_be_made_refuses_its_own_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dataset.rows.COLUMNS[0]
    faulty = replace(real, get=lambda record: 1 // (record.result.definition.repeat - 1))
    monkeypatch.setattr(dataset.rows, "COLUMNS", (faulty, *dataset.rows.COLUMNS[1:]))
    for proc in (0, 1):
        bench.start(proc)
        bench.put(proc=proc)
        bench.end(proc)
    assert dict(bench.collect().rejected) == {"schema": 1}
    assert [row["run_id"] for row in bench.rows()] == [SECOND.run_id]


def test_a_result_that_was_sent_under_a_former_name_is_taken(bench: Bench) -> None:
    bench.start()
    bench.put()
    bench.end()
    campaign = MATRIX.campaign.model_copy(update={"name": "renamed"})
    assert bench.collect(replace(MATRIX, campaign=campaign)).taken == 1


def test_a_full_disk_names_the_dataset_and_leaves_it_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.start()
    bench.put()
    bench.end()
    bench.start(1)
    bench.end(1)
    bench.collect()
    before = bench.made.dataset_file.read_bytes()
    bench.put(proc=1)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DatasetError, match="No space left") as caught:
            bench.collect()
    assert str(bench.made.dataset_file) in caught.value.message
    assert "are needed" in caught.value.message
    assert "[Errno" not in caught.value.message
    assert bench.made.dataset_file.read_bytes() == before
    assert not list(bench.made.root.glob(".*.part"))


@pytest.mark.parametrize("at", [200, 2000])
def test_a_table_that_was_damaged_in_its_middle_is_one_message(bench: Bench, at: int) -> None:
    bench.start()
    bench.put()
    bench.end()
    bench.collect()
    content = bytearray(bench.made.dataset_file.read_bytes())
    content[4:at] = bytes(at - 4)
    bench.made.dataset_file.write_bytes(content)
    with pytest.raises(DatasetError, match="can't be read"):
        dataset.read(bench.made.dataset_file)
