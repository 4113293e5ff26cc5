"""An image may not change under a submitted campaign; results are judged by the first one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import trial
from fakes import FakeQueue

from osgrepro.common.errors import UsageError, WorkspaceError
from osgrepro.common.models import Image
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.software import pinned_images

FIRST = Image(software="tf", location="/i/tf.sif", sha256="a" * 64, labels={"x": "1"})
CHANGED = replace(FIRST, sha256="b" * 64)
MATRIX = trial.expand(1, ("host",))


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return trial.opened(tmp_path / "trial.runs")


def test_a_changed_image_is_refused_and_nothing_is_submitted(made: Workspace) -> None:
    queue = FakeQueue()
    submit(MATRIX, {"tf": FIRST}, trial.delivery(made, queue, None))
    (key,) = queue.clusters
    queue.set(key, 0, None)

    with pytest.raises(UsageError, match=r"aaaaaaaaaaaa when .* is bbbbbbbbbbbb") as caught:
        submit(MATRIX, {"tf": CHANGED}, trial.delivery(made, queue, None))

    assert "name of its own" in caught.value.hint
    assert len(queue.descriptions) == 1
    assert submit(MATRIX, {"tf": FIRST}, trial.delivery(made, queue, None)).runs == 1


def test_nothing_is_remembered_of_an_environment_that_was_not_submitted(made: Workspace) -> None:
    pinned_images.pin(made, {"tf": FIRST})
    pinned_images.pin(made, {"other": replace(FIRST, software="other", sha256="c" * 64)})
    assert made.images() == {"tf": "a" * 64, "other": "c" * 64}


def test_an_image_without_a_digest_is_not_compared_and_is_remembered_once_it_has_one(
    made: Workspace,
) -> None:
    pinned_images.pin(made, {"tf": replace(FIRST, sha256=None)})
    assert made.images() == {}
    pinned_images.pin(made, {"tf": FIRST})
    pinned_images.pin(made, {"tf": replace(FIRST, sha256=None)})
    assert made.images() == {"tf": "a" * 64}


def test_results_are_judged_by_the_image_of_the_first_submission(made: Workspace) -> None:
    assert pinned_images.settled(made, {"tf": CHANGED}) == {"tf": CHANGED}
    pinned_images.pin(made, {"tf": FIRST})
    assert pinned_images.settled(made, {"tf": FIRST}) == {"tf": FIRST}
    assert pinned_images.settled(made, {"tf": CHANGED})["tf"].sha256 == "a" * 64
    assert pinned_images.settled(made, {"tf": CHANGED})["tf"].labels == {}


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_damaged_memory_is_an_expected_error(made: Workspace, content: str) -> None:
    made.images_file.write_text(content)
    with pytest.raises(WorkspaceError, match=r"images\.json: can't be read"):
        pinned_images.compare(made, {"tf": FIRST})
