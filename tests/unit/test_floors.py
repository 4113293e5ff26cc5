"""The floors of the house hold: import-linter refuses what docs/explanation says it refuses."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "osgrepro"

# Outside packages that few rooms may touch, and these rooms.
DOORS = {
    "htcondor2": {"condor"},
    "classad2": {"condor"},
    "pyarrow": {"dataset"},
    "rich": set(),  # one module of cli has it
    "typer": {"cli"},
    "jinja2": {"render"},
    "pandas": {"analysis"},
    "scipy": {"analysis"},
    "rocrate": {"crate"},
    "fastjsonschema": {"records"},
    "subprocess": {
        *("apptainer", "cli", "minipool", "payload", "resolver", "wheelhouse", "workflow"),
    },
}
# Upwards, and between neighbours of one floor.
INWARD = {
    "payload": "errors",
    "errors": "models",
    "files": "toml",
    "models": "findings",
    "findings": "statements",
    "statements": "dataset",
    "records": "matrix",
    "analysis": "report",
    "hardware": "twin",
    "report": "dataset",
    "condor": "workspace",
    "minipool": "apptainer",
    "crate": "workflow",
    "workflow": "cli",
    "campaign": "payload",
    "cli": "payload",
}


def rooms() -> list[str]:
    """Return the names right below the package: folders with a door, and modules."""
    found = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    found |= {path.stem for path in PACKAGE.glob("*.py")}
    return sorted(found - {"__init__", "__main__"})


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a copy of the package beside the contracts, to plant imports in."""
    shutil.copytree(PACKAGE, tmp_path / "osgrepro", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(house: Path, room: str, imports: list[str]) -> None:
    """Put imports into a room: a module of its own in a folder, the end of a module."""
    text = "".join(f"import {name}\n" for name in imports)
    folder = house / "osgrepro" / room
    place = folder / "planted.py" if folder.is_dir() else folder.with_suffix(".py")
    with place.open("a") as file:
        file.write(f"\n{text}")


def lint(house: Path) -> str:
    """Return what import-linter says about the copy, on lines that are not wrapped."""
    program = "import sys; from importlinter.cli import lint_imports_command as m; sys.exit(m())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=house,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(house), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout + done.stderr


def broken(said: str, room: str, target: str) -> bool:
    """Whether the report names an import of ``target`` that stands in ``room``."""
    of_room = rf"osgrepro\.{room}(\.planted)?\b"
    line = re.compile(rf"{of_room}[^\n]*->[^\n]*\b{re.escape(target)}\b")
    return bool(line.search(said))


def test_each_outside_package_is_refused_in_every_room_but_its_own(house: Path) -> None:
    planted = {
        room: [name for name, allowed in DOORS.items() if room not in allowed] for room in rooms()
    }
    for room, names in planted.items():
        plant(house, room, names)

    said = lint(house)

    passed = [
        (room, name)
        for room, names in planted.items()
        for name in names
        if not broken(said, room, name)
    ]
    assert not passed


def test_imports_upwards_and_between_neighbours_are_refused(house: Path) -> None:
    for room, target in INWARD.items():
        plant(house, room, [f"osgrepro.{target}"])

    said = lint(house)

    passed = [
        (room, target)
        for room, target in INWARD.items()
        if not broken(said, room, f"osgrepro.{target}")
    ]
    assert not passed


def test_a_room_without_a_floor_is_refused(house: Path) -> None:
    (house / "osgrepro" / "stranger.py").write_text("")

    assert "stranger" in lint(house)
