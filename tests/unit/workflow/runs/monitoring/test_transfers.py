"""Which clusters are told of, by which name, and what they come to together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import classad2
import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.pool.condor import Plugin
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.journal import run_ids, submitted
from osgrepro.workflow.runs.monitoring import transfers


class EachMovedTen:
    """Every job that is asked for is in the history, and received ten bytes."""

    def __init__(self, workspace: Workspace) -> None:
        self.batches = submitted(workspace)

    def ads(self, constraint: str, projection: list[str]) -> list[classad2.ClassAd]:
        return []

    def history(self, constraint: str, projection: list[str], limit: int) -> list[classad2.ClassAd]:
        return [
            classad2.ClassAd(
                f"[ ClusterId = {batch.cluster}; ProcId = {proc}; JobStatus = 4; "
                "TransferInputStats = [ OSDFSizeBytesTotal = 10; OSDFFilesCountTotal = 1 ] ]"
            )
            for key, batch in self.batches.items()
            if key in constraint
            for proc in range(batch.count)
        ]

    def stagings(self, constraint: str, projection: list[str]) -> list[classad2.ClassAd]:
        return []


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    opened = trial.opened(tmp_path / "trial.runs")
    delivery = trial.delivery(opened, FakeQueue(), None, open_log=FakeLogs().open)
    submit(trial.expand(3), trial.images("tiny.sif"), delivery)
    return opened


def test_every_cluster_is_told_of_by_its_batchs_name(made: Workspace) -> None:
    moved = transfers.transfers(made, EachMovedTen(made))
    assert [(one.name, one.transfers.cluster, one.transfers.jobs) for one in moved] == [
        ("tf.1", 1, 9),
        ("tf.2", 2, 3),
    ]
    assert transfers.by_plugin(moved) == {"osdf": Plugin(received_bytes=120)}


def test_of_some_runs_only_their_clusters_are_told_of_and_as_a_whole(made: Workspace) -> None:
    second = list(submitted(made))[1]
    moved = transfers.transfers(made, EachMovedTen(made), set(run_ids(made, second)[:1]))
    assert [(one.name, one.transfers.jobs) for one in moved] == [("tf.2", 3)]


def test_one_cluster_without_records_leaves_the_sum_of_stagings_unknown(made: Workspace) -> None:
    first, second = transfers.transfers(made, EachMovedTen(made))
    silent = replace(first, transfers=replace(first.transfers, stagings=None))
    known = transfers.by_plugin([first, second])["osdf"]
    assert (known.staged_bytes, known.received_bytes) == (0, 120)
    unknown = transfers.by_plugin([silent, second])["osdf"]
    assert (unknown.staged_bytes, unknown.received_bytes) == (None, 120)


def test_before_any_submission_nothing_was_moved(tmp_path: Path) -> None:
    opened = trial.opened(tmp_path / "trial.runs")
    assert transfers.transfers(opened, EachMovedTen(opened)) == ()
