"""``doctor``: a line a check, an exit code, and a repair that loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from osgrepro.common import parts


@pytest.fixture
def place(osgrepro: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the campaign demo, on a machine without a pool."""
    (tmp_path / "config").write_text("")
    monkeypatch.setenv("CONDOR_CONFIG", str(tmp_path / "config"))
    assert osgrepro("data", "demo", "--workspace", "w").code == 0
    return tmp_path / "w"


def checks(osgrepro: Any, *options: str) -> tuple[int, dict[str, dict[str, str]], list[str]]:
    """Return the exit code, the worst check of each subject, and what was fixed."""
    said = osgrepro("doctor", "demo", "--workspace", "w", "--json", *options)
    document = json.loads(said.out)
    order = ("ok", "warning", "fault")
    ordered = sorted(document["checks"], key=lambda check: order.index(check["level"]))
    return said.code, {check["subject"]: check for check in ordered}, document["fixed"]


def test_a_sound_folder_has_no_fault(osgrepro: Any, place: Path) -> None:
    before = sorted(path.name for path in place.iterdir())
    code, told, fixed = checks(osgrepro)
    assert (code, fixed) == (0, [])
    sound = (
        "folder",
        "lock",
        "journal",
        "leftovers",
        "dataset",
        "rejected",
        "rights",
        "quota",
        "data",
    )
    assert {told[subject]["level"] for subject in sound} == {"ok"}
    assert told["images"]["todo"] == "osgrepro build demo"
    assert told["pool"]["level"] == "warning"
    assert sorted(path.name for path in place.iterdir()) == before


def test_every_line_says_how_bad_it_is_and_what_to_do(osgrepro: Any, place: Path) -> None:
    (place / "dataset.parquet").write_text("nonsense")
    said = osgrepro("doctor", "demo", "--workspace", "w")
    assert said.code == 1
    assert {line.split()[0] for line in said.out.splitlines()} == {"ok", "warning", "fault"}
    (line,) = (line for line in said.out.splitlines() if line.startswith("fault"))
    path = place / "dataset.parquet"
    assert line.endswith(f"→ mv {path} {path}.damaged && osgrepro collect demo --workspace w")


def test_every_command_that_it_suggests_can_be_pasted(osgrepro: Any, place: Path) -> None:
    (place / "journal.jsonl").write_text("[1]\n")
    (place / "rejected.parquet").write_text("nonsense")
    told = checks(osgrepro)[1]
    todos = [check["todo"] for check in told.values() if "osgrepro " in check["todo"]]
    commands = [todo.partition("osgrepro ")[2].partition("`")[0] for todo in todos]
    assert len(commands) >= 4
    for words in commands:
        verb, *options = words.split()
        said = osgrepro(verb, "--help")
        assert said.code == 0
        assert all(option in said.out for option in options if option.startswith("--"))


def test_a_campaign_that_was_never_submitted_is_checked_too(osgrepro: Any, tmp_path: Path) -> None:
    said = osgrepro("doctor", "demo", "--workspace", "new", "--fix")
    assert "nothing was submitted yet" in said.out
    assert not (tmp_path / "new").exists()


def test_fix_mends_what_loses_nothing(osgrepro: Any, place: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    name = parts.part_of(place / "dataset.parquet").name.partition("@")[2]
    left = place / f".dataset.parquet.{dead.pid}@{name}"
    left.write_bytes(b"half")
    (place / "cache").mkdir()
    (place / "cache" / "a.json").write_text("{")
    (place / "journal.jsonl").write_text('[1]\n{"event": "abort", "batch": "a"}\n')
    code, told, _ = checks(osgrepro)
    assert code == 0
    assert {told["leftovers"]["level"], told["journal"]["level"]} == {"warning"}
    assert told["journal"]["todo"] == "osgrepro doctor demo --workspace w --fix"
    code, told, fixed = checks(osgrepro, "--fix")
    assert (code, len(fixed)) == (0, 2)
    assert {told["leftovers"]["level"], told["journal"]["level"]} == {"ok"}
    assert not left.exists()
    assert (place / "journal.damaged.jsonl").read_text() == "[1]\n"
    assert checks(osgrepro, "--fix")[2] == []


def test_another_campaigns_folder_is_a_fault_and_not_touched(osgrepro: Any, place: Path) -> None:
    identity = place / "campaign.json"
    identity.write_text(identity.read_text().replace("demo", "theirs"))
    code, told, _ = checks(osgrepro)
    assert (code, told["folder"]["level"]) == (1, "fault")
    assert "journal" not in told
    assert osgrepro("doctor", "demo", "--workspace", "w", "--fix").code == 2


@pytest.mark.parametrize(
    ("free", "level"), [(10**12, "ok"), (10**9, "warning"), (10**6, "fault"), (None, "ok")]
)
def test_little_room_is_told(
    osgrepro: Any, place: Path, monkeypatch: pytest.MonkeyPatch, free: int | None, level: str
) -> None:
    monkeypatch.setattr(parts, "free_bytes", lambda _path: free)
    code, told, _ = checks(osgrepro)
    assert (code, told["space"]["level"]) == (level == "fault", level)


def test_a_quota_that_is_used_up_is_a_fault(
    osgrepro: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _content: bytes) -> int:
        raise OSError(122, "Disk quota exceeded")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    code, told, _ = checks(osgrepro)
    assert (code, told["quota"]["level"]) == (1, "fault")
    assert "Disk quota exceeded" in told["quota"]["text"]
