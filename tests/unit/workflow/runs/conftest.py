"""The folder and the queue of the small campaign that most tests here submit."""

from __future__ import annotations

from pathlib import Path

import pytest
import trial
from fakes import FakeQueue

from osgrepro.runs.workspace import Workspace


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return trial.opened(tmp_path / "trial.runs")


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()
