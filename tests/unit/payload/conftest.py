"""A slot for each test, with a script that returns one metric."""

from __future__ import annotations

from pathlib import Path

import pytest
from slot import Slot

from osgrepro.runs import pyz


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "payload.pyz"
    pyz.build_pyz(path)
    return path


@pytest.fixture
def slot(tmp_path: Path, archive: Path) -> Slot:
    made = Slot(tmp_path, archive)
    made.script("def run(context):\n    return {'score': 0.1}\n")
    return made
