"""What every room with files needs: a sha256, whole files or none, copies no more open than theirs.

What goes wrong is left to the rooms, which know what to say of it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from osgrepro.common import parts

_BLOCK_BYTES = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def sha256(path: Path) -> str:
    """Return the sha256 of the bytes at ``path``; an ``OSError`` if they can't be read."""
    with path.open("rb") as file:
        return sha256_of(file)


def sha256_of(file: BinaryIO) -> str:
    """Return the sha256 of what is left to read in ``file``."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


@contextmanager
def beside(target: Path, needed: int = 0) -> Iterator[Path]:
    """Give a path beside ``target`` to write to; it takes ``target``'s place when all went well.

    ``needed`` is how many bytes it takes at least. Where there is no room for them nothing is
    begun; an ``OSError`` about a full disk says what is needed and what is free.
    """
    part = parts.part_of(target)
    parts.need_room(target, needed)
    try:
        with parts.explaining(target, part, needed):
            yield part
            part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def mode_of_copy(source: Path) -> int:
    """Return the rights that a copy of ``source`` may have: everyone's only where it is everyone's.

    A file that all may read in a folder that they can't enter is not everyone's. What can't be
    looked at is taken for private.
    """
    try:
        real = source.resolve()
        entered = all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)
        everyones = entered and bool(real.stat().st_mode & stat.S_IROTH)
    except (OSError, RuntimeError):
        everyones = False
    return 0o644 if everyones else 0o600


def folder_mode(mode: int) -> int:
    """Return the rights of a folder for files of the rights ``mode``: who reads may enter."""
    return mode | (mode & 0o444) >> 2


def is_file(path: Path) -> bool:
    """Return whether ``path`` is a file, whatever the name: one that no system takes is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, a loop of links, a NUL
        return False


def outside(folder: Path, name: str) -> str | None:
    """Return why ``name`` is not a path inside ``folder``, links followed; None where it is."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or name.startswith("~"):
        return "is an absolute path"
    if ".." in pure.parts:
        return "climbs out with '..'"
    try:
        real = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):
        return "is not a valid path"
    return None if real.is_relative_to(folder.resolve()) else "is a link that leads out"


def whole(path: Path) -> Path:
    """Return ``path`` from the root on and without ``..``, as the system understands it now.

    Where there is no ``..`` links stay as they are: a name that somebody chose is kept.
    """
    return path.resolve() if ".." in path.parts else path.absolute()


@contextmanager
def entered(top: Path, *steps: str) -> Iterator[int]:
    """Give a descriptor of the folder ``steps`` below ``top``; below ``top``, no link is followed.

    For what lies below a folder of somebody else, who may put a link in any place and change what
    a path means between two looks at it: so the way is gone one step at a time, each from the last.
    """
    handle = os.open(top, _FOLDER)
    try:
        for number, step in enumerate(steps, start=1):
            with _naming(top.joinpath(*steps[:number])):
                following = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = following
        yield handle
    finally:
        os.close(handle)


def opened(top: Path, *steps: str) -> BinaryIO:
    """Open the file ``steps`` below ``top`` for reading; as :func:`entered`, and never waiting.

    An ``OSError`` if it is a link, or not a regular file.
    """
    path = top.joinpath(*steps)
    with entered(top, *steps[:-1]) as folder, _naming(path):
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(steps[-1], flags, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def made(folder: int, name: str, mode: int) -> int:
    """Make the folder ``name`` in that of the descriptor ``folder``, if need be, and open it.

    It has ``mode`` whatever the umask where it is new. An ``OSError`` if a link stands there.
    """
    try:
        os.mkdir(name, mode, dir_fd=folder)
        new = True
    except FileExistsError:
        new = False
    handle = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    if new:
        os.fchmod(handle, mode)
    return handle


def set_mode(folder: int, name: str, mode: int) -> None:
    """Give a file or folder in that of the descriptor ``folder`` its rights; never through a link.

    An ``OSError`` if a link stands there.
    """
    handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        if stat.S_ISLNK(os.fstat(handle).st_mode):
            raise OSError(errno.ELOOP, "it is a link", name)
        # What a descriptor of a path is to chmod: the thing itself, whatever stands there by now.
        os.chmod(f"/proc/self/fd/{handle}", mode)  # noqa: PTH101
    finally:
        os.close(handle)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the whole path in what the system refuses, and the link where that is why."""
    try:
        yield
    except OSError as error:
        why = error.strerror
        if error.errno in (errno.ELOOP, errno.ENOTDIR) and path.is_symlink():
            why = "it is a link, and links are not followed here"
        raise type(error)(error.errno, why, str(path)) from None
