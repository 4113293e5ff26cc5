"""Two things that every room with files needs: a file's sha256, and a file that is whole or absent.

What goes wrong is left to the rooms, which know what to say of it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
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
