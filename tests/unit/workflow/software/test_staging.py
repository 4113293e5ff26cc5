"""An image in OSDF has a name that tells its content, and one command that puts it there whole."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from osgrepro.common.errors import UsageError
from osgrepro.common.models import Image
from osgrepro.workflow.software import staging
from osgrepro.workflow.software.staging import Staged

FOLDER = "osdf:///ospool/ap40/data/alice"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Where an access point would show OSDF's origin."""
    folder = tmp_path / "root/ospool/ap40/data/alice"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def image(tmp_path: Path) -> Image:
    file = tmp_path / "my images" / "tf.sif"
    file.parent.mkdir()
    file.write_bytes(b"an image")
    sha256 = "ba2af4b2bee9e7f8ec1d4aa7f6e4ff6ee0d5c3fa9f0b8bff42fbe0b1e4d2d1aa"
    url = staging.location(FOLDER, "tf", sha256)
    return Image(software="tf", location=url, sha256=None, file=str(file))


def test_the_name_carries_the_digest_whatever_the_folder_ends_in() -> None:
    for folder in (FOLDER, f"{FOLDER}/"):
        assert staging.location(folder, "tf-2.8.0", "0123456789abcdef" * 4) == (
            f"{FOLDER}/tf-2.8.0-0123456789ab.sif"
        )


def test_an_access_point_shows_the_url_as_a_path() -> None:
    assert staging.mounted(f"{FOLDER}/tf.sif") == Path("/ospool/ap40/data/alice/tf.sif")


def test_where_no_origin_is_shown_nothing_is_claimed(image: Image, tmp_path: Path) -> None:
    assert staging.look(image, root=tmp_path / "elsewhere") is Staged.UNSEEN
    with pytest.raises(UsageError, match="not seen from here") as caught:
        staging.require([image], root=tmp_path / "elsewhere")
    assert staging.command(image) in caught.value.hint
    assert "--unseen" in caught.value.hint
    staging.require([image], unseen=True, root=tmp_path / "elsewhere")


def test_vouching_does_not_help_where_this_machine_sees(
    image: Image, origin: Path, root: Path
) -> None:
    with pytest.raises(UsageError, match="not there"):
        staging.require([image], unseen=True, root=root)


def test_a_folder_in_cvmfs_is_looked_for_and_a_registry_never(root: Path) -> None:
    folder = "/cvmfs/singularity.opensciencegrid.org/htc/rocky:9"
    image = Image(software="r", location=folder, sha256=None)
    with pytest.raises(UsageError, match="not seen from here"):
        staging.require([image], root=root)
    (root / "cvmfs").mkdir(parents=True)
    assert staging.look(image, root=root) is Staged.MISSING
    with pytest.raises(UsageError, match="not there"):
        staging.require([image], root=root)
    (root / folder[1:]).mkdir(parents=True)
    staging.require([image], root=root)
    for registry in ("docker://python:3.12", "oras://ghcr.io/x/y:1"):
        tagged = Image(software="r", location=registry, sha256=None)
        assert staging.look(tagged, root=root) is Staged.UNSEEN
        staging.require([tagged], root=root)


def test_a_missing_image_is_refused_with_the_command(
    image: Image, origin: Path, root: Path
) -> None:
    assert staging.look(image, root=root) is Staged.MISSING
    with pytest.raises(UsageError, match="is not there") as caught:
        staging.require([image], root=root)
    assert staging.command(image) in caught.value.hint


def test_the_command_does_what_it_is_for(image: Image, origin: Path, root: Path) -> None:
    command = staging.command(image).replace("/ospool/", f"{root}/ospool/")
    subprocess.run(["sh", "-ec", command], check=True)

    assert [path.name for path in origin.iterdir()] == [image.location.rpartition("/")[2]]
    assert staging.look(image, root=root) is Staged.THERE
    staging.require([image], root=root)


def test_another_pool_has_pelicans_command(image: Image) -> None:
    other = Image(software="tf", location="osdf:///chtc/x/tf.sif", sha256=None, file="/i/tf.sif")
    assert staging.command(other) == "pelican object put /i/tf.sif osdf:///chtc/x/tf.sif"


def test_a_name_is_not_used_again_for_other_content(
    image: Image, origin: Path, root: Path, tmp_path: Path
) -> None:
    there = origin / image.location.rpartition("/")[2]
    there.write_bytes(b"half")
    assert staging.look(image, root=root) is Staged.OTHER

    there.write_bytes(b"as long.")  # the size alone does not tell
    known = Image(software="tf", location=image.location, sha256="a" * 64, file=image.file)
    assert staging.look(known, root=root) is Staged.OTHER
    with pytest.raises(UsageError, match="this name can't be used again"):
        staging.require([known], root=root)
