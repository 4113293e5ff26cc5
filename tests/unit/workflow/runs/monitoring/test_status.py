"""Where runs stand while no access point answers: as their event logs left them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trial
from fakes import FakeQueue

from osgrepro.common.models import RunState
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring.status import of_runs

MATRIX = trial.expand(4, ("host",))


def event(number: int, proc: int, words: str) -> str:
    return f"{number:03d} (001.{proc:03d}.000) 2026-11-23 04:50:35 {words}\n...\n"


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    """Four submitted runs: one idle, one running, one aborted, and one that no event tells of."""
    workspace = trial.opened(tmp_path / "trial.runs")
    (batch,) = submit(
        MATRIX, trial.images("/images/tf.sif"), trial.delivery(workspace, FakeQueue(), None)
    ).batches
    events = [event(0, proc, "Job submitted from host: <127.0.0.1:1>") for proc in range(3)]
    events += [event(1, proc, "Job executing on host: <127.0.0.1:2>") for proc in (1, 2)]
    events.append(event(9, 2, "Job was aborted.\n\tby test"))
    workspace.event_log(batch.batch).write_text("".join(events))
    return workspace


def test_jobs_stand_as_their_event_logs_left_them(made: Workspace) -> None:
    now = of_runs(MATRIX, made, None)
    idle, running, lost = RunState.IDLE, RunState.RUNNING, RunState.LOST
    assert list(now.states.values()) == [idle, running, lost, idle]
    assert (now.asked, now.in_doubt) == (False, 3)


def test_a_result_says_more_than_a_log_that_may_lack_its_end(made: Workspace) -> None:
    run = MATRIX.runs[1]
    (batch,) = (entry["batch"] for entry in made.journal() if entry["event"] == "commit")
    result = trial.result(MATRIX, run, batch, cluster=1, proc=1)
    (made.results / run.run_id[:2] / f"{run.run_id}.1.1.1.json").write_text(json.dumps(result))
    assert of_runs(MATRIX, made, None).states[run.run_id] is RunState.RETURNED


def test_nothing_is_in_doubt_where_the_queue_answers_or_nothing_was_sent(
    made: Workspace, tmp_path: Path
) -> None:
    assert of_runs(MATRIX, made, FakeQueue()).in_doubt == 0
    empty = of_runs(MATRIX, trial.opened(tmp_path / "empty.runs"), None)
    assert (empty.counts, empty.in_doubt) == ({RunState.NEW: 4}, 0)
