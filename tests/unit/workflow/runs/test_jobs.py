"""What the folder has forgotten is asked of the queue: nothing is submitted twice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.errors import PoolError
from osgrepro.common.models import RunState
from osgrepro.pool.condor import LiveJob
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs import jobs as queue_jobs
from osgrepro.workflow.runs.delivery import Submitted, submit
from osgrepro.workflow.runs.monitoring.status import of_runs

MATRIX = trial.expand(2)
IMAGES = trial.images("/images/tf.sif")


def send(made: Workspace, queue: FakeQueue, logs: FakeLogs | None = None) -> Submitted:
    return submit(
        MATRIX, IMAGES, trial.delivery(made, queue, None, open_log=(logs or FakeLogs()).open)
    )


def test_a_cut_items_file_hides_no_job(made: Workspace, queue: FakeQueue) -> None:
    (first, _) = send(made, queue).batches
    items = made.submission(first.batch) / "items.csv"
    items.write_bytes(items.read_bytes()[:40])
    assert send(made, queue).runs == 0
    assert of_runs(MATRIX, made, queue).counts == {RunState.IDLE: 8}


def test_a_folder_that_was_deleted_has_again_what_its_queued_jobs_read(
    made: Workspace, queue: FakeQueue
) -> None:
    first = send(made, queue)
    spec = made.submission(first.batches[0].batch) / "spec.json"
    before = {
        path.relative_to(made.root): path.read_bytes()
        for path in [spec, *made.inputs.rglob("payload.pyz")]
    }
    shutil.rmtree(made.root)
    again = trial.opened(made.root)
    assert send(again, queue).runs == 0
    assert {path: (again.root / path).read_bytes() for path in before} == before
    assert (spec.parent / "result.json").read_bytes() == b""


def test_another_folder_sends_nothing_that_is_queued_and_says_where_it_goes(
    made: Workspace, queue: FakeQueue, tmp_path: Path
) -> None:
    send(made, queue)
    second = trial.opened(tmp_path / "second.runs")
    done = send(second, queue)
    assert (done.runs, done.adopted) == (0, ())
    (folder,) = done.before.queued.abroad
    assert Path(folder) == made.root
    assert len(done.before.queued.abroad[folder]) == 8


def test_a_copied_folder_sends_nothing_that_was_sent_from_the_first(
    made: Workspace, queue: FakeQueue, tmp_path: Path
) -> None:
    part = replace(MATRIX, runs=MATRIX.runs[:4])
    submit(part, IMAGES, trial.delivery(made, queue, None, open_log=FakeLogs().open))
    shutil.copytree(made.root, tmp_path / "copy.runs")
    send(made, queue)
    copy = trial.opened(tmp_path / "copy.runs")
    assert send(copy, queue).runs == 0


def test_jobs_of_runs_that_the_campaign_no_longer_has_are_orphans(
    made: Workspace, queue: FakeQueue
) -> None:
    send(made, queue)
    changed = trial.expand(2, sleep_s=1)
    done = submit(changed, IMAGES, trial.delivery(made, queue, None, open_log=FakeLogs().open))
    assert done.runs == 8
    assert len(done.before.queued.orphans) == 8
    # A selection of the runs has no orphan but those of the whole campaign.
    part = replace(MATRIX, runs=MATRIX.runs[:1])
    now = queue_jobs.look(part, made, queue)
    assert (len(now.orphans), set(now.jobs)) == (8, {MATRIX.runs[0].run_id})


def late(queue: FakeQueue, batch: str) -> None:
    """Have the queue made one job of the batch, and none of the others yet."""
    cluster = queue.clusters[batch]
    jobs = {0: cluster.jobs[0]}
    queue.clusters[batch] = replace(cluster, jobs=jobs, next_proc=1)


def test_rows_to_come_are_known_by_the_items_file(made: Workspace, queue: FakeQueue) -> None:
    (first, _) = send(made, queue).batches
    late(queue, first.batch)
    assert send(made, queue).runs == 0


@pytest.mark.parametrize("size", [0, 40, -10, -45])
def test_a_list_that_was_cut_off_hides_no_job_that_will_be_made(
    made: Workspace, queue: FakeQueue, size: int
) -> None:
    (first, _) = send(made, queue).batches
    late(queue, first.batch)
    items = made.submission(first.batch) / "items.csv"
    whole = items.read_bytes()
    # Cut behind the id of the last run nothing is lost that anybody needs.
    items.write_bytes(whole[:size])
    assert send(made, queue).runs == 0
    assert items.read_bytes() == (whole[:size] if size == -10 else whole)


def test_nothing_is_sent_while_nobody_knows_which_jobs_will_be_made(
    made: Workspace, queue: FakeQueue
) -> None:
    (first, _) = send(made, queue).batches
    late(queue, first.batch)
    (made.submission(first.batch) / "items.csv").unlink()
    foreign = replace(queue.clusters[first.batch].jobs[0], run_id="f" * 24)
    queue.clusters[first.batch] = replace(queue.clusters[first.batch], jobs={0: foreign})
    with pytest.raises(PoolError, match="cluster 1: ") as refused:
        send(made, queue)
    assert "remove CAMPAIGN --all" in refused.value.hint


def test_a_job_of_which_the_queue_does_not_say_the_run_is_known_by_its_row(
    made: Workspace, queue: FakeQueue
) -> None:
    (first, _) = send(made, queue).batches
    cluster = queue.clusters[first.batch]
    jobs = {proc: LiveJob(proc=proc, state=job.state) for proc, job in cluster.jobs.items()}
    queue.clusters[first.batch] = replace(cluster, jobs=jobs)
    assert send(made, queue).runs == 0
