"""``build``, ``build --check`` and ``images`` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sif_file

from osgrepro.software.apptainer import Check, Difference
from osgrepro.workflow.software import builders

CAMPAIGN = """
[campaign]
name = "c"
repeats = 1
[[experiment]]
name = "e"
entry = "experiments.mnist_convnet:run"
metrics = ["test_loss"]
primary = "test_loss"
[[hardware]]
name = "h"
[[software]]
name = "mine"
image = "mine.sif"
[submit]
staging = "osdf:///ospool-of-nowhere/alice"
"""


def lock(digit: str, content: str) -> dict[str, str]:
    return {"sha256": digit * 64, "content_sha256": content * 64}


def test_images_are_listed_with_what_is_known_of_each(osgrepro) -> None:
    said = osgrepro("images")
    assert said.code == 0
    row = next(line for line in said.out.splitlines() if line.startswith("tensorflow-2.9.1 "))
    assert row.split() == ["tensorflow-2.9.1", "tensorflow", "2.9.1", "3.9.2", "not", "built"]


def test_images_as_json_have_every_environment(osgrepro) -> None:
    found = {entry["software"]: entry for entry in json.loads(osgrepro("images", "--json").out)}
    assert found["tensorflow-2.8.0"]["sha256"] is None
    assert found["keras3-jax"]["backend"] == "jax"
    assert found["ngc-22.06"]["cudnn"] == "8.4.1"


def test_a_target_that_is_nothing_is_exit_2(osgrepro) -> None:
    said = osgrepro("build", "tensorflow-99")
    assert said.code == 2
    assert "tensorflow-99: neither a campaign nor a software environment" in said.err


def test_a_check_that_agrees_says_so(osgrepro, monkeypatch: pytest.MonkeyPatch) -> None:
    same = Check(first=lock("a", "c"), second=lock("a", "c"), differences=())
    monkeypatch.setattr(builders, "check", lambda _plan, _notify: same)
    said = osgrepro("build", "--check", "tensorflow-2.8.0")
    assert said.code == 0
    assert f"tensorflow-2.8.0: two builds are the same inside: content {'c' * 64}" in said.out
    assert "the image files, too" in said.out


def test_a_check_that_differs_names_the_paths_and_fails(
    osgrepro, monkeypatch: pytest.MonkeyPatch
) -> None:
    differences = tuple(
        Difference(path=f"usr/{number:02}", first="-rw-r--r-- 1", second=None)
        for number in range(23)
    )
    other = Check(first=lock("a", "c"), second=lock("b", "d"), differences=differences)
    monkeypatch.setattr(builders, "check", lambda _plan, _notify: other)
    said = osgrepro("build", "--check", "tensorflow-2.8.0", "tensorflow-2.9.1")
    assert said.code == 1
    assert "usr/19: -rw-r--r-- 1 | missing\n  … and 3 more" in said.out
    assert "tensorflow-2.9.1: two builds differ" in said.out
    said = osgrepro("build", "--check", "tensorflow-2.8.0", "--json")
    assert said.code == 1
    (checked,) = json.loads(said.out)
    assert (checked["same_contents"], checked["same_bytes"]) == (False, False)
    assert checked["content_sha256"] == ["c" * 64, "d" * 64]
    assert len(checked["differences"]) == 23


def test_a_build_says_how_to_stage(osgrepro, tmp_path: Path) -> None:
    sif_file.write(tmp_path / "mine.sif", {})
    (tmp_path / "c.toml").write_text(CAMPAIGN)
    said = osgrepro("build", "c.toml")
    assert said.code == 0
    assert "mine: not seen from here; on the access point, stage it with" in said.out
    assert (
        f"pelican object put {tmp_path}/mine.sif osdf:///ospool-of-nowhere/alice/mine-" in said.out
    )
    (image,) = json.loads(osgrepro("build", "c.toml", "--json").out)
    assert (image["software"], image["unstaged"]) == ("mine", "not seen from here")
    assert image["stage_with"] in said.out
    assert len(image["sha256"]) == 64
