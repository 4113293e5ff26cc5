"""Submission decides by journal, queue and folder, and says first what it is going to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common import parts
from osgrepro.common.errors import PoolError, WorkspaceError
from osgrepro.common.models import RunState
from osgrepro.runs import workspace
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.runs import journal, workspaces
from osgrepro.workflow.runs.delivery import Submitted, submit
from osgrepro.workflow.runs.monitoring.status import of_runs

MATRIX = trial.expand(2)
IMAGES = trial.images("/images/tf.sif")


def send(made: Workspace, queue: FakeQueue, logs: FakeLogs | None = None, **own: Any) -> Submitted:
    delivery = trial.delivery(made, queue, None, open_log=(logs or FakeLogs()).open)
    return submit(MATRIX, IMAGES, delivery, **own)


def test_all_runs_go_in_one_cluster_for_each_shape(made: Workspace, queue: FakeQueue) -> None:
    done = send(made, queue)
    assert [(batch.name, batch.count) for batch in done.batches] == [("tf.1", 6), ("tf.2", 2)]
    assert len(queue.descriptions) == 2
    for batch in done.batches:
        folder = made.submission(batch.batch)
        names = {"items.csv", "spec.json", "cluster.sub", "result.json"}
        assert {file.name for file in folder.iterdir()} == names
        assert len(journal.run_ids(made, batch.batch)) == batch.count


def test_one_brake_watches_all_clusters_of_a_submission(made: Workspace, queue: FakeQueue) -> None:
    delivery = trial.delivery(made, queue, None, open_log=FakeLogs().open, brake={"PATH": "/bin"})
    done = submit(MATRIX, IMAGES, delivery)
    assert done.runs == len(MATRIX.runs)
    (description,) = queue.brakes
    _python, program, settings = description.split('arguments = "')[1].split('"')[0].split()
    watched = json.loads(Path(settings).read_text())["batches"]
    assert set(watched) == {batch.batch for batch in done.batches}
    assert all(Path(files["items"]).is_file() for files in watched.values())
    with zipfile.ZipFile(program) as archive:
        assert {"__main__.py", "brake/watching.py"} <= set(archive.namelist())


def test_where_no_brake_is_taken_runs_go_without_it_and_that_is_told(made: Workspace) -> None:
    class Plain(FakeQueue):
        def submit(self, description: str, count: int) -> int:
            if "universe = scheduler" in description:
                raise PoolError("no such jobs here")
            return super().submit(description, count)

    delivery = trial.delivery(made, Plain(), None, open_log=FakeLogs().open, brake={})
    told: list[str] = []
    done = submit(MATRIX, IMAGES, delivery, notify=lambda step: told.append(step.what))
    assert done.runs == len(MATRIX.runs)
    assert told[-1] == "no brake watches these runs: no such jobs here"


def test_the_intent_is_in_the_journal_before_the_cluster_is_made(made: Workspace) -> None:
    class Looking(FakeQueue):
        def submit(self, description: str, count: int) -> int:
            assert made.journal()[-1]["event"] == "intent"
            return super().submit(description, count)

    send(made, Looking())
    events = [entry["event"] for entry in made.journal()]
    assert events == ["intent", "commit"] * 2


def test_runs_with_a_job_are_not_submitted_again(made: Workspace, queue: FakeQueue) -> None:
    send(made, queue)
    assert send(made, queue).runs == 0
    assert len(queue.descriptions) == 2


def test_runs_whose_job_left_without_a_result_are_submitted_again(
    made: Workspace, queue: FakeQueue
) -> None:
    first = send(made, queue).batches[0]
    queue.set(first.batch, 1, None)
    lost = journal.run_ids(made, first.batch)[1]
    assert of_runs(MATRIX, made, queue).states[lost] is RunState.LOST
    (again,) = send(made, queue).batches
    assert journal.run_ids(made, again.batch) == [lost]


def test_a_returned_result_is_not_asked_for_again(made: Workspace, queue: FakeQueue) -> None:
    first = send(made, queue).batches[0]
    run_id = journal.run_ids(made, first.batch)[0]
    queue.set(first.batch, 0, None)
    (made.results / run_id[:2] / f"{run_id}.1.0.1.json").write_text("{}")
    assert send(made, queue).runs == 0
    assert of_runs(MATRIX, made, queue).states[run_id] is RunState.RETURNED


def test_what_is_asked_for_again_is_submitted_though_it_has_a_result(
    made: Workspace, queue: FakeQueue
) -> None:
    first = send(made, queue).batches[0]
    run_id = journal.run_ids(made, first.batch)[0]
    queue.set(first.batch, 0, None)
    (made.results / run_id[:2] / f"{run_id}.1.0.1.json").write_text("{}")
    (again,) = send(made, queue, again={RunState.RETURNED}).batches
    assert journal.run_ids(made, again.batch) == [run_id]


def test_a_refused_submission_keeps_what_went_before(made: Workspace, queue: FakeQueue) -> None:
    queue.fail_at = 2
    with pytest.raises(PoolError, match="refused"):
        send(made, queue)
    queue.fail_at = None
    done = send(made, queue)
    assert [batch.count for batch in done.batches] == [2]
    assert len(queue.descriptions) == 2


def test_an_intent_whose_cluster_lives_is_settled_by_the_queue(
    made: Workspace, queue: FakeQueue
) -> None:
    send(made, queue)
    lines = made.journal_file.read_text().splitlines(keepends=True)
    made.journal_file.write_text("".join(lines[:-1]))
    done = send(made, queue)
    assert [batch.count for batch in done.recovered] == [2]
    assert done.runs == 0


def test_an_intent_whose_cluster_ended_is_settled_by_its_log(
    made: Workspace, queue: FakeQueue
) -> None:
    logs = FakeLogs()
    last = send(made, queue).batches[-1]
    logs.add(last.batch, "SUBMIT", 2, 0)
    del queue.clusters[last.batch]
    lines = made.journal_file.read_text().splitlines(keepends=True)
    made.journal_file.write_text("".join(lines[:-1]))
    done = send(made, queue, logs)
    assert [batch.cluster for batch in done.recovered] == [2]


def test_an_intent_of_which_nobody_knows_came_to_nothing(made: Workspace, queue: FakeQueue) -> None:
    workspace.write(made.submission("ab") / "items.csv", b"")
    made.note({"event": "intent", "batch": "ab", "name": "tf.1", "count": 6})
    assert send(made, queue).runs == 8
    assert "ab" not in journal.batches(made)


def test_held_jobs_tell_what_to_do(made: Workspace, queue: FakeQueue) -> None:
    first = send(made, queue).batches[0]
    queue.set(first.batch, 3, RunState.HELD, hold_reason="too much memory", hold_code=34)
    now = of_runs(MATRIX, made, queue)
    (held,) = now.held
    assert (held.reason, held.proc) == ("too much memory", 3)
    assert "osgrepro retry" in held.advice
    assert now.counts == {RunState.IDLE: 7, RunState.HELD: 1}
    assert sum(sum(cell.counts.values()) for cell in now.cells) == 8


def test_a_changed_payload_leaves_the_one_of_queued_jobs_alone(
    made: Workspace, queue: FakeQueue
) -> None:
    send(made, queue)
    programs = list(made.inputs.rglob("payload.pyz"))
    queue.clusters.clear()

    def other(target: Path) -> str:
        target.write_bytes(b"other")
        return "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"

    delivery = trial.delivery(made, queue, None, open_log=FakeLogs().open, build_payload=other)
    submit(MATRIX, IMAGES, delivery)
    assert len(list(made.inputs.rglob("payload.pyz"))) == 2
    assert programs[0].is_file()


def test_more_runs_than_may_be_idle_are_materialized_late(
    made: Workspace, queue: FakeQueue
) -> None:
    send(made, queue)
    assert all("max_materialize" not in text for text in queue.descriptions)
    queue.takes_common_input = False
    queue.clusters.clear()
    send(made, queue)
    assert "max_materialize" in queue.descriptions[-1]


@pytest.mark.parametrize(
    ("asked", "usual", "common"),
    [(None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_files_are_common_where_the_campaign_asks_for_it_or_the_pool_is_ours(
    made: Workspace, queue: FakeQueue, asked: bool | None, usual: bool, common: bool
) -> None:
    options = MATRIX.campaign.submit.model_copy(update={"common_files": asked})
    campaign = MATRIX.campaign.model_copy(update={"submit": options})
    delivery = trial.delivery(made, queue, None, open_log=FakeLogs().open, common_files=usual)
    submit(replace(MATRIX, campaign=campaign), IMAGES, delivery)
    assert all(("transfer_common_input" in text) is common for text in queue.descriptions)


def test_a_held_job_has_its_last_words_and_no_link_is_followed(
    made: Workspace, queue: FakeQueue, tmp_path: Path
) -> None:
    (first, _) = send(made, queue).batches
    for proc in (0, 1, 2):
        reason = "no python" if proc < 2 else "another"
        queue.set(first.batch, proc, RunState.HELD, hold_reason=reason, hold_code=3)
    runs = [item.run_id for item in of_runs(MATRIX, made, queue).held]
    logs = [made.logs / run[:2] / f"{run}.1.{proc}.err" for proc, run in enumerate(runs)]
    logs[0].write_text("warming up\n/usr/bin/env: python3: No such file\n\n")
    (tmp_path / "secret").write_text("secret")
    logs[2].symlink_to(tmp_path / "secret")
    words = [item.last_words for item in of_runs(MATRIX, made, queue).held]
    assert words == ["/usr/bin/env: python3: No such file", "", ""]


@pytest.mark.parametrize(("more", "common"), [(0, True), (-1, False)])
def test_files_are_common_up_to_exactly_as_many_runs_as_may_be_queued(
    made: Workspace, queue: FakeQueue, more: int, common: bool
) -> None:
    most = len(MATRIX.runs) + more
    options = MATRIX.campaign.submit.model_copy(update={"common_files": True, "max_idle": most})
    matrix = replace(MATRIX, campaign=MATRIX.campaign.model_copy(update={"submit": options}))
    submit(matrix, IMAGES, trial.delivery(made, queue, None, open_log=FakeLogs().open))
    assert all(("transfer_common_input" in text) is common for text in queue.descriptions)


def renamed(**changes: Any) -> Any:
    """Return the campaign under another name: its runs are the same."""
    campaign = MATRIX.campaign.model_copy(update={"name": "renamed", **changes})
    return replace(MATRIX, campaign=campaign)


class NamedQueue(FakeQueue):
    """An access point whose clusters bear the name of the campaign that sent them."""

    def of_campaign(self, campaign: str) -> Any:
        """Return the clusters of one name."""
        return dict(self.clusters) if campaign == "trial" else {}


def test_a_renamed_campaign_finds_its_folder_and_its_jobs_again(made: Workspace) -> None:
    queue = NamedQueue()
    send(made, queue)
    loaded = Loaded(source="new.toml", path=made.root.parent / "new.toml", matrix=renamed())
    place = workspaces.of(loaded, made.root)
    assert place.names() == ("renamed", "trial")
    delivery = trial.delivery(place, queue, None, open_log=FakeLogs().open)
    done = submit(loaded.matrix, IMAGES, delivery)
    assert (done.runs, done.before.counts) == (0, {RunState.IDLE: 8})


def test_a_campaign_with_other_runs_does_not_get_the_folder(made: Workspace) -> None:
    send(made, FakeQueue())
    changed = trial.expand(2, sleep_s=1)
    campaign = changed.campaign.model_copy(update={"name": "second"})
    loaded = Loaded(
        source="b.toml", path=made.root / "b.toml", matrix=replace(changed, campaign=campaign)
    )
    with pytest.raises(WorkspaceError, match="belongs to another campaign, 'trial'"):
        workspaces.of(loaded, made.root)


def test_a_folder_that_was_begun_can_be_looked_at_and_used(tmp_path: Path) -> None:
    loaded = Loaded(source="trial.toml", path=tmp_path / "trial.toml", matrix=MATRIX)
    (tmp_path / "trial.runs" / "inputs").mkdir(parents=True)
    assert not workspaces.look(loaded).identity_file.exists()
    assert workspaces.of(loaded).identity_file.exists()


def lose_submit(made: Workspace, queue: FakeQueue, *, jobs_made: int) -> None:
    """Delete ``submit/`` while the clusters still make jobs."""
    for batch, cluster in list(queue.clusters.items()):
        kept = dict(list(cluster.jobs.items())[:jobs_made])
        queue.clusters[batch] = replace(cluster, jobs=kept, next_proc=jobs_made)
    shutil.rmtree(made.root / "submit")


@pytest.mark.parametrize("jobs_made", [0, 1, 2])
def test_what_was_lost_with_submit_is_made_again(
    made: Workspace, queue: FakeQueue, jobs_made: int
) -> None:
    before = {batch.batch: batch for batch in send(made, queue).batches}
    lists = {key: journal.run_ids(made, key) for key in before}
    lose_submit(made, queue, jobs_made=jobs_made)
    assert send(made, queue).runs == 0
    assert {key: journal.run_ids(made, key) for key in before} == lists
    for key in before:
        assert {"items.csv", "spec.json", "result.json"} <= {
            path.name for path in made.submission(key).iterdir()
        }


def test_a_list_is_not_guessed_where_a_part_of_the_runs_was_sent(
    made: Workspace, queue: FakeQueue
) -> None:
    first = send(made, queue).batches[0]
    queue.set(first.batch, 0, None)
    send(made, queue)  # one run alone, in a cluster of its own
    del queue.clusters[first.batch]
    lose_submit(made, queue, jobs_made=0)
    with pytest.raises(PoolError, match="no longer has the list of their runs") as refused:
        send(made, queue)
    assert "osgrepro remove CAMPAIGN --all" in refused.value.hint


@pytest.mark.parametrize("name", ["dataset.parquet", "rejected.parquet"])
def test_a_table_that_cannot_be_read_stops_neither_status_nor_submit(
    made: Workspace, queue: FakeQueue, name: str
) -> None:
    first = send(made, queue).batches[0]
    queue.set(first.batch, 1, None)
    (made.root / name).write_text("nonsense")
    now = of_runs(MATRIX, made, queue)
    (sentence,) = now.damaged
    assert f"{name}: can't be read" in sentence
    assert f"`mv {made.root / name} {made.root / name}.damaged` and collect again" in sentence
    # The lost run may have its result in the dataset alone: it is not sent again on a guess.
    assert now.counts[RunState.LOST] == 1
    assert send(made, queue).runs == (name == "rejected.parquet")


def test_a_damaged_journal_is_mended_by_the_next_submission(
    made: Workspace, queue: FakeQueue
) -> None:
    (first, second) = send(made, queue).batches
    lines = made.journal_file.read_text().splitlines()
    made.journal_file.write_text("\n".join(["[]", *lines[1:3], "null", lines[3], ""]))
    done = send(made, queue)
    assert done.runs == 0
    assert [batch.cluster for batch in done.adopted] == [first.cluster]
    assert set(journal.submitted(made)) == {first.batch, second.batch}


def test_a_submission_removes_what_a_killed_one_did_not_finish(
    made: Workspace, queue: FakeQueue
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    name = parts.part_of(made.dataset_file).name.replace(f"{os.getpid()}@", f"{dead.pid}@")
    (made.root / name).touch()
    alive = parts.part_of(made.dataset_file)
    alive.touch()
    send(made, queue)
    assert sorted(made.root.glob(".*.part")) == [alive]
