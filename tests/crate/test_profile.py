"""Crates are Workflow Run RO-Crates: the public validator says so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import exported
import pytest
from paths import ROOT

from osgrepro.results import crate
from osgrepro.workflow.loading import load
from osgrepro.workflow.results import exporting
from osgrepro.workflow.runs import workspaces

PYTHON = ROOT / ".venv-crates" / "bin" / "python"


def validate(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the public validator over a crate."""
    if not PYTHON.is_file():
        pytest.skip(f"the validator's environment {PYTHON.parents[1]} is not there: `make crates`")
    command = [str(PYTHON), str(ROOT / "scripts" / "validate_crate.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def made(home: Path, **about: object) -> Path:
    """Return a crate of a campaign with code and data of its own."""
    loaded = load(str(exported.campaign(home)))
    place = workspaces.of(loaded, None, create=False)
    exporting.export(loaded, place, home / "crate", **about)  # type: ignore[arg-type]
    return home / "crate"


def test_a_crate_meets_every_requirement(tmp_path: Path) -> None:
    said = validate(made(tmp_path / "plain"))
    assert said.returncode == 0, said.stdout + said.stderr


def test_so_does_one_with_author_and_licence(tmp_path: Path) -> None:
    author = crate.Author(name="Ada", url="https://orcid.org/0000-0001-8271-5429")
    said = validate(made(tmp_path / "told", license_="CC-BY-4.0", authors=[author]))
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_validator_can_fail(tmp_path: Path) -> None:
    folder = made(tmp_path / "broken")
    (folder / "campaign.toml").unlink()
    assert validate(folder).returncode == 1
