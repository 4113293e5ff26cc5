"""What people do to jobs by hand, with HTCondor's own commands."""

from __future__ import annotations

import subprocess
import sys

import htcondor2
import pytest
import trial
from real_pool import until

from osgrepro.common.models import RunState

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]


@pytest.mark.slow
def test_all_jobs_are_removed(bench, ended):
    bench.start()
    bench.fault()
    bench.act(htcondor2.JobAction.Remove)
    assert ended("condor_rm", "the runs are missing").did == "osgrepro submit"


@pytest.mark.slow
def test_all_jobs_are_vacated(bench, ended):
    bench.start()
    bench.fault()
    bench.act(htcondor2.JobAction.Vacate)
    assert ended("condor_vacate_job", "the runs start again").did == "nothing"


@pytest.mark.slow
def test_all_jobs_are_held(bench, ended):
    bench.start()
    bench.fault()
    bench.act(htcondor2.JobAction.Hold)
    until(lambda: bench.status().held, "no job is held")
    assert "osgrepro release" in bench.status().held[0].advice
    bench.person("release")
    assert ended("condor_hold", "held, and says so").did == "osgrepro release"


@pytest.mark.slow
def test_a_jobs_run_is_changed_by_hand(bench, ended):
    bench.start()
    bench.fault()
    idle, run_id = (run.run_id for run in (bench.matrix.runs[-1], bench.matrix.runs[0]))
    bench.schedd()._schedd.edit(f'OsgreproRunId == "{idle}"', "OsgreproRunId", f'"{run_id}"')
    did = ended("condor_qedit of a run's id", "its result is refused, the run due again").did
    assert did in ("osgrepro submit", "nothing")


@pytest.mark.slow
def test_what_a_job_asks_for_is_changed_by_hand(bench, ended):
    bench.start()
    bench.fault()
    bench.schedd()._schedd.edit("JobStatus == 1", "RequestMemory", "1000000")
    until(lambda: not bench.status().counts.get(RunState.RUNNING), "jobs still run")
    assert bench.status().counts.get(RunState.IDLE)
    bench.person("remove")
    ended("condor_qedit of RequestMemory", "idle until removed")


@pytest.mark.slow
def test_the_folder_is_moved_away_and_back(bench, ended):
    bench.start()
    bench.fault()
    there = bench.workspace.root
    away = there.with_name("moved.runs")
    there.rename(away)
    queued = bench.schedd().of_campaign
    until(
        lambda: all(
            job.state is RunState.HELD
            for cluster in queued("trial").values()
            for job in cluster.jobs.values()
        ),
        "jobs still run",
    )
    away.rename(there)
    if bench.status().held:
        bench.person("release")
    ended("folder moved away and back", "jobs that return meanwhile are held")


@pytest.mark.slow
def test_two_shells_submit_at_once(bench, ended):
    bench.matrix = trial.expand(3)
    user = bench.pool.enclosure.user
    words = (bench.pool.config, bench.workspace.root, bench.image, user.uid, user.gid, 3, "none", 0)
    bench.fault()
    shells = [
        subprocess.Popen(
            [sys.executable, trial.__file__, *map(str, words)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [shell.communicate()[1] for shell in shells]
    assert 0 in [shell.returncode for shell in shells], said
    happened = "one submits, the other is refused or has nothing to do"
    assert ended("two shells submit", happened).did == "nothing"
