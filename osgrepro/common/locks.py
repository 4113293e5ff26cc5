"""Locks of files that end with their process; a file system that takes none is refused, and named.

A network file system may refuse locks, or take every one and keep nobody out.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from osgrepro.common.errors import WorkspaceError

_ALONE = fcntl.LOCK_EX | fcntl.LOCK_NB
_HINT = (
    "put it on a local disk, or on a network file system that is mounted with locks (NFS 4, or 3 "
    "with lockd; Lustre with `-o flock`): --workspace names another folder for a campaign, "
    "OSGREPRO_CACHE for the cache, OSGREPRO_POOL_DIR for the mini-pool"
)


def take(descriptor: int, path: Path, *, wait: bool = False) -> None:
    """Lock what is open as ``descriptor``, of the name ``path``, until that is closed.

    Raises
    ------
    BlockingIOError
        If another process has it, unless we ``wait``.
    WorkspaceError
        If its file system takes no locks, or they keep nobody out.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else _ALONE)
    except BlockingIOError:
        raise
    except OSError as error:
        raise WorkspaceError(
            f"{path}: its file system takes no locks ({error.strerror}), so nothing would keep two "
            "commands from doing the same at once",
            hint=_HINT,
        ) from None
    if not _keeps_out(descriptor):
        raise WorkspaceError(
            f"{path}: locks of its file system keep nobody out, so two commands could do the same "
            "at once",
            hint=_HINT,
        )


def take_in_turn(descriptor: int, path: Path, *, notice: Callable[[], None]) -> None:
    """Lock as :func:`take` does; where another process has it, call ``notice`` and wait for it.

    Raises
    ------
    WorkspaceError
        As :func:`take`.
    """
    try:
        take(descriptor, path)
    except BlockingIOError:
        notice()
        take(descriptor, path, wait=True)


def _keeps_out(descriptor: int) -> bool:
    """Whether the same file, opened once more, can't be locked as well."""
    access = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    second = os.open(f"/proc/self/fd/{descriptor}", access | os.O_CLOEXEC)
    try:
        fcntl.flock(second, _ALONE)
    except OSError:
        return True
    finally:
        os.close(second)
    return False
