"""What ``build`` and ``images`` are asked for, by name, by folder or by campaign."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sif_file

from osgrepro.common.errors import UsageError
from osgrepro.workflow.software import environments

OWN = """
why = "mine"
tensorflow = "2.8.0"
python = "3.8.10"
[base]
kind = "docker"
reference = "me/mine:1"
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "containers" / "mine"
    folder.mkdir(parents=True)
    (folder / "container.toml").write_text(OWN)
    return folder


def names(words: list[str], folder: Path) -> tuple[list[str], list[str]]:
    asked = environments.targets(words, folder)
    return [loaded.campaign.name for loaded in asked.campaigns], [c.name for c in asked.containers]


def test_words_name_campaigns_environments_and_folders(own: Path, tmp_path: Path) -> None:
    words = ["demo", "tensorflow-2.8.0", "mine", "containers/mine", "tensorflow-2.8.0"]
    assert names(words, tmp_path) == (["demo"], ["tensorflow-2.8.0", "mine"])


def test_a_word_that_names_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="tensorflow-1: neither a campaign nor a software"):
        environments.targets(["demo", "tensorflow-1"], tmp_path)


def test_the_list_has_every_environment_and_what_is_known_of_its_image(
    own: Path, tmp_path: Path
) -> None:
    found = {entry.container.name: entry for entry in environments.entries(tmp_path)}
    assert {"mine", "tensorflow-2.8.0", "ngc-22.06"} <= found.keys()
    assert not any(entry.image_facts for entry in found.values())

    sif = found["mine"].plan.sif
    sif.parent.mkdir(parents=True)
    sif.write_bytes(b"image")
    facts = sif.stat()
    lock = {
        "sha256": "a" * 64,
        "labels": {},
        "size_bytes": facts.st_size,
        "mtime_ns": facts.st_mtime_ns,
    }
    sif.with_suffix(".json").write_text(json.dumps(lock))

    again = environments.entries(tmp_path)
    assert {entry.container.name for entry in again if entry.image_facts} == {"mine"}
    assert environments.left_over(again) == []


def test_images_of_former_definitions_are_told_apart(cache: Path, tmp_path: Path) -> None:
    old = cache / "images" / "tensorflow-2.8.0-000000000000.sif"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    assert environments.left_over(environments.entries(tmp_path)) == [old]


def test_what_is_to_be_staged_is_told(tmp_path: Path) -> None:
    sif_file.write(tmp_path / "tf.sif", {})
    (tmp_path / "c.toml").write_text(
        '[campaign]\nname = "c"\nrepeats = 1\n'
        '[[experiment]]\nname = "e"\nentry = "experiments.mnist_convnet:run"\n'
        'metrics = ["test_loss"]\nprimary = "test_loss"\n'
        '[[hardware]]\nname = "h"\n[[software]]\nname = "tf"\nimage = "tf.sif"\n'
        '[submit]\nstaging = "osdf:///nowhere-here/alice"\n'
    )
    ((image, state),) = environments.unstaged(environments.targets(["c.toml"], tmp_path))
    assert image.location.startswith("osdf:///nowhere-here/alice/tf-")
    assert state is environments.Staged.UNSEEN
