"""Every run with its state, and the attempts of all jobs that it ever had."""

from __future__ import annotations

from pathlib import Path

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.common.errors import UsageError
from osgrepro.common.models import RunState
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring import listing
from osgrepro.workflow.runs.monitoring.status import of_runs

MATRIX = trial.expand(2, ("host", "threads4"))
LOADED = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=MATRIX)


def test_a_run_has_the_attempts_of_all_its_jobs(tmp_path: Path) -> None:
    place, queue, logs = trial.opened(tmp_path / "trial.runs"), FakeQueue(), FakeLogs()
    delivery = trial.delivery(place, queue, None, open_log=logs.open)
    (first,) = submit(MATRIX, trial.images("/i.sif"), delivery).batches
    logs.add(first.batch, "EXECUTE", 1, 1, Machine="n1.example.org", Name="slot1@n1")
    logs.add(first.batch, "JOB_EVICTED", 1, 1)
    logs.add(first.batch, "EXECUTE", 1, 1, Machine="n2.example.org", GLIDEIN_Site="B")
    logs.add(first.batch, "JOB_ABORTED", 1, 1)
    queue.set(first.batch, 1, None)
    (second,) = submit(MATRIX, trial.images("/i.sif"), delivery).batches
    logs.add(second.batch, "EXECUTE", 2, 0, Machine="n1.example.org")
    queue.set(second.batch, 0, RunState.RUNNING)

    now = of_runs(MATRIX, place, queue)
    rows = listing.of_campaign(LOADED, place, now, open_log=logs.open)
    assert [row.run for row in rows] == list(MATRIX.runs)
    row = rows[1]
    assert (row.state, row.jobs) == (RunState.RUNNING, ("1.1", "2.0"))
    assert row.machines == ("n1.example.org", "n2.example.org")
    tried = [(item.job, item.attempt.ended_s, item.site) for item in row.attempts]
    assert tried == [("1.1", 1.0, "unknown"), ("1.1", 3.0, "B"), ("2.0", None, "unknown")]
    assert rows[0].attempts == ()
    only = listing.of_campaign(LOADED, place, now, states=("running",), open_log=logs.open)
    assert only == (row,)


def test_a_state_in_which_no_run_can_be_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'idle'"):
        listing.check(("done", "idl"))
