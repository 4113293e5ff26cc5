"""An image travels at most once for each execution point and cluster, by the pool's own records."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
import tiny_image
import trial

from osgrepro.common.models import RunState
from osgrepro.pool import condor
from osgrepro.results import dataset
from osgrepro.workflow.results.collection import collect
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.journal import submitted
from osgrepro.workflow.runs.monitoring.transfers import transfers
from osgrepro.workflow.runs.monitoring.waiting import wait

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]

REPEATS = 5


@pytest.fixture(scope="module")
def shared(pool):
    """A folder that the pool sees and its user may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="osgrepro-"))
    folder.chmod(0o755)
    pool.expose(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def image(pool, shared):
    folder = shared / "image"
    folder.mkdir()
    # Large enough that nothing else could be taken for it.
    return tiny_image.build(tiny_image.PYTHON, folder, pool.enclosure)


@pytest.fixture(scope="module")
def schedd(pool):
    return condor.connect(pool.config)


class Ran:
    """A campaign that ran: its folder, and what the access point said of it all along."""

    def __init__(self, pool, schedd, folder, image, **options):
        self.schedd, self.image = schedd, image
        self.place = trial.opened(folder)
        self.matrix = trial.expand(REPEATS, options=options)
        delivery = trial.delivery(self.place, schedd, pool.enclosure.user)
        submit(self.matrix, trial.images(image), delivery)
        self.meanwhile = [self.moved()]
        tally = wait(self.place, schedd, every=lambda _: self.meanwhile.append(self.moved()))
        assert tally.counts == {RunState.RETURNED: len(self.matrix.runs)}

    def moved(self):
        return [one.transfers for one in transfers(self.place, self.schedd)]

    def jobs_by_ep(self):
        """How many jobs of a cluster each execution point ran, as the results themselves say."""
        taken = collect(self.matrix, trial.images(self.image), self.place)
        assert taken.taken == len(self.matrix.runs)
        rows = dataset.read(self.place.dataset_file).to_pylist()
        return Counter((row["cluster"], row["execution_point"]) for row in rows)

    def journeys(self):
        """How often the image went to which execution point, for which cluster."""
        image_bytes = self.image.stat().st_size
        journeys = Counter()
        for batch in submitted(self.place).values():
            where = f"ClusterId == {batch.cluster}"
            for ad in self.schedd.stagings(where, []):
                if ad["CedarSizeBytes"] >= image_bytes:
                    journeys[batch.cluster, ad["RemoteHost"].split("@")[1]] += 1
            names = ["LastRemoteHost", "BytesRecvd"]
            for ad in self.schedd.history(where, names, -1):
                if ad["BytesRecvd"] >= image_bytes:
                    journeys[batch.cluster, ad["LastRemoteHost"].split("@")[1]] += 1
        return journeys


@pytest.fixture(scope="module")
def common(pool, schedd, shared, image):
    return Ran(pool, schedd, shared / "common.runs", image)


@pytest.fixture(scope="module")
def late(pool, schedd, shared, image):
    return Ran(pool, schedd, shared / "late.runs", image, max_idle=4, max_materialize=8)


def test_the_image_travels_once_for_each_execution_point_and_cluster(common):
    jobs = common.jobs_by_ep()
    assert sorted(jobs.values()) == [REPEATS] * 4
    assert common.journeys() == dict.fromkeys(jobs, 1)


def test_jobs_receive_nothing_of_what_is_staged_for_all_of_them(common):
    image_bytes = common.image.stat().st_size
    moved = common.moved()
    assert [(one.jobs, one.eps) for one in moved] == [(3 * REPEATS, 3), (REPEATS, 1)]
    for one in moved:
        # The image is one staging, the payload and the specification are another.
        assert (one.stagings, one.repeated) == (2 * one.eps, 0)
        assert one.eps * image_bytes < one.staged_bytes < one.eps * image_bytes * 1.1
        assert one.received_bytes == 0
        assert 0 < one.sent_bytes < image_bytes
        assert list(one.plugins) == ["cedar"]
        assert (one.unrecorded_jobs, one.unrecorded_eps) == (0, 0)


def test_a_cluster_that_is_materialized_late_carries_the_image_to_every_job(late):
    # The proof above would see it, were the image sent more often.
    jobs = late.jobs_by_ep()
    assert late.journeys() == jobs
    assert min(jobs.values()) > 1
    image_bytes = late.image.stat().st_size
    for one in late.moved():
        assert (one.stagings, one.staged_bytes) == (0, 0)
        assert one.received_bytes > one.jobs * image_bytes
        assert (one.unrecorded_jobs, one.unrecorded_eps) == (0, 0)


@pytest.mark.parametrize("ran", ["common", "late"])
def test_no_job_is_lost_sight_of_while_it_is_on_its_way(ran, request):
    seen = request.getfixturevalue(ran).meanwhile
    assert len(seen) > 3
    assert all(one.unrecorded_jobs == 0 for moved in seen for one in moved)
    received = [sum(one.received_bytes for one in moved) for moved in seen]
    assert received == sorted(received)
