"""Every run of a cell is counted once, and an empty cell says why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trial
from fakes import FakeQueue

from osgrepro.common.models import RunState
from osgrepro.results import dataset
from osgrepro.results.records import Rejected, Source
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring.coverage import CellCoverage, coverage
from osgrepro.workflow.runs.monitoring.status import of_runs

MATRIX = trial.expand(2, ("host",))
FIRST, SECOND = MATRIX.runs
NOW_S = 2e9
HOUR_S = 3600


class Bench:
    """A submitted campaign of one cell, whose two jobs stand as the test wants."""

    def __init__(self, root: Path) -> None:
        self.made: Workspace = trial.opened(root)
        self.queue = FakeQueue()
        delivery = trial.delivery(self.made, self.queue, None)
        (batch,) = submit(MATRIX, trial.images("/images/tf.sif"), delivery).batches
        self.batch = batch.batch

    def job(self, proc: int, state: RunState | None, hours: float = 0, **facts: Any) -> None:
        since_s = NOW_S - hours * HOUR_S
        self.queue.set(self.batch, proc, state, waiting_since_s=since_s, **facts)

    def refuse(self, *reasons: str) -> None:
        rows = [
            Rejected(
                source=Source(file=f"{number}.json", size_bytes=1, modified_ns=1),
                run_id=FIRST.run_id,
                reason=reason,
                message='cpu_model_name = "AMD": not host',
            )
            for number, reason in enumerate(reasons)
        ]
        dataset.replace_rejected(self.made.rejected_file, rows, [])

    def cell(self, **options: Any) -> CellCoverage:
        now = of_runs(MATRIX, self.made, self.queue)
        (cell,) = coverage(MATRIX, self.made, now, now_s=NOW_S, **options)
        return cell


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "trial.runs")


def test_a_job_that_no_slot_matches_for_long_is_starved(bench: Bench) -> None:
    bench.job(0, RunState.IDLE, hours=31)
    bench.job(1, RunState.IDLE, hours=23)
    cell = bench.cell()
    assert cell.counts == {"starved": 1, "idle": 1}
    assert cell.why == ("starved: no slot matched for 31 h", "waiting for a slot")
    assert bench.cell(starved_after_h=40).counts == {"idle": 2}
    assert bench.cell(starved_after_h=1).counts == {"starved": 2}


def test_a_job_that_started_or_runs_or_is_held_is_not_starved(bench: Bench) -> None:
    bench.job(0, RunState.RUNNING, hours=99)
    bench.job(1, RunState.IDLE, hours=99, starts=1)
    assert bench.cell().counts == {"running": 1, "idle": 1}
    bench.job(1, RunState.HELD, hours=99)
    assert bench.cell().counts == {"running": 1, "held": 1}
    assert bench.cell().why == ("jobs are held", "running")


def test_what_landed_elsewhere_is_told_with_what_it_shows(bench: Bench) -> None:
    bench.job(0, None)
    bench.job(1, None)
    bench.refuse("landed-elsewhere", "landed-elsewhere", "truncated")
    cell = bench.cell()
    assert cell.counts == {"landed-elsewhere": 1, "lost": 1}
    assert cell.landed_elsewhere == 2
    assert cell.why[0] == 'landed elsewhere: cpu_model_name = "AMD": not host'


def test_a_cell_that_has_a_run_done_is_not_empty_and_needs_no_reason(bench: Bench) -> None:
    now = of_runs(MATRIX, bench.made, bench.queue)
    done = {FIRST.run_id: RunState.DONE, SECOND.run_id: RunState.LOST}
    (cell,) = coverage(MATRIX, bench.made, replace(now, states=done), now_s=NOW_S)
    assert (cell.empty, cell.why, cell.counts) == (False, (), {"done": 1, "lost": 1})


def test_what_else_is_known_of_a_hardware_environment_comes_first(bench: Bench) -> None:
    cell = bench.cell(notes={"host": "no slot is like that", "other": "?"})
    assert cell.why == ("no slot is like that", "waiting for a slot")


def test_a_cell_whose_jobs_a_slot_gave_back_says_why(bench: Bench) -> None:
    bench.job(0, RunState.IDLE, vacate_reason="no such host", vacate_code=45)
    assert "a slot gave it back: no such host" in bench.cell().why
    (given_back,) = of_runs(MATRIX, bench.made, bench.queue).vacated
    assert (given_back.reason, given_back.code) == ("no such host", 45)
    assert "apptainer exec" in given_back.advice
