"""The doctor sees what jobs in the queue miss, and what it names is made again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import delivery
from osgrepro.workflow.runs.doctor import folder_checks
from osgrepro.workflow.runs.doctor.checks import Level

MATRIX = trial.expand(2)
IMAGES = trial.images("/images/tf.sif")


def todo(verb: str, *options: str) -> str:
    return " ".join((verb, *options))


def test_what_jobs_in_the_queue_read_is_missed_and_made_again(tmp_path: Path) -> None:
    made, queue = trial.opened(tmp_path / "trial.runs"), FakeQueue()
    given = trial.delivery(made, queue, None, open_log=FakeLogs().open)
    delivery.submit(MATRIX, IMAGES, given)
    loaded = Loaded(source="trial.toml", path=tmp_path / "trial.toml", matrix=MATRIX)
    access: Any = Access(schedd=queue, pool=None)  # type: ignore[arg-type]

    def level() -> Level:
        (check,) = folder_checks.submissions(loaded, made, access, todo)
        return check.level

    assert level() is Level.OK
    shutil.rmtree(made.root / "submit")
    assert level() is Level.FAULT
    assert delivery.restore(MATRIX, IMAGES, given) == {1, 2}
    assert level() is Level.OK
    made.journal_file.unlink()
    assert level() is Level.WARNING


def test_another_clock_in_the_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = trial.opened(tmp_path / "trial.runs")
    write = Path.write_bytes

    def late(path: Path, content: bytes) -> int:
        count = write(path, content)
        os.utime(path, (1e9, path.stat().st_mtime + 300))
        return count

    monkeypatch.setattr(Path, "write_bytes", late)
    (quota, clock) = folder_checks.of_quota_and_clock(made)
    assert (quota.level, clock.level) == (Level.OK, Level.WARNING)
    assert "+300 s" in clock.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_a_fault(tmp_path: Path) -> None:
    made = trial.opened(tmp_path / "trial.runs")
    made.root.chmod(0o555)
    (check,) = folder_checks.rights(made)
    made.root.chmod(0o755)
    assert check.level is Level.FAULT
    assert check.todo.startswith("chmod -R u+rwX ")
