"""A real queue remembers what the folder has lost; and its jobs are held, released and removed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import trial
from real_pool import until

from osgrepro.common.models import RunState
from osgrepro.pool import condor
from osgrepro.results import dataset
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results.collection import collect
from osgrepro.workflow.runs import jobs
from osgrepro.workflow.runs.all_jobs import act_on_all
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring.status import of_runs
from osgrepro.workflow.runs.monitoring.waiting import wait

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]

NOWHERE = 'OsgreproEP == "nowhere"'


@pytest.fixture
def schedd(pool):
    return condor.connect(pool.config)


@pytest.fixture
def made(pool, owned):
    root = owned("campaign")
    opened = trial.opened(root / "trial.runs")
    pool.expose(root)
    yield opened
    schedd = condor.connect(pool.config)
    clusters = [cluster.cluster for cluster in schedd.of_campaign("trial").values()]
    schedd.remove(clusters, "test")
    until(lambda: not schedd.of_campaign("trial"))


def test_no_run_is_sent_twice_whatever_the_folder_has_lost(pool, schedd, made, image, owned):
    pool.expose(image.parent)
    matrix = trial.expand(2, ("host", "threads4"))
    held = trial.expand(2, ("host", "threads4"), requirements=NOWHERE)
    delivery = trial.delivery(made, schedd, pool.enclosure.user)

    def again(into=made):
        given = trial.delivery(into, schedd, pool.enclosure.user)
        return submit(held, trial.images(image), given)

    assert submit(held, trial.images(image), delivery).runs == 4
    made.journal_file.unlink()
    done = again()
    assert (done.runs, [batch.count for batch in done.adopted]) == (0, [4])
    batch = done.adopted[0].batch
    (made.submission(batch) / "items.csv").write_bytes(b"")
    assert again().runs == 0
    second = trial.opened(owned("second") / "trial.runs")
    done = again(second)
    assert (done.runs, done.adopted, len(done.before.queued.abroad)) == (0, (), 1)
    shutil.rmtree(made.root)
    assert again(trial.opened(made.root)).runs == 0

    # Let them go: the jobs read what was written again, and their results are taken.
    there = "TARGET.OsgreproEP == MY.OsgreproHardware"
    schedd._schedd.edit('OsgreproCampaign == "trial"', "Requirements", there)
    assert wait(made, schedd).counts == {RunState.RETURNED: 4}
    assert collect(matrix, trial.images(image), made).taken == 4
    assert len(dataset.taken(made.dataset_file)) == 4


def test_jobs_are_held_released_and_removed_by_their_runs(pool, schedd, made, image):
    pool.expose(image.parent)
    matrix = trial.expand(
        3, ("host", "threads4"), requirements=NOWHERE, options={"max_idle": 4, "max_materialize": 4}
    )
    delivery = trial.delivery(made, trial.LateQueue(schedd), pool.enclosure.user)
    submit(matrix, trial.images(image), delivery)
    loaded = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=matrix)
    access = Access(schedd=schedd, pool=pool)
    until(lambda: sum(len(c.jobs) for c in schedd.of_campaign("trial").values()) == 4)

    def act(verb, which=loaded, **own):
        return jobs.act(which, made, access, verb, **own)

    acted = act("hold", states=("idle",))
    assert (len(acted.jobs), acted.unmade) == (6, 0)
    until(lambda: of_runs(matrix, made, schedd).counts.get(RunState.HELD) == 4)
    assert len(act("release", codes=(34,)).jobs) == 0
    assert len(act("release", codes=(1,)).jobs) == 4
    until(lambda: not of_runs(matrix, made, schedd).counts.get(RunState.HELD))

    # Another script: all of these are orphans of the folder, and removed as a whole.
    changed = trial.expand(3, ("host", "threads4"), sleep_s=1)
    assert len(jobs.look(changed, made, schedd).orphans) == 6
    other = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=changed)
    assert len(act("remove", other, states=("orphaned",)).jobs) == 6
    until(lambda: not schedd.of_campaign("trial"))
    assert of_runs(matrix, made, schedd).counts == {RunState.LOST: 6}


def test_with_all_a_cluster_is_held_released_and_removed_whatever_the_folder_has_lost(
    pool, schedd, made, image
):
    pool.expose(image.parent)
    matrix = trial.expand(
        3, ("host", "threads4"), requirements=NOWHERE, options={"max_idle": 4, "max_materialize": 4}
    )
    delivery = trial.delivery(made, trial.LateQueue(schedd), pool.enclosure.user)
    (batch,) = submit(matrix, trial.images(image), delivery).batches
    loaded = Loaded(source="trial.toml", path=Path("trial.toml"), matrix=matrix)
    access = Access(schedd=schedd, pool=pool)

    def jobs_made():
        return schedd.of_campaign("trial")[batch.batch].jobs

    def act(verb):
        return act_on_all(loaded, made, access, verb)[0].jobs

    until(lambda: len(jobs_made()) == 4)
    assert len(act("hold")) == 6
    until(lambda: of_runs(matrix, made, schedd).counts.get(RunState.HELD) == 4)
    assert len(act("release")) == 4
    until(lambda: not of_runs(matrix, made, schedd).counts.get(RunState.HELD))
    schedd.act("remove", [f"{batch.cluster}.0"], "test")
    until(lambda: 4 in jobs_made())  # it makes jobs again

    made.journal_file.unlink()
    (made.submission(batch.batch) / "items.csv").unlink()
    assert "" in act("remove").values()
    until(lambda: not schedd.of_campaign("trial"))


def test_a_held_job_that_releases_itself_is_waited_for(pool, schedd, made, image):
    pool.expose(image.parent)
    matrix = trial.expand(1, ("host",), requirements=NOWHERE)
    delivery = trial.delivery(made, trial.LateQueue(schedd), pool.enclosure.user)
    (batch,) = submit(matrix, trial.images(image), delivery).batches
    spec = made.submission(batch.batch) / "spec.json"
    content = spec.read_bytes()
    spec.unlink()
    there = "TARGET.OsgreproEP == MY.OsgreproHardware"
    until(lambda: schedd.of_campaign("trial")[batch.batch].jobs)
    schedd._schedd.edit('OsgreproCampaign == "trial"', "Requirements", there)
    seen = []

    def mend(tally):
        seen.append(tally.counts)
        if tally.counts == {RunState.HELD: 1} and not spec.exists():
            spec.write_bytes(content)

    assert wait(made, schedd, every=mend).counts == {RunState.RETURNED: 1}
    assert {RunState.HELD: 1} in seen
    assert wait(made, schedd, timeout_s=0).counts == {RunState.RETURNED: 1}
