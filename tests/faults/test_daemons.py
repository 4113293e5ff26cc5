"""Each part of a pool is killed while a campaign runs: it comes out whole, mostly by itself."""

from __future__ import annotations

import signal
import time

import pytest
from real_pool import until

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("part", "happened"),
    [
        pytest.param("condor_starter", "its runs start again", marks=pytest.mark.slow),
        pytest.param("condor_shadow", "its runs start again", marks=pytest.mark.slow),
        pytest.param("condor_negotiator", "the master starts it again", marks=pytest.mark.slow),
        pytest.param("condor_startd", "the master starts it again", marks=pytest.mark.slow),
        ("condor_schedd", "the master starts it again, the queue is kept"),
        pytest.param("condor_collector", "the master starts it again", marks=pytest.mark.slow),
    ],
)
def test_a_part_of_the_pool_is_killed(bench, ended, part, happened):
    bench.start()
    bench.fault()
    assert bench.kill(part)
    assert ended(f"{part} killed", happened).did == "nothing"


@pytest.mark.slow
def test_the_schedd_is_killed_and_the_event_log_is_lost(bench, ended):
    bench.start()
    bench.fault()
    assert bench.kill("condor_schedd")
    for batch in bench.workspace.event_batches():
        bench.workspace.event_log(batch).unlink()
    happened = "jobs are reconnected; their ads and results say where they ran"
    assert ended("condor_schedd killed, event log deleted", happened).did == "nothing"


@pytest.mark.slow
def test_the_program_is_killed(bench, ended):
    bench.start()
    bench.fault()
    assert bench.kill("python3")
    until(lambda: not bench.status().counts.get("running"), "jobs still run")
    if held := bench.status().held:
        assert "killed" in held[0].reason
        bench.person("remove")
    ended("python3 of the payload killed", "held; the reason says that it was killed")


@pytest.mark.slow
def test_the_whole_pool_dies(bench, ended):
    bench.start()
    bench.fault()
    assert bench.kill("condor_master")
    bench.up_again()
    assert ended("condor_master killed", "all daemons end, the queue is kept").did == (
        "osgrepro pool up"
    )


@pytest.mark.slow
def test_an_execution_point_is_silent_for_longer_than_the_lease(bench, ended):
    bench.start()
    bench.fault()
    frozen = ("condor_startd", "condor_starter", "condor_shadow")
    for part in frozen:
        bench.kill(part, signal.SIGSTOP)
    time.sleep(90)
    for part in frozen:
        bench.kill(part, signal.SIGCONT)
    assert ended("execution points frozen for 90 s", "their runs start again").did == "nothing"
