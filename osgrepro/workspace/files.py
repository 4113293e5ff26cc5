"""Writing whole files or none, and saying plainly what the system refused."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from osgrepro.errors import WorkspaceError
from osgrepro.files import beside


def write(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a whole file or none, readable for everyone, and on the disk when this returns."""
    with complaining(path), replacing(path) as file:
        for piece in (content,) if isinstance(content, bytes) else content:
            file.write(piece)


@contextmanager
def replacing(path: Path) -> Iterator[Any]:
    """Give a file to write; at the end it takes the place of ``path``, in one step."""
    make_folder(path.parent)
    with beside(path) as part, part.open("wb") as file:
        yield file
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing, open for everyone to read."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)  # whatever the umask: the pool's user is another one


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
            hint="nothing is lost: make room or mend the folder's rights, and do it again",
        ) from error
