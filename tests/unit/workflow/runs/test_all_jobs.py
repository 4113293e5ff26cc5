"""With ``--all`` the queue is believed: what bears the campaign's name goes, whoever forgot it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.models import RunState
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.all_jobs import act_on_all
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.jobs import Acted

MATRIX = trial.expand(2)


class Bench:
    """A campaign in the queue: cluster 1, of whose 6 rows one is a job, and 2, of 2 jobs."""

    def __init__(self, root: Path) -> None:
        self.place, self.queue = trial.opened(root), FakeQueue()
        delivery = trial.delivery(self.place, self.queue, None, open_log=FakeLogs().open)
        self.first, self.second = submit(MATRIX, trial.images("/i.sif"), delivery).batches
        cluster = self.queue.clusters[self.first.batch]
        late = replace(cluster, jobs={0: cluster.jobs[0]}, next_proc=1)
        self.queue.clusters[self.first.batch] = late

    def act(self, verb: str, place: Workspace | None = None) -> tuple[Acted, dict[str, int]]:
        loaded = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=MATRIX)
        access = Access(schedd=cast(Any, self.queue), pool=None)
        return act_on_all(loaded, place or self.place, access, verb)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "trial.runs")


def test_a_cluster_whose_list_of_runs_is_lost_is_removed_as_a_whole(bench: Bench) -> None:
    (bench.place.submission(bench.first.batch) / "items.csv").unlink()
    bench.place.journal_file.unlink()
    acted, abroad = bench.act("remove")
    assert bench.queue.acts == [("remove", ["1", "2.0", "2.1"])]
    assert len(acted.jobs) == 8
    assert acted.jobs["1.0"] == MATRIX.runs[0].run_id
    assert acted.jobs["1.1"] == ""
    assert (acted.unmade, abroad) == (0, {})


def test_nothing_but_the_queue_is_needed(bench: Bench) -> None:
    shutil.rmtree(bench.place.root)
    acted, _ = bench.act("remove")
    assert len(acted.jobs) == 8
    assert not bench.place.root.exists()


def test_jobs_whose_results_go_to_another_folder_are_left_alone_and_counted(
    bench: Bench, tmp_path: Path
) -> None:
    acted, abroad = bench.act("remove", trial.opened(tmp_path / "second.runs"))
    assert bench.queue.acts == [("remove", [])]
    assert acted.jobs == {}
    assert abroad == {str(bench.place.root.resolve()): 8}


def test_jobs_of_former_runs_go_too(bench: Bench) -> None:
    former = trial.expand(2, sleep_s=1)
    assert {run.run_id for run in former.runs}.isdisjoint(run.run_id for run in MATRIX.runs)
    delivery = trial.delivery(bench.place, bench.queue, None, open_log=FakeLogs().open)
    submit(former, trial.images("/i.sif"), delivery)
    assert len(bench.act("remove")[0].jobs) == 16


def test_a_renamed_campaign_reaches_the_jobs_that_it_sent_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_campaign(name: str) -> dict[str, Any]:
        return dict(bench.queue.clusters) if name == "trial" else {}

    monkeypatch.setattr(bench.queue, "of_campaign", of_campaign)
    campaign = MATRIX.campaign.model_copy(update={"name": "renamed"})
    loaded = Loaded(
        source="new.toml", path=Path("new.toml"), matrix=replace(MATRIX, campaign=campaign)
    )
    place = workspaces.of(loaded, bench.place.root)
    access = Access(schedd=cast(Any, bench.queue), pool=None)
    assert len(act_on_all(loaded, place, access, "remove")[0].jobs) == 8


def test_held_and_released_is_what_can_be(bench: Bench) -> None:
    bench.queue.set(bench.second.batch, 0, RunState.HELD)
    bench.queue.set(bench.second.batch, 1, RunState.LOST)
    assert "2.0" not in bench.act("hold")[0].jobs
    assert list(bench.act("release")[0].jobs) == ["2.0"]
    # The cluster that was held as a whole makes jobs again.
    assert bench.queue.acts == [("hold", ["1"]), ("release", ["1", "2.0"])]
