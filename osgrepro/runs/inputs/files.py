"""Hashes of files that are remembered, copies, and what to say when the disk is full."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from osgrepro.common import files
from osgrepro.common.errors import InputError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def sha256_of(path: Path) -> str:
    """Return a file's sha256; computed again only when its size or time has changed.

    Raises
    ------
    InputError
        If it can't be read.
    """
    try:
        status = path.stat()
        return _sha256(path, status.st_size, status.st_mtime_ns, status.st_ino)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error


@functools.lru_cache(maxsize=256)
def _sha256(path: Path, _size: int, _mtime_ns: int, _inode: int) -> str:
    return files.sha256(path)


@contextlib.contextmanager
def room_in(folder: Path, mode: int = 0o777) -> Iterator[None]:
    """Turn a full disk under ``folder`` into an error that says so; make the folder.

    ``mode`` is what it has where it is made here, less the umask.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode, exist_ok=True)
        yield
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise InputError(f"{folder}: can't be written: {error}") from error
        raise InputError(
            f"{folder}: no space left", hint="Make room there, or choose another folder."
        ) from error


def copy(source: Path, target: Path, *, link: bool) -> None:
    """Put ``source``'s content at ``target``, whole or not; ``link`` allows a hard link.

    The copy is no more readable than its source; what may be linked is osgrepro's own, and public.
    """
    mode = 0o644 if link else files.mode_of_copy(source)
    with files.beside(target) as part:
        if link:
            with contextlib.suppress(OSError):
                os.link(source, part)
                part.chmod(mode)
                return
        part.touch(0o600)  # before there is anything to read
        shutil.copyfile(source, part)
        part.chmod(mode)
