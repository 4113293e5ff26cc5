"""Where a build works: one builder below a cache, folders that the pool's user may use, room.

Called by the build and the check. Everything is made under a temporary name; a build that is killed
leaves nothing under a final one, and the next build sweeps up after it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common import locks
from osgrepro.common.errors import ImageError
from osgrepro.common.files import beside, opened, set_mode
from osgrepro.common.models import Notify, Progress, User
from osgrepro.software.apptainer.plan import facts_file, read_image_facts

# An unpacked environment, its copy in the build, and the image.
_NEEDS_BYTES = 6 * 10**9
_POLL_S = 0.2
_COPY_BYTES = 1 << 22


@contextmanager
def only_builder(cache: Path, notify: Notify) -> Iterator[int]:
    """Wait until no other build runs below ``cache``, and keep others out.

    Yields a descriptor: the lock stays held until every process that has it open has ended.

    Raises
    ------
    ImageError
        If the cache can't be written or is nearly full.
    """
    make_folder(cache / "images")
    descriptor = os.open(cache / "images" / ".building", os.O_RDWR | os.O_CREAT, 0o644)
    started = time.monotonic()
    try:
        while True:
            try:
                locks.take(descriptor, cache / "images" / ".building")
                break
            except BlockingIOError:
                waited = round(time.monotonic() - started)
                notify(Progress(what="waiting for another build to end", done=waited, unit="s"))
                time.sleep(_POLL_S)
        _sweep(cache)
        yield descriptor
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder that the pool's ordinary user can read, whatever this process's umask is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(folder.stat().st_mode | 0o755)
    except OSError as error:
        raise ImageError(
            f"{folder}: {error.strerror}", hint="set OSGREPRO_CACHE to a folder that you own"
        ) from error


def _sweep(cache: Path) -> None:
    """Remove what builds that were killed have left; only the one builder may."""
    leftovers = [*(cache / "building").glob("*"), *(cache / "bases").glob("*.partial")]
    for path in leftovers:
        remove(path)


def remove(tree: Path) -> None:
    """Remove a tree, even of folders that their owner may not write to."""
    if os.geteuid() != 0 and tree.is_dir() and not tree.is_symlink():
        tree.chmod(0o700)
        for _folder, names, _files, handle in os.fwalk(tree):
            for name in names:
                with suppress(OSError):
                    set_mode(handle, name, 0o700)
    shutil.rmtree(tree, ignore_errors=True)


def must_fit(cache: Path) -> None:
    """Refuse to begin a build that would fill the disk.

    Raises
    ------
    ImageError
        If less than 6 GB are free.
    """
    free = shutil.disk_usage(cache).free
    if free < _NEEDS_BYTES:
        raise ImageError(
            f"{cache}: {free / 1e9:.1f} GB are free, and a build needs {_NEEDS_BYTES / 1e9:.0f}",
            hint="free some space, or set OSGREPRO_CACHE to a folder on a larger disk",
        )


@dataclass(frozen=True, slots=True)
class Workplace:
    """Two folders of a build: ``ours``, where nobody else writes, and in it ``theirs``, the user's.

    Root reads and writes by path in ``ours`` alone: in the other any name may lead anywhere.
    """

    ours: Path
    theirs: Path


@contextmanager
def workplace(cache: Path, user: User) -> Iterator[Workplace]:
    """Make a place to work below ``cache``, and remove it afterwards."""
    ours = cache / "building" / f"{os.getpid()}"
    make_folder(ours.parent)
    make_folder(ours)
    theirs = ours / "user"
    make_owned(theirs, user)
    try:
        yield Workplace(ours=ours, theirs=theirs)
    finally:
        remove(ours)


def taken(work: Workplace, name: str) -> Path:
    """Take the file ``name`` out of the user's folder into ours, and return where it is.

    Root gets a copy: whoever still has the file open could write to it after it was digested.

    Raises
    ------
    OSError
        If it is a link, or not a regular file.
    """
    target = work.ours / name
    with opened(work.theirs, name) as source:
        if os.geteuid() == 0:
            with target.open("xb") as copy:
                shutil.copyfileobj(source, copy, _COPY_BYTES)
        else:
            (work.theirs / name).replace(target)
    target.chmod(0o644)
    return target


def make_owned(folder: Path, user: User) -> None:
    """Make a folder that belongs to ``user``, and that ``user`` can reach."""
    make_folder(folder.parent)
    make_folder(folder)
    if os.geteuid() == 0:
        os.chown(folder, user.uid, user.gid)


def note_staged(sif: Path, url: str) -> None:
    """Note in the facts about the image ``sif``, if there are any, that ``url`` has it too."""
    image_facts = read_image_facts(sif)
    if image_facts is not None and url not in image_facts.get("staged", ()):
        staged = [*image_facts.get("staged", ()), url]
        write(facts_file(sif), json.dumps({**image_facts, "staged": staged}, indent=2) + "\n")


def write(path: Path, text: str) -> None:
    """Write a text whole or not at all."""
    with beside(path) as part, part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
