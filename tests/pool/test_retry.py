"""A real queue: held jobs leave it, and their runs are sent again with more, each once."""

from __future__ import annotations

import program_campaign
import pytest
from real_pool import until

from osgrepro.common.models import RunState
from osgrepro.pool import condor
from osgrepro.results import dataset
from osgrepro.runs.render import Requests
from osgrepro.workflow.loading import select
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results import collecting
from osgrepro.workflow.runs import jobs, retrying, submitting, workspaces
from osgrepro.workflow.runs.monitoring.waiting import wait
from osgrepro.workflow.runs.retrying import Selection

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]

# Fails as long as its job asks for as little as the campaign says.
SCRIPT = """
import json, os
with open(os.environ["_CONDOR_JOB_AD"]) as ad:
    if "RequestMemory = 600\\n" in ad.read():
        raise MemoryError("too little")
json.dump({"loss": 0.5}, open("m.json", "w"))
"""
HARDWARE = """
[[hardware]]
name = "host"
requirements = 'OsgreproEP == "host"'
request_memory_mb = 600
request_disk_mb = 512
[[hardware]]
name = "threads4"
requirements = 'OsgreproEP == "threads4"'
request_memory_mb = 600
request_disk_mb = 512
"""


@pytest.fixture
def loaded(owned, image):
    folder = owned("more")
    return program_campaign.write(folder, name="more", image=image, rest=HARDWARE, script=SCRIPT)


@pytest.fixture
def access(pool):
    made = Access(schedd=condor.connect(pool.config), pool=pool)
    yield made
    made.schedd.remove([c.cluster for c in made.schedd.of_campaign("more").values()], "test")


def queued(schedd):
    return [job for cluster in schedd.of_campaign("more").values() for job in cluster.jobs.values()]


def test_held_and_failed_runs_are_sent_again_with_more_and_results_stay(loaded, access) -> None:
    place = workspaces.of(loaded)
    submitting.submit(loaded, place, access)
    held = jobs.act(select(loaded, ("hardware=threads4",)), place, access, "hold")
    assert len(held.jobs) == 1
    until(lambda: any(job.state is RunState.HELD for job in queued(access.schedd)))
    (job,) = (job for job in queued(access.schedd) if job.state is RunState.HELD)
    assert job.asks == Requests(memory_mb=600, disk_mb=512, execute_s=259_200)

    # The held run has one job at any time: the new one, which asks for more.
    done = retrying.retry(
        loaded, place, access, Selection(codes=(1,), requests=Requests(memory_mb=800))
    )
    assert (list(done.jobs), done.runs, done.left) == (list(held.jobs), 1, ())
    assert [job.run_id for job in queued(access.schedd)].count(next(iter(held.jobs.values()))) <= 1
    wait(place, access.schedd)
    harvest = collecting.collect(loaded, place, access)
    assert harvest.now.counts == {RunState.DONE: 1, RunState.FAILED: 1}

    # What failed is sent again, its first result stays, and the second is the run's own.
    assert retrying.retry(loaded, place, access, Selection()).runs == 0
    more = Selection(states=("failed",), requests=Requests(memory_mb=700))
    assert retrying.retry(loaded, place, access, more).runs == 1
    wait(place, access.schedd)
    harvest = collecting.collect(loaded, place, access)
    assert harvest.now.counts == {RunState.DONE: 2}
    assert len(list(place.returned_files())) == 3
    rows = dataset.read(place.dataset_file, ["hardware", "status", "cluster"]).to_pylist()
    assert sorted((row["hardware"], row["status"]) for row in rows) == [
        ("host", "ok"),
        ("threads4", "ok"),
    ]
