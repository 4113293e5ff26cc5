"""The commands about a pool's hardware, on a saved file of ads."""

from __future__ import annotations

import json
from pathlib import Path

import machine_ads
import pytest

from osgrepro.common import toml


@pytest.fixture
def ads(tmp_path: Path) -> str:
    path = tmp_path / "ads.json"
    path.write_text(json.dumps(list(machine_ads.pool(300))))
    return str(path)


def test_the_list_has_every_class_and_counts_the_slots(osgrepro, ads: str) -> None:
    listed = json.loads(osgrepro("hardware", "list", "--ads", ads, "--json").out)
    assert sum(one["slots"] for one in listed) == 300
    said = osgrepro("hardware", "list", "--ads", ads)
    assert said.code == 0
    assert all(one["name"] in said.out for one in listed)
    assert f"{len(listed)} classes, 300 slots" in said.err


def test_the_list_of_one_kind_has_the_others_not(osgrepro, ads: str) -> None:
    parts = [
        json.loads(osgrepro("hardware", "list", "--ads", ads, "--json", kind).out)
        for kind in ("--gpu", "--cpu")
    ]
    assert all(one["gpus"] for one in parts[0])
    assert not any(one["gpus"] for one in parts[1])
    assert sum(one["slots"] for part in parts for one in part) == 300


def test_a_class_is_shown_with_what_selects_it(osgrepro, ads: str) -> None:
    (first, *_) = json.loads(osgrepro("hardware", "list", "--ads", ads, "--json").out)
    said = osgrepro("hardware", "show", first["name"], "--ads", ads)
    assert said.code == 0
    assert f"requirements = {first['requirements']}" in said.out
    assert all(f"{site}: {slots} slots" in said.out for site, slots in first["sites"].items())
    assert all(slot in said.out for slot in first["samples"])
    as_json = osgrepro("hardware", "show", first["name"], "--ads", ads, "--json").out
    assert json.loads(as_json) == first


def test_a_proposal_goes_to_the_file_and_says_what_it_leaves_out(
    osgrepro, ads: str, tmp_path: Path
) -> None:
    said = osgrepro("hardware", "propose", "4", "--ads", ads, "--out", "new.toml")
    assert (said.code, said.out) == (0, "wrote 4 hardware environments to new.toml\n")
    tables = toml.loads((tmp_path / "new.toml").read_text(), "new.toml")["hardware"]
    assert len({table["name"] for table in tables}) == 4
    assert "left out:" in said.err
    printed = osgrepro("hardware", "propose", "4", "--ads", ads)
    assert toml.loads(printed.out, "new.toml")["hardware"] == tables


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("list", "--ads", "none.json"), "none.json: No such file"),
        (("show", "nothing-like-it", "--ads", "ADS"), "no such hardware class"),
        (("propose", "2", "--gpu", "--ads", "FEW"), "no class with GPUs"),
        (("propose", "0", "--ads", "ADS"), "Usage:"),
        (("propose", "2", "--ads", "ADS", "--out", "ads.json"), "already exists"),
    ],
)
def test_mistakes_are_messages(
    osgrepro, ads: str, tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    few = tmp_path / "few.json"
    few.write_text('[{"Name": "slot1@a"}]')
    words = {"ADS": ads, "FEW": str(few)}
    done = osgrepro("hardware", *(words.get(word, word) for word in argv))
    assert done.code == 2
    assert said in done.err
