"""What people do to jobs by hand, with HTCondor's own commands."""

from __future__ import annotations

import htcondor2
import pytest
from real_pool import until

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
