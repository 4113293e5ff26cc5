"""``osgrepro lock`` as a user meets it, with the real uv on a folder of wheels."""

from __future__ import annotations

import json
import os
import sys

import pytest
from wheels import make_wheel

from osgrepro import cli

TOML = """
why = "a test"
torch = "2.5.1"
keras = "3.6.0"
python = "3.11.2"
requirements = ["torch", "keras", "pip"]

[base]
kind = "debian"
suite = "bookworm"
glibc = "2.36"
packages = ["python3"]
"""


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of wheels that is all that pip and uv know, and an environment to lock."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_CACHE", "1")
    for name, version in (("torch", "2.5.1"), ("keras", "3.6.0"), ("pip", "25.0")):
        make_wheel(folder, name, version)
    mine = tmp_path / "containers" / "mine"
    mine.mkdir(parents=True)
    (mine / "container.toml").write_text(TOML)
    return folder


@pytest.fixture
def osgrepro(monkeypatch, capfd):
    def run(*argv):
        monkeypatch.setattr(sys, "argv", ["osgrepro", *argv])
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        else:
            code = 0
        said = capfd.readouterr()
        return code or 0, said.out, said.err

    return run


def test_a_lock_is_written_kept_and_upgraded(index, tmp_path, osgrepro):
    path = tmp_path / "containers" / "mine" / "requirements.txt"

    code, out, _ = osgrepro("lock", "mine")
    assert code == 0
    assert [line.split() for line in out.splitlines()[1:4]] == [
        ["keras", "3.6.0"],
        ["pip", "25.0"],
        ["torch", "2.5.1"],
    ]
    assert out.splitlines()[-1] == f"wrote {path}: 3 packages"

    make_wheel(index, "pip", "26.0")
    assert osgrepro("lock", "mine")[:2] == (0, "nothing changed\n")
    code, out, _ = osgrepro("lock", "mine", "--upgrade")
    assert out.splitlines()[1].split() == ["pip", "25.0", "26.0"]

    make_wheel(index, "pip", "26.1")
    code, out, _ = osgrepro("lock", "mine", "--upgrade", "--json")
    assert code == 0
    assert json.loads(out) == {
        "file": str(path),
        "packages": 3,
        "written": True,
        "changes": [{"package": "pip", "was": "26.0", "is": "26.1"}],
        "unasked": [],
    }


def test_a_lock_of_the_same_versions_says_so(index, tmp_path, osgrepro):
    osgrepro("lock", "mine")
    (tmp_path / "containers/mine/container.toml").write_text(TOML.replace("3.11.2", "3.11.9"))

    _, out, _ = osgrepro("lock", "mine")

    assert out.endswith("requirements.txt: 3 packages, no version changed\n")


def test_the_users_mistakes_are_exit_2_without_a_traceback(index, osgrepro):
    make_wheel(index, "torch", "2.5.1", requires=["nowhere>1"])

    for argv in (("lock", "mine"), ("lock", "nothing"), ("lock",)):
        code, out, err = osgrepro(*argv)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
