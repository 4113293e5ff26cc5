"""What every room with files needs: a sha256, whole files or none, copies no more open than theirs.

What goes wrong is left to the rooms, which know what to say of it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

_BLOCK_BYTES = 1 << 20


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
def beside(target: Path) -> Iterator[Path]:
    """Give a path beside ``target`` to write to; it takes ``target``'s place when all went well."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
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
    """Return why ``name`` is no path inside ``folder``, also after its links; None where it is."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or name.startswith("~"):
        return "is an absolute path"
    if ".." in pure.parts:
        return "climbs out with '..'"
    try:
        real = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):
        return "is no path that a system takes"
    return None if real.is_relative_to(folder.resolve()) else "is a link that leads out"
