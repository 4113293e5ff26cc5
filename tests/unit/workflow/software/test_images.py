"""Where a campaign's images are, and what is refused before anything is submitted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import sif_file

from osgrepro import campaign
from osgrepro.common.errors import ImageError, UsageError
from osgrepro.common.models import Campaign, Image
from osgrepro.workflow import loading
from osgrepro.workflow.software import images

REFERENCE = "osdf:///ospool/ap40/data/alice/tf-v1.sif"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def made(software: dict[str, Any], **submit: Any) -> Campaign:
    content = {
        "campaign": {"name": "c", "repeats": 1},
        "experiment": [
            {
                "name": "e",
                "entry": "experiments.mnist_convnet:run",
                "metrics": ["m"],
                "primary": "m",
            }
        ],
        "hardware": [{"name": "h"}],
        "software": [{"name": "tf", **software}],
        "submit": submit,
    }
    return campaign.parse(content, "c.toml")


def sif(path: Path, **own: Any) -> bytes:
    sif_file.write(path, {"bin": ("dir", 0o755, "")}, **own)
    return path.read_bytes()


def state(folder: Path, software: dict[str, Any], **submit: Any) -> images.ImageState:
    return images.states(made(software, **submit), folder)["tf"]


def test_an_image_of_the_catalogue_is_planned_until_it_is_built(tmp_path: Path) -> None:
    found = state(tmp_path, {"container": "tensorflow-2.8.0"})
    assert found.image is None
    assert found.plan is not None
    assert found.location == str(found.plan.sif)
    with pytest.raises(UsageError, match="is not there"):
        images.ready(made({"container": "tensorflow-2.8.0"}), tmp_path, {"tf"})


def test_a_catalogue_beside_the_campaign_comes_first(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no software environment 'mine'"):
        state(tmp_path, {"container": "mine"})
    own = tmp_path / "containers" / "mine"
    own.mkdir(parents=True)
    (own / "container.toml").write_text(
        'why = "mine"\ntensorflow = "2.8.0"\npython = "3.8.10"\n'
        '[base]\nkind = "docker"\nreference = "me/mine:1"\n'
    )
    assert state(tmp_path, {"container": "mine"}).plan is not None


def test_a_finished_image_is_digested_where_it_lies(tmp_path: Path) -> None:
    content = sif(tmp_path / "tf.sif")
    found = state(tmp_path, {"image": "tf.sif"}).image
    sha256 = hashlib.sha256(content).hexdigest()
    path = str(tmp_path / "tf.sif")
    assert found == Image(software="tf", location=path, sha256=sha256, file=path)


def test_a_finished_image_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert state(tmp_path, {"image": "tf.sif"}).image is None
    with pytest.raises(ImageError, match=r"there is no image .*tf\.sif"):
        images.build(made({"image": "tf.sif"}), tmp_path)


def test_an_image_for_another_architecture_is_refused(tmp_path: Path) -> None:
    sif(tmp_path / "tf.sif", architecture=b"04")
    with pytest.raises(UsageError, match="an image for arm64, and runs are submitted for amd64"):
        state(tmp_path, {"image": "tf.sif"})


def test_a_file_that_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tf.sif").write_text("text")
    with pytest.raises(UsageError, match=r"not an Apptainer image \(SIF\)"):
        state(tmp_path, {"image": "tf.sif"})


def test_an_image_with_another_digest_than_declared_is_refused(tmp_path: Path) -> None:
    content = sif(tmp_path / "tf.sif")
    right = hashlib.sha256(content).hexdigest()
    assert state(tmp_path, {"image": "tf.sif", "sha256": right}).image is not None
    with pytest.raises(UsageError, match=f"has the sha256 {right}, but the campaign says ffff"):
        state(tmp_path, {"image": "tf.sif", "sha256": "f" * 64})


def test_a_remote_image_has_the_digest_that_the_campaign_declares(tmp_path: Path) -> None:
    registries = ("docker://tensorflow/tensorflow:2.8.0", "oras://ghcr.io/me/tf:1")
    for location in (REFERENCE, *registries, "/cvmfs/images.org/tf:latest"):
        assert state(tmp_path, {"image": location}).image == Image(
            software="tf", location=location, sha256=None
        )
        declared = state(tmp_path, {"image": location, "sha256": "e" * 64}).image
        assert declared is not None
        assert declared.sha256 == "e" * 64


def test_with_staging_condor_gets_a_name_in_osdf_that_carries_the_digest(tmp_path: Path) -> None:
    content = sif(tmp_path / "tf.sif")
    digits = hashlib.sha256(content).hexdigest()[:12]
    staging = "osdf:///ospool/ap40/data/alice/"
    found = state(tmp_path, {"image": "tf.sif"}, staging=staging)
    assert found.location == f"{staging}tf-{digits}.sif"
    assert found.image is not None
    assert found.image.location == found.location
    assert images.here(found.image).location == found.image.file == str(tmp_path / "tf.sif")
    unbuilt = state(tmp_path, {"container": "tensorflow-2.8.0"}, staging=staging)
    assert unbuilt.plan is not None
    assert unbuilt.location == str(unbuilt.plan.sif)


def test_a_mini_pool_can_only_have_what_is_on_this_machine() -> None:
    with pytest.raises(UsageError, match="the mini-pool does not reach OSDF"):
        images.here(Image(software="tf", location=REFERENCE, sha256=None))


def test_bases_that_a_registry_may_change_are_told() -> None:
    loaded = loading.load("osg-2022")
    told = list(images.doubts(images.states(loaded.campaign, loaded.path.parent).values()))
    assert len(told) == 4
    assert all("by its tag: not pinned" in one and "base.digest" in one for one in told)
    demo = loading.load("demo")
    assert not list(images.doubts(images.states(demo.campaign, demo.path.parent).values()))


def test_an_image_that_nobody_sees_is_told_before_it_is_sent(tmp_path: Path) -> None:
    docker = state(tmp_path, {"image": "docker://python:3.11"})
    told = " ".join(images.doubts([docker]))
    assert "not seen from here" in told
    assert "named by a tag" in told
    (gone,) = images.doubts([state(tmp_path, {"image": "gone.sif"})])
    assert "gone.sif is not there; put the SIF file there" in gone
