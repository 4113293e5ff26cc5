"""Writing whole files or none, and saying plainly what the system refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from osgrepro.common.errors import WorkspaceError
from osgrepro.common.files import beside, entered, folder_mode, made


def write(path: Path, content: bytes | Iterable[bytes], mode: int = 0o644) -> None:
    """Write a whole file or none, readable as ``mode`` says, and on the disk when this returns."""
    needed = len(content) if isinstance(content, bytes) else 0
    with complaining(path), replacing(path, mode, needed) as file:
        for piece in (content,) if isinstance(content, bytes) else content:
            file.write(piece)


@contextmanager
def replacing(path: Path, mode: int = 0o644, needed: int = 0) -> Iterator[Any]:
    """Give a file to write; at the end it takes the place of ``path``, in one step.

    A folder that is made for it lets those in who may read the file. Nothing is begun where there
    is no room for the bytes that are ``needed``.
    """
    make_folder(path.parent, folder_mode(mode))
    with beside(path, needed) as part, open(part, "wb", opener=_private) as file:
        yield file
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    sync_folder(path.parent)


def make_folder(path: Path, mode: int = 0o755) -> None:
    """Make a folder with the rights ``mode``, and those above it open for everyone to read."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        with entered(folder.parent) as above:
            os.close(made(above, folder.name, mode if folder == path else 0o755))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def let_in(path: Path, uid: int) -> None:
    """Let a user read what not everyone may read: its group may have other members."""
    facts = path.stat()
    if facts.st_mode & stat.S_IROTH:
        return
    if stat.S_ISDIR(facts.st_mode):
        path.chmod(0o711)
    elif facts.st_uid != uid:
        path.chmod(0o400)
        os.chown(path, uid, -1)


def sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def complaining(path: Path) -> Iterator[None]:
    """Say what the system refused, and where."""
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            f"{error.filename or path}: {error.strerror or error}",
            hint="nothing is lost: make room or fix the folder's permissions, and try again",
        ) from error
