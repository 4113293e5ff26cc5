"""A lock keeps others out, or it is refused: also where a file system only pretends."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from osgrepro.common import locks
from osgrepro.common.errors import WorkspaceError
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.doctor import folder_checks
from osgrepro.workflow.runs.doctor.checks import Level, tried


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture(params=[os.O_RDONLY | os.O_DIRECTORY, os.O_RDWR | os.O_CREAT])
def descriptor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    folder = bool(request.param & os.O_DIRECTORY)
    handle = os.open(tmp_path if folder else tmp_path / "lock", request.param)
    yield handle
    os.close(handle)


def test_what_is_locked_keeps_others_out_until_it_is_closed(descriptor: int) -> None:
    locks.take(descriptor, Path("x"))
    second = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        locks.take(second, Path("x"))
    os.close(second)


def test_who_waits_for_a_lock_is_told_so_once_and_gets_it(descriptor: int) -> None:
    other = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY)
    locks.take(other, Path("x"))
    notices: list[str] = []

    def notice() -> None:
        notices.append("waits")
        os.close(other)

    locks.take_in_turn(descriptor, Path("x"), notice=notice)
    locks.take_in_turn(descriptor, Path("x"), notice=notice)  # it is ours by now
    assert notices == ["waits"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_is_named(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(WorkspaceError, match="takes no locks") as caught, place.lock():
        pass
    assert os.strerror(number) in caught.value.message
    assert "--workspace" in caught.value.hint
    (check,) = tried("lock", lambda: folder_checks.of_lock(place))
    assert (check.level, check.todo) == (Level.FAULT, caught.value.hint)


def test_a_file_system_that_only_pretends_to_lock_is_named(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", lambda _descriptor, _operation: None)
    with pytest.raises(WorkspaceError, match="keep nobody out"), place.lock():
        pass
    (check,) = tried("lock", lambda: folder_checks.of_lock(place))
    assert check.level is Level.FAULT


def test_a_folder_at_which_somebody_works_is_in_order(place: Workspace) -> None:
    with place.lock():
        (check,) = folder_checks.of_lock(place)
        assert check.level is Level.OK
