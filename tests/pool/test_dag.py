"""DAGMan itself runs a campaign's DAG, also a rescued one, and no run is done twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

import program_campaign
import pytest
from real_pool import until

from osgrepro.common.models import RunState
from osgrepro.pool import condor, minipool
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results import collecting
from osgrepro.workflow.runs import adopting, dag, journal, workspaces

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]

SCRIPT = """
import json
json.dump({"loss": 0.5}, open("m.json", "w"))
"""
HARDWARE = """
[[hardware]]
name = "any"
request_memory_mb = 600
request_disk_mb = 600
[[hardware]]
name = "nowhere"
requirements = 'OsgreproEP == "nowhere"'
"""


@pytest.fixture
def folder():
    """DAGMan takes no folder in /tmp, which may be emptied while it runs."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as made:
        yield Path(made)


def test_a_rescue_dag_sends_again_only_what_has_no_result(folder, image, pool):
    loaded = program_campaign.write(folder, name="dag", image=image, rest=HARDWARE, script=SCRIPT)
    access, place = Access(schedd=condor.connect(pool.config), pool=pool), workspaces.of(loaded)
    made = dag.write(loaded, place, access)

    def start() -> int:
        words = ("condor_submit_dag", str(made.file))
        assert minipool.shell(pool.directory, words) == 0
        (cluster,) = access.schedd.dags("dag")
        return cluster

    def waiting() -> dict[str, int]:
        """Return the clusters in the queue, once only the run that no slot takes has one."""
        queued = access.schedd.of_campaign("dag")
        return {key: sent.cluster for key, sent in queued.items()} if len(queued) == 1 else {}

    first = start()
    # DAGMan sees some seconds after a job has ended that its node has.
    messages = made.file.with_name("campaign.dag.dagman.out")
    ended = "POST Script of node {} completed"

    def nodes() -> int:
        text = messages.read_text() if messages.exists() else ""
        return sum(ended.format(run.run_id) in text for run in loaded.matrix.runs)

    until(nodes, within_s=300)
    before = until(waiting)
    access.schedd.remove([first], "test")
    until(lambda: not access.schedd.dags("dag") and not access.schedd.of_campaign("dag"))
    assert collecting.collect(loaded, place, access).now.counts == {
        RunState.DONE: 1,
        RunState.LOST: 1,
    }

    second = start()
    after = until(waiting)
    assert after.keys() == before.keys()
    assert after != before
    with place.lock():
        assert [batch.batch for batch in adopting.adopt("dag", place, access.schedd)] == [*after]
    assert {key: journal.submitted(place)[key].cluster for key in after} == after
    assert len(list(place.returned_files())) == 1
    access.schedd.remove([second], "test")
    until(lambda: not access.schedd.dags("dag") and not access.schedd.of_campaign("dag"))
