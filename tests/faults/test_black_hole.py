"""An execution point on which everything fails at once: few runs go there, and none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import fault_bench
import pytest
import trial
from real_pool import until

from osgrepro.common.models import RunState
from osgrepro.pool import minipool
from osgrepro.runs import render
from osgrepro.workflow.runs.monitoring import usage
from osgrepro.workflow.runs.monitoring.event_logs import glance

pytestmark = [pytest.mark.pool, pytest.mark.timeout(900)]

HOLE, RUNS, MOST = "threads8", 24, 5


@pytest.fixture
def holed(bench):
    bench.matrix = trial.expand(
        RUNS, ("any",), requirements="true", sleep_s=5, hole=HOLE, hole_code=10
    )
    return bench


@pytest.fixture
def without_apptainer(bench) -> Iterator[fault_bench.Bench]:
    """An execution point whose Apptainer is not there: the starter dies, and nothing says why."""
    bench.matrix = trial.expand(RUNS, ("any",), requirements="true", sleep_s=5)
    file = bench.settings.directory / "condor_config"
    before = file.read_text()
    slot_type = [point.name for point in minipool.DEFAULT].index(HOLE) + 1
    file.write_text(f"{before}\nslot_type_{slot_type}.SINGULARITY = /nonexistent/apptainer\n")
    yield bench
    file.write_text(before)


def starts(bench) -> Counter[str]:
    """Return how many attempts have begun on each execution point."""
    logs = glance(bench.workspace)
    return Counter(
        str(use.machine["OsgreproEP"])
        for ledger in logs.ledgers.values()
        for use in ledger.uses()
        for _ in range(use.good + use.bad)
    )


def test_a_black_hole_takes_few_runs_and_is_named(holed, ended) -> None:
    """Training fails at once there, which is final: the payload can't know that it is the slot."""
    assert holed.send() == RUNS
    holed.fault()
    until(lambda: not moving(holed), "runs do not end", 600)
    spent = starts(holed)
    assert sum(spent.values()) == RUNS
    assert 0 < spent[HOLE] <= MOST, spent
    assert usage.failing(glance(holed.workspace)) in (
        (),
        (usage.Failing(machine=HOLE, site=HOLE, attempts=spent[HOLE], why="exit code 10"),),
    )
    # Its result there was empty, so the run is due again: and a later cluster finds out anew.
    ending = ended("a black hole", f"{spent[HOLE]} of {RUNS} starts there")
    assert set(ending.did.split(", ")) <= {"osgrepro submit"}
    assert starts(holed)[HOLE] <= 2 * MOST


def test_where_no_container_begins_few_runs_go_and_that_is_said(without_apptainer, ended) -> None:
    bench = without_apptainer
    assert bench.send() == RUNS
    bench.fault()
    until(lambda: not moving(bench), "runs do not end", 600)
    began = starts(bench)[HOLE]
    assert 0 < began <= MOST
    (machine,) = usage.failing(glance(bench.workspace))
    assert (machine.machine, machine.attempts) == (HOLE, began)
    assert machine.why
    happened = f"{began} of {RUNS + began} starts there; their runs go elsewhere"
    assert ended("an execution point without Apptainer", happened).did == "nothing"


def test_where_everything_fails_the_rest_is_held_until_it_is_released(bench) -> None:
    bench.matrix = trial.expand(RUNS, ("any",), requirements="true", sleep_s=1, fail=True)
    assert bench.send() == RUNS
    until(lambda: bench.status().counts.get(RunState.HELD) and not moving(bench), "not held", 400)
    now = bench.status()
    assert now.counts[RunState.HELD] >= RUNS - 15
    (reason,) = {job.reason for job in now.held}
    assert reason.startswith(render.BRAKED)
    assert "release JOBS" in now.held[0].advice
    before = now.counts[RunState.HELD]
    bench.person("release")
    until(lambda: bench.status().counts.get(RunState.HELD, 0) < before, "not released")


def moving(bench: fault_bench.Bench) -> bool:
    """Whether any run is on its way."""
    counts = bench.status().counts
    return bool(counts.get(RunState.IDLE) or counts.get(RunState.RUNNING))
