"""What a submission says before it begins: doubts of images, and options in vain."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import program_campaign
import pytest
from fakes import FakeQueue

from osgrepro.common.errors import CampaignError, UsageError
from osgrepro.common.models import Image
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import submitting, workspaces


def access(pool: object) -> Any:
    return SimpleNamespace(pool=pool)


def test_an_image_of_a_registry_is_doubted(tmp_path: Path) -> None:
    told = list(
        submitting.doubts(
            program_campaign.write(tmp_path, image="docker://python:3.11"), access(None)
        )
    )
    assert [any(words in one for one in told) for words in ("not seen from here", "by a tag")] == [
        True,
        True,
    ]


def test_unseen_in_vain_is_told_on_the_mini_pool_alone(tmp_path: Path) -> None:
    campaign = program_campaign.write(tmp_path, image="docker://python@sha256:" + "a" * 64)
    here = list(submitting.doubts(campaign, access(object()), unseen=True))
    assert "--unseen has no effect" in here[-1]
    assert not any("--unseen" in one for one in submitting.doubts(campaign, access(None)))


def test_an_image_of_ones_own_that_is_missing_is_not_built(tmp_path: Path) -> None:
    campaign = program_campaign.write(tmp_path, image="gone.sif")
    with pytest.raises(UsageError, match="is not there") as caught:
        submitting.submit(campaign, None, access(None))  # type: ignore[arg-type]
    assert "put the SIF file there" in caught.value.hint
    assert "osgrepro build" not in caught.value.hint


@pytest.mark.parametrize("name", ["a,b", "it's", "a$(x)"])
def test_the_dry_run_refuses_a_folder_that_condor_cannot_take_and_nothing_is_made(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "x.sif").touch()
    found = program_campaign.write(tmp_path / name, image="x.sif")
    place = workspaces.look(found)
    image = Image(software="py", location="/x.sif", sha256=None)
    queue: Any = FakeQueue()
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submitting, "_images", lambda *_, **__: {"py": image})
        for verb in (submitting.rehearse, submitting.submit):
            with pytest.raises(CampaignError) as told:
                verb(found, place, Access(schedd=queue, pool=None))
            said.append(told.value.message)
    assert said[0] == said[1]
    assert not place.root.exists()
