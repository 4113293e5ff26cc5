"""Hashes of files, whole writes, and what to say when the disk is full."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from osgrepro.errors import InputError

_BLOCK_BYTES = 1 << 20
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
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def room_in(folder: Path) -> Iterator[None]:
    """Turn a full disk under ``folder`` into an error that says so; make the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise InputError(f"{folder}: can't be written: {error}") from error
        raise InputError(
            f"{folder}: no space left", hint="Make room there, or choose another folder."
        ) from error


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a path beside ``target`` to write to; it takes ``target``'s place when all went well."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def copy(source: Path, target: Path, *, link: bool) -> None:
    """Put ``source``'s content at ``target``, whole or not; ``link`` allows a hard link."""
    with beside(target) as part:
        if link:
            with contextlib.suppress(OSError):
                os.link(source, part)
                return
        shutil.copyfile(source, part)
