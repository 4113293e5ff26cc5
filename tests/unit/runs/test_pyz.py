"""The payload's archive: the same bytes every time, complete, and apart from the rest."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import osgrepro
from osgrepro.common.errors import InputError
from osgrepro.runs import pyz

PACKAGE = Path(osgrepro.__file__).parent
EXPERIMENTS = ["mnist_convnet", "bidirectional_lstm", "imbalanced_classification"]


def test_the_same_sources_give_the_same_bytes(tmp_path):
    digests = {pyz.build_pyz(tmp_path / name) for name in ("a.pyz", "b/c.pyz")}
    assert digests == {hashlib.sha256((tmp_path / "a.pyz").read_bytes()).hexdigest()}
    assert (tmp_path / "a.pyz").read_bytes() == (tmp_path / "b/c.pyz").read_bytes()


def test_nothing_else_is_left_beside_it(tmp_path):
    pyz.build_pyz(tmp_path / "payload.pyz")
    assert [path.name for path in tmp_path.iterdir()] == ["payload.pyz"]


def test_it_runs_where_osgrepro_is_not_installed(tmp_path):
    pyz.build_pyz(tmp_path / "payload.pyz")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "payload.pyz", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, osgrepro.__version__), done.stderr


def test_it_holds_the_payload_and_its_entry_only(tmp_path):
    pyz.build_pyz(tmp_path / "payload.pyz")
    with zipfile.ZipFile(tmp_path / "payload.pyz") as archive:
        names = archive.namelist()
    assert names == sorted(names)
    assert "__main__.py" in names
    assert {name.split("/")[0] for name in names} == {"__main__.py", "payload"}
    assert {f"payload/experiments/{name}.py" for name in EXPERIMENTS} < set(names)


def imports(path):
    """Yield the absolute modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


@pytest.mark.parametrize("path", sorted((PACKAGE / "payload").rglob("*.py")), ids=lambda p: p.stem)
def test_the_payload_imports_the_standard_library_and_its_image_only(path):
    images = {"numpy"} if path.parent.name == "experiments" else set()
    allowed = set(sys.stdlib_module_names) | images
    assert {name.split(".")[0] for name in imports(path)} <= allowed


def test_nothing_of_the_rest_imports_the_payload():
    others = [p for p in PACKAGE.rglob("*.py") if PACKAGE / "payload" not in p.parents]
    for path in others:
        assert not [name for name in imports(path) if name.startswith("osgrepro.payload")], path


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_built_in_entry_is_its_one_module(name):
    source = (PACKAGE / "payload/experiments" / f"{name}.py").read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    assert pyz.entry_sha256(f"experiments.{name}:run") == digest


def test_a_users_entry_is_its_file(tmp_path):
    (tmp_path / "mine.py").write_text("pass\n")
    assert pyz.entry_path("mine.py", tmp_path) == tmp_path / "mine.py"
    assert pyz.entry_sha256("mine.py", tmp_path) == hashlib.sha256(b"pass\n").hexdigest()


@pytest.mark.parametrize(
    "entry", ["experiments.none:run", "os:system", "experiments.__init__/../..:run", "none.py", "."]
)
def test_an_entry_that_is_not_there_says_so(entry, tmp_path):
    with pytest.raises(InputError, match="entry"):
        pyz.entry_path(entry, tmp_path)


def test_a_wrong_built_in_entry_is_told_what_there_is(tmp_path):
    with pytest.raises(InputError) as error:
        pyz.entry_path("experiments.mnist:run", tmp_path)
    assert "experiments.mnist_convnet:run" in error.value.hint
