"""Mutants are drawn from the room that was named, and meet the tests of their own module."""

from __future__ import annotations

import configparser
import sys
from pathlib import Path

import pytest
from paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import mutants

TABLE = """# Contributing

| `osgrepro/pool/` | all | `tests/unit/wrong.py` | stands before the table |

## Modules without a test file of their name

| folder | modules | tested in | because |
| --- | --- | --- | --- |
| `osgrepro/pool/` | `first`, `second` | `tests/unit/test_b.py`, `tests/unit/test_a.py` | a pair |
| `osgrepro/pool/`, `osgrepro/runs/` | all | `tests/unit/pool/`, `tests/pool/test_c.py` | a thing |
| `osgrepro/cli/` | all | `tests/pool/test_c.py` | a real pool |
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in ("pool/first", "pool/other", "pool/inner/_deep", "cli/app"):
        path = tmp_path / "osgrepro" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    own = tmp_path / "tests" / "unit" / "pool" / "inner" / "test_deep.py"
    own.parent.mkdir(parents=True)
    own.write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("module", "tests"),
    [
        ("pool/inner/_deep", ["tests/unit/pool/inner/test_deep.py"]),
        ("pool/first", ["tests/unit/test_a.py", "tests/unit/test_b.py"]),
        ("pool/other", ["tests/unit/pool/"]),
        ("runs/other", ["tests/unit/pool/"]),
        ("cli/app", []),
        ("report/unknown", []),
    ],
)
def test_a_module_has_its_own_test_file_or_those_that_the_table_names(
    house: Path, module: str, tests: list[str]
) -> None:
    found = mutants.mirrored(f"osgrepro/{module}.py", house, mutants.table(TABLE))
    assert list(found) == tests


def test_the_rooms_of_the_makefile_have_unit_tests_for_all_that_they_do() -> None:
    rows = mutants.table((ROOT / "CONTRIBUTING.md").read_text())
    (line,) = [one for one in (ROOT / "Makefile").read_text().splitlines() if "ROOM ?=" in one]
    for room in line.split("?=")[1].split():
        for module in mutants.modules(room, ROOT):
            if not module.endswith("__init__.py"):
                tests = mutants.mirrored(module, ROOT, rows)
                assert tests, module
                assert all((ROOT / test).exists() for test in tests), module


@pytest.mark.parametrize(
    ("room", "found"),
    [
        ("pool", ["pool/first.py", "pool/inner/_deep.py", "pool/other.py"]),
        ("osgrepro/pool/", ["pool/first.py", "pool/inner/_deep.py", "pool/other.py"]),
        ("pool/first", ["pool/first.py"]),
        ("osgrepro/pool/first.py", ["pool/first.py"]),
    ],
)
def test_a_room_is_a_folder_or_a_module(house: Path, room: str, found: list[str]) -> None:
    assert mutants.modules(room, house) == [f"osgrepro/{name}" for name in found]


@pytest.mark.parametrize("room", ["no/such", "pool/none", "../tests"])
def test_a_room_that_is_not_there_is_named(house: Path, room: str) -> None:
    with pytest.raises(mutants.MutantsError, match=f"ROOM={room}: osgrepro/ has no such"):
        mutants.modules(room, house)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["no/such"], "ROOM=no/such: osgrepro/ has no such folder or module"),
        (["--sample", "-1", "runs/render"], "-1: a whole number of mutants is wanted"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_why(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        mutants.main(argv)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_same_seed_draws_the_same_mutants_whatever_their_order() -> None:
    names = [f"m{number}" for number in range(100)]
    there = dict.fromkeys(names, "a.py")
    back = dict.fromkeys(reversed(names), "a.py")
    drawn = mutants.draw(there, 10, 1)
    assert len(drawn) == 10
    assert drawn == mutants.draw(back, 10, 1)
    assert drawn != mutants.draw(there, 10, 2)
    assert mutants.draw(there, 1000, 1) == there


def test_the_score_counts_what_no_test_reaches_and_what_was_not_tried() -> None:
    sample = {"one": "a.py", "two": "a.py", "three": "b.py", "four": "b.py", "five": "b.py"}
    ended = {"one": "killed", "two": "survived", "three": "timeout", "four": "no tests"}
    assert mutants.scores("room", sample, ended, "9 mutants").splitlines() == [
        "a.py: 1 of 2 mutants killed (50 %)",
        "b.py: 1 of 3 mutants killed (33 %), 1 of them by the time limit",
        "room: 2 of 5 mutants killed (40 %), 1 of them by the time limit, a sample of 9 mutants",
    ]


def test_mutmut_is_told_modules_and_tests_and_gets_all_that_they_read(house: Path) -> None:
    (house / "shared").symlink_to(house)
    (house / "templates").mkdir()
    paths = ["osgrepro/pool/first.py", "osgrepro/pool/other.py"]
    mutants.configure(house, paths, ["tests/unit/pool/", "tests/unit/test_a.py"])
    settings = configparser.ConfigParser()
    settings.read(house / "setup.cfg")
    told = settings["mutmut"]
    assert told["pytest_add_cli_args_test_selection"].split() == [
        "tests/unit/pool/",
        "tests/unit/test_a.py",
    ]
    assert told["only_mutate"].split() == paths
    assert told["also_copy"].split() == ["templates", "tests"]


def test_the_copy_has_what_git_knows_and_nothing_of_what_it_ignores(tmp_path: Path) -> None:
    mutants.copy_checkout(tmp_path)
    assert (tmp_path / "osgrepro" / "__init__.py").read_bytes() == (
        ROOT / "osgrepro" / "__init__.py"
    ).read_bytes()
    assert (tmp_path / "tests" / "unit" / "docs" / "test_mutants.py").exists()
    assert not (tmp_path / ".venv").exists()
    assert (tmp_path / "shared").is_symlink()
