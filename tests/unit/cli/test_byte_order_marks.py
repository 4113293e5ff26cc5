"""Text files as an editor of Windows saves them: every kind that a user hands in is read."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import exported
import pytest

from osgrepro.common import shipped

ENCODINGS = pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])


def resave(path: Path, encoding: str) -> None:
    """Write a text file anew in another encoding, with its mark."""
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))


@ENCODINGS
def test_a_campaign(osgrepro: Any, tmp_path: Path, encoding: str) -> None:
    file = exported.campaign(tmp_path / "home")
    resave(file, encoding)
    said = osgrepro("plan", str(file))
    assert (said.code, "mine: 1 experiments" in said.out) == (0, True), said.err


@ENCODINGS
def test_a_probe_campaign(osgrepro: Any, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "probe.toml"
    shutil.copy(shipped.folder("submit") / "probe.toml", file)
    resave(file, encoding)
    (tmp_path / "ads").write_text(
        'Name = "slot1@a"\nCpuFamily = 25\nCpuModelNumber = 1\nCpus = 4\n'
    )
    said = osgrepro("probe", str(file), "--per-class", "--ads", "ads")
    assert (said.code, "wrote" in said.err) == (0, True), said.err


@ENCODINGS
def test_a_twin(osgrepro: Any, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "mine.toml"
    shutil.copy(shipped.folder("twins") / "osg-2022.toml", file)
    resave(file, encoding)
    assert osgrepro("twin", "check", str(file)).code == 0


@ENCODINGS
def test_a_software_environment(osgrepro: Any, tmp_path: Path, encoding: str) -> None:
    file = exported.campaign(tmp_path)
    folder = tmp_path / "containers" / "tensorflow-2.8.0"
    shutil.copytree(shipped.folder("containers") / "tensorflow-2.8.0", folder)
    for name in ("container.toml", "requirements.txt"):
        resave(folder / name, encoding)
    said = osgrepro("plan", str(file))
    assert said.code == 0, said.err


@ENCODINGS
def test_an_archive(osgrepro: Any, tmp_path: Path, encoding: str) -> None:
    inside = tmp_path / "old" / "tf" / "cpu" / "7"
    inside.mkdir(parents=True)
    (inside / "a.csv").write_text(
        "date_time,epochs,test_loss,test_accuracy\n2022-07-11 18:30:11,2,0.25,0.5\n"
    )
    (inside / "a_system_info.yaml").write_text("cpu: 7\n")
    before = osgrepro("import", "old", "-o", "a.parquet", "--json")
    resave(inside / "a.csv", encoding)
    resave(inside / "a_system_info.yaml", encoding)
    after = osgrepro("import", "old", "-o", "a.parquet", "--json", "--force")
    assert (before.code, before.out) == (after.code, after.out)
    assert before.err == after.err


def test_what_its_mark_does_not_say_is_named(osgrepro: Any, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe[")
    said = osgrepro("plan", "c.toml")
    assert (said.code, "c.toml: not UTF-8 text: truncated data" in said.err) == (2, True), said.err
