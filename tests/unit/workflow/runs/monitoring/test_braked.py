"""Machines that a brake named stay away from new clusters, until a run has ended well there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.delivery import Submitted, submit
from osgrepro.workflow.runs.monitoring import braked
from osgrepro.workflow.runs.monitoring.status import Status

MATRIX = trial.expand(2)
IMAGES = trial.images("/images/tf.sif")
EMPTY = Status(states={})
SAID = "2026-11-27 22:32:37 cluster 13 avoids hole, n2.example.org\n"


def say(made: Workspace, text: str, cluster: int = 7) -> Path:
    made.prepare(None)
    file = made.logs / f"brake.{cluster}.out"
    file.write_text(text)
    return file


def send(made: Workspace, queue: FakeQueue, logs: FakeLogs, *, anywhere: bool = False) -> Submitted:
    delivery = trial.delivery(made, queue, None, open_log=logs.open, brake={"PATH": "/bin"})
    return submit(MATRIX, IMAGES, delivery, anywhere=anywhere)


def test_what_a_brake_named_is_avoided_also_when_its_cluster_is_gone(made: Workspace) -> None:
    assert braked.avoided(made, EMPTY) == ()
    say(made, f"condor_qedit: no\n{SAID}")
    assert braked.avoided(made, EMPTY) == ("hole", "n2.example.org")


@pytest.mark.parametrize("text", ['x cluster 1 avoids a"b\n', "cluster 1 avoids a\n", "\x00" * 9])
def test_what_a_brake_would_not_say_names_nothing(made: Workspace, text: str) -> None:
    say(made, text)
    assert braked.avoided(made, EMPTY) == ()


def test_a_link_in_the_place_of_a_log_is_not_followed(made: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(SAID)
    file = say(made, "")
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    assert braked.avoided(made, EMPTY) == ()


def test_a_new_cluster_begins_without_them_unless_told_otherwise(
    made: Workspace, queue: FakeQueue
) -> None:
    logs = FakeLogs()
    first = send(made, queue, logs).batches[0]
    queue.clusters[first.batch] = replace(queue.clusters[first.batch], avoided=("n9",))
    say(made, SAID)
    queue.set(first.batch, 0, None)
    done = send(made, queue, logs)
    assert done.avoided == ("hole", "n2.example.org", "n9")
    assert 'OsgreproAvoided = {"hole", "n2.example.org", "n9"}' in queue.descriptions[-1]
    queue.set(done.batches[0].batch, 0, None)
    assert send(made, queue, logs, anywhere=True).avoided == ()
    assert "OsgreproAvoided = {}" in queue.descriptions[-1]


def test_a_machine_on_which_a_run_ended_well_since_is_mended(
    made: Workspace, queue: FakeQueue
) -> None:
    logs = FakeLogs()
    batch = send(made, queue, logs).batches[0]
    say(made, SAID)
    for code, avoided in ((10, ("hole", "n2.example.org")), (0, ("n2.example.org",))):
        logs.add(batch.batch, "EXECUTE", 1, 0, Name="slot1@hole", OsgreproEP="hole")
        logs.add(batch.batch, "JOB_TERMINATED", 1, 0, ReturnValue=code)
        assert braked.avoided(made, EMPTY, logs.open) == avoided
