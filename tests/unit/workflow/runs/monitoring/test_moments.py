"""Several steps ask one queue, which is asked once."""

from __future__ import annotations

import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring.moments import Moment

MATRIX = trial.expand(2)
IMAGES = trial.images("/images/tf.sif")


def test_what_was_said_once_is_not_asked_again(queue: FakeQueue) -> None:
    moment = Moment(queue)
    queue.running_dags = (7,)
    assert moment.dags("trial") == (7,)
    queue.running_dags = ()
    assert (moment.dags("trial"), moment.of_campaign("trial")) == ((7,), {})
    assert queue.asked == 1
    assert moment.dags("former") == ()
    assert queue.asked == 2


def test_a_submission_asks_the_queue_once(made: Workspace, queue: FakeQueue) -> None:
    for times in (1, 2):
        submit(MATRIX, IMAGES, trial.delivery(made, queue, None, open_log=FakeLogs().open))
        assert queue.asked == times
