"""Parts of files: whose process is dead is told by host and process, never by a guess."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from osgrepro.common import files, parts


def part(folder: Path, name: str, *, age_s: float = 0) -> Path:
    """Return a part that was last touched so long ago."""
    path = folder / name
    path.write_bytes(b"x" * 10)
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age_s))
    return path


@pytest.fixture(scope="module")
def dead() -> int:
    """Return the id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def named(target: str, process: int) -> str:
    """Return the name that a process of this host gives its part."""
    return parts.part_of(Path(target)).name.replace(f".{os.getpid()}@", f".{process}@")


def test_the_part_of_a_killed_process_is_abandoned(tmp_path: Path, dead: int) -> None:
    left = part(tmp_path, named("dataset.parquet", dead))
    part(tmp_path, named("dataset.parquet", os.getpid()), age_s=10 * parts.ABANDONED_AFTER_S)
    assert parts.abandoned([tmp_path, tmp_path / "missing"]) == [left]


@pytest.mark.parametrize("host", ["@elsewhere", ""])
def test_the_part_of_another_host_waits_for_a_day(tmp_path: Path, dead: int, host: str) -> None:
    name = f".dataset.parquet.{dead}{host}.part"
    left = part(tmp_path, name, age_s=parts.ABANDONED_AFTER_S - 60)
    assert parts.abandoned([tmp_path]) == []
    left = part(tmp_path, name, age_s=parts.ABANDONED_AFTER_S + 60)
    assert parts.abandoned([tmp_path]) == [left]


@pytest.mark.parametrize(
    "name", ["dataset.parquet", "a.npz.part", ".7.part", ".a.b.part", ".a.x7@host.part"]
)
def test_no_other_file_is_taken_for_a_part(tmp_path: Path, name: str) -> None:
    part(tmp_path, name, age_s=10 * parts.ABANDONED_AFTER_S)
    assert parts.abandoned([tmp_path]) == []


def test_a_link_is_no_part(tmp_path: Path, dead: int) -> None:
    (tmp_path / named("a", dead)).symlink_to("/etc/passwd")
    assert parts.abandoned([tmp_path]) == []


def test_what_is_removed_is_returned(tmp_path: Path, dead: int) -> None:
    left = part(tmp_path, named("a", dead))
    assert parts.remove([left, tmp_path / "missing"]) == [left]
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_room_is_not_begun(tmp_path: Path) -> None:
    target = tmp_path / "data.npz"
    with pytest.raises(OSError, match=r"2\.0 GB are needed") as caught:
        parts_needed(target, 2_000_000_000, free=1_500_000)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(target))
    assert "1.5 MB are free" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def parts_needed(target: Path, needed: int, *, free: int) -> None:
    """Begin a file where so much is free."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "free_bytes", lambda _path: free)
        with files.beside(target, needed) as path:
            path.write_bytes(b"never")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_is_told_with_the_path_and_nothing_stays(
    tmp_path: Path, number: int
) -> None:
    target = tmp_path / "data.npz"
    target.write_bytes(b"before")
    with pytest.raises(OSError, match=r"at least 3\.0 kB are needed, .* are free") as caught:
        fill(target, number)
    assert caught.value.filename == str(target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def fill(target: Path, number: int) -> None:
    """Write 3,000 bytes, and find the disk full."""
    with files.beside(target) as path:
        path.write_bytes(b"x" * 3000)
        raise OSError(number, os.strerror(number))


def test_another_failure_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Permission denied") as caught:
        fill(tmp_path / "data", errno.EACCES)
    assert caught.value.filename is None


def test_room_is_told_for_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    free = parts.free_bytes(tmp_path / "a" / "b")
    assert free is not None
    assert free > 0
