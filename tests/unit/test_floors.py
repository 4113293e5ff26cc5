"""The floors of the house hold: import-linter refuses what docs/explanation says it refuses."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import ROOT

from osgrepro.analysis.findings import outcome_names

PACKAGE = ROOT / "osgrepro"

# Outside packages that few may touch, and the wings and rooms that may.
DOORS = {
    "htcondor2": ("pool.condor",),
    "classad2": ("pool.condor",),
    "pyarrow": ("results.dataset",),
    "rich": (),  # one module of cli has it
    "typer": ("cli",),
    "jinja2": ("runs.render",),
    "pandas": ("analysis",),
    "scipy": ("analysis",),
    "matplotlib": ("report.figures.canvas",),
    "rocrate": ("results.crate",),
    "fastjsonschema": ("results.records",),
    "subprocess": ("payload", "brake"),  # and one module of common
}
# Upwards, and between neighbours of one floor.
INWARD = {
    "payload": "common",
    "common": "campaign",
    "campaign": "runs",
    "runs": "results",
    "results": "hardware",
    "hardware": "pool",
    "pool": "software",
    "software": "analysis",
    "analysis": "report",
    "report": "workflow",
    "workflow": "cli",
    "cli": "payload",
    "brake": "payload",
    "workflow.software": "workflow.campaign",
    "workflow.runs": "workflow.results",
    "workflow.results": "workflow.replication",
    "analysis.findings": "analysis.statistics",
    "analysis.statistics": "analysis.answers",
}


def rooms() -> list[str]:
    """Return every folder of modules, dotted, below the package."""
    found = (path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("*/__init__.py"))
    return sorted(".".join(path.parts) for path in found)


def may(room: str, allowed: tuple[str, ...]) -> bool:
    """Whether ``room`` is one of ``allowed``, or in one."""
    return any(f"{room}.".startswith(f"{wing}.") for wing in allowed)


def modules(package: Path) -> dict[str, Path]:
    """Return every module and package below ``package``, dotted, with its file."""
    files = {path.relative_to(package.parent): path for path in sorted(package.rglob("*.py"))}
    dotted = {".".join(name.with_suffix("").parts): path for name, path in files.items()}
    return {name.removesuffix(".__init__"): path for name, path in dotted.items()}


def imported(file: Path, known: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of ours that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in names)


def past_doors(package: Path) -> list[str]:
    """Return the imports of another wing that pass by a door: a package that has ``__all__``."""
    known = modules(package)
    doors = {
        name
        for name, file in known.items()
        if file.name == "__init__.py" and re.search(r"^__all__ =", file.read_text(), re.MULTILINE)
    }
    doors.remove("osgrepro")
    return [
        f"{name} -> {target}"
        for name, file in known.items()
        for target in imported(file, known)
        if target not in doors and target.split(".")[1:2] != name.split(".")[1:2]
        if any(target.startswith(f"{door}.") for door in doors)
    ]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a copy of the package beside the contracts, to plant imports in."""
    shutil.copytree(PACKAGE, tmp_path / "osgrepro", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(house: Path, room: str, imports: list[str]) -> None:
    """Put imports into a room, as a module of its own."""
    text = "".join(f"import {name}\n" for name in imports)
    house.joinpath("osgrepro", *room.split("."), "planted.py").write_text(text)


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
    of_room = rf"osgrepro\.{re.escape(room)}(\.planted)?\b"
    line = re.compile(rf"{of_room}[^\n]*->[^\n]*\b{re.escape(target)}\b")
    return bool(line.search(said))


def test_each_outside_package_is_refused_in_every_room_but_its_own(house: Path) -> None:
    planted = {
        room: [name for name, allowed in DOORS.items() if not may(room, allowed)]
        for room in rooms()
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


def test_another_wing_is_entered_by_its_doors() -> None:
    assert past_doors(PACKAGE) == []


@pytest.mark.parametrize(
    "statement",
    [
        "import osgrepro.campaign.matrix",
        "from osgrepro.campaign import matrix",
        "from osgrepro.campaign.matrix import expand",
        "from osgrepro.results.dataset.store import write",
        "def late():\n    from osgrepro.analysis.statistics import anova",
    ],
)
def test_an_import_past_a_door_is_seen(house: Path, statement: str) -> None:
    house.joinpath("osgrepro", "workflow", "planted.py").write_text(f"{statement}\n")

    (past,) = past_doors(house / "osgrepro")

    assert past.startswith("osgrepro.workflow.planted -> osgrepro.")


def test_a_room_without_a_floor_is_refused(house: Path) -> None:
    (house / "osgrepro" / "stranger.py").write_text("")

    assert "stranger" in lint(house)


NAMES = PACKAGE / "analysis" / "findings" / "outcome_names.py"
ALPHABETS = {"ascii_uppercase", "ascii_lowercase", "ascii_letters"}
# Also the words of tables, questions and settings that have nothing to do with a finding.
COMMON_WORDS = {"yes", "no"}


def answer_words() -> set[str]:
    """Return the words of answers: the constants of the module that owns them."""
    constants = {text for name, text in vars(outcome_names).items() if name.isupper()}
    return {text for text in constants if isinstance(text, str)} - COMMON_WORDS


def makes_letters(node: ast.AST) -> bool:
    """Whether a piece of syntax turns a number into a letter."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        counted = any(not isinstance(argument, ast.Constant) for argument in node.args)
        return node.func.id == "chr" and counted
    if isinstance(node, ast.Name):
        return node.id in ALPHABETS
    if isinstance(node, ast.Attribute):
        return node.attr in ALPHABETS
    return isinstance(node, ast.Constant) and "ABCDEF" in str(node.value)


def second_makers(source: str) -> list[str]:
    """Return the pieces of a module that make a letter, or spell an answer, by themselves."""
    words = answer_words()
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if makes_letters(node) or (isinstance(node, ast.Constant) and node.value in words)
    ]


def test_one_module_names_outcome_classes_and_answers() -> None:
    """A class has one letter wherever it is shown, and an answer one word."""
    files = {path for path in PACKAGE.rglob("*.py") if path != NAMES}
    assert {path: found for path in files if (found := second_makers(path.read_text()))} == {}
    assert second_makers(NAMES.read_text())


@pytest.mark.parametrize(
    "source",
    [
        "name = chr(65 + number)",
        "name = chr(ord('A') + number)",
        "from string import ascii_uppercase\nname = ascii_uppercase[number]",
        "import string\nname = string.ascii_uppercase[number]",
        "name = 'ABCDEFGH'[number]",
        "answer = 'disagree' if new else 'agree'",
        "def judge() -> Literal['confirmed']: ...",
        "counts = {'not assessable': 0}",
        "text = f'{number} {\"partly\"}'",
    ],
)
def test_a_second_maker_of_letters_or_answers_is_seen(source: str) -> None:
    assert second_makers(source)


@pytest.mark.parametrize("source", ["'cells agree'", "'yes' if asked else 'no'", "chr(0)"])
def test_sentences_and_common_words_are_free(source: str) -> None:
    assert not second_makers(source)


# Names that do not say what they hold, and the rooms that still have some.
UNTELLING = {"one", "ones", "found", "other", "others", "each", "such", "those", "told", "thing"}
# The probe stays: its source is part of the ids of its runs, and of two shipped campaigns.
NOT_YET_TELLING = ("payload.experiments.probe",)


def untelling(source: str) -> set[str]:
    """Return the names of a module's values, parameters and functions that tell nothing."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    names |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return {name for name in names if name.strip("_") in UNTELLING}


def test_modules_functions_and_folders_stay_small() -> None:
    files = {path: path.read_text() for path in sorted(PACKAGE.rglob("*.py"))}
    functions = {
        f"{path.relative_to(PACKAGE)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, source in files.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }
    modules = {str(path): len(source.splitlines()) for path, source in files.items()}
    folders = Counter(str(path.parent) for path in files)
    for sizes, most in ((functions, 50), (modules, 300), (folders, 15)):
        assert {name: size for name, size in sizes.items() if size > most} == {}


def test_names_say_what_they_hold() -> None:
    own = {
        path.relative_to(PACKAGE): names
        for name, path in modules(PACKAGE).items()
        if not may(name.removeprefix("osgrepro."), NOT_YET_TELLING)
        if (names := untelling(path.read_text()))
    }
    assert own == {}


@pytest.mark.parametrize(
    "source",
    [
        "found = read()",
        "sizes = [one.size for one in files]",
        "def told(path): ...",
        "def read(*, other): ...",
        "longest = max(files, key=lambda each: each.size)",
    ],
)
def test_a_name_that_tells_nothing_is_seen(source: str) -> None:
    assert untelling(source)
