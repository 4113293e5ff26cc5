"""What runs read is put below one folder: scripts are copied as data are."""

from __future__ import annotations

from pathlib import Path

import exported
import pytest

from osgrepro.common.errors import InputError
from osgrepro.workflow.loading import load
from osgrepro.workflow.runs import data


def test_a_private_script_stays_private(tmp_path: Path) -> None:
    file = exported.campaign(tmp_path)
    (tmp_path / "train.py").chmod(0o600)
    data.stage(load(str(file)), tmp_path / "inputs")
    (copy,) = (tmp_path / "inputs").rglob("train.py")
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_script_that_changed_meanwhile_is_not_staged(tmp_path: Path) -> None:
    loaded = load(str(exported.campaign(tmp_path)))
    (tmp_path / "train.py").write_text("print()\n")
    with pytest.raises(InputError, match="changed while it was in use"):
        data.stage(loaded, tmp_path / "inputs")
    assert not list((tmp_path / "inputs").rglob("train.py"))
