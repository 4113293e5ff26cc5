"""What the journal has lost, or never knew, enters it again from the queue and the logs."""

from __future__ import annotations

import shutil

import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.runs.workspace import Workspace, write
from osgrepro.workflow.runs import adopting, journal
from osgrepro.workflow.runs.delivery import Submitted, submit

MATRIX = trial.expand(2)
IMAGES = trial.images("/images/tf.sif")


def send(made: Workspace, queue: FakeQueue, logs: FakeLogs | None = None) -> Submitted:
    return submit(
        MATRIX, IMAGES, trial.delivery(made, queue, None, open_log=(logs or FakeLogs()).open)
    )


def test_clusters_enter_a_journal_that_was_deleted_again(made: Workspace, queue: FakeQueue) -> None:
    first = send(made, queue)
    made.journal_file.unlink()
    again = send(made, queue)
    assert again.runs == 0
    clusters = [(batch.batch, batch.cluster, batch.count) for batch in first.batches]
    assert [(batch.batch, batch.cluster, batch.count) for batch in again.adopted] == clusters
    assert set(journal.submitted(made)) == {batch.batch for batch in first.batches}
    assert send(made, queue).adopted == ()


def test_clusters_that_have_ended_are_known_by_their_logs(
    made: Workspace, queue: FakeQueue
) -> None:
    (first, second) = send(made, queue).batches
    logs = FakeLogs()
    for batch, cluster in ((first, 1), (second, 2)):
        logs.add(batch.batch, "SUBMIT", cluster, 0)
        logs.add(batch.batch, "JOB_TERMINATED", cluster, batch.count - 1)
        made.event_log(batch.batch).touch()
    (made.returned / "events" / "stray.log").touch()
    queue.clusters.clear()
    made.journal_file.unlink()
    shutil.rmtree(made.root / "submit")
    adopted = adopting.adopt("trial", made, None, logs.open)
    assert {(batch.batch, batch.cluster, batch.count) for batch in adopted} == {
        (first.batch, 1, 6),
        (second.batch, 2, 2),
    }
    assert set(journal.submitted(made)) == {first.batch, second.batch}


def test_a_node_that_a_rescue_dag_submits_again_is_its_last_cluster(
    made: Workspace, queue: FakeQueue
) -> None:
    logs, key = FakeLogs(), "d" * 32
    write(made.submission(key) / "items.csv", b"%s,rest\n" % MATRIX.runs[0].run_id.encode())
    made.prepare(None)
    made.event_log(key).touch()
    for cluster in (4, 9):
        logs.add(key, "SUBMIT", cluster, 0)
        (adopted,) = adopting.adopt("trial", made, queue, logs.open)
        assert (adopted.batch, adopted.cluster, adopted.count) == (key, cluster, 1)
        assert journal.submitted(made)[key].cluster == cluster
        assert not adopting.adopt("trial", made, queue, logs.open)
