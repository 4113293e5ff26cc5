"""Kills a process at its n-th write, for each n: what `kill -9` and a power cut do to a command."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

# By audit event: whether it writes. What is opened for writing alone is a write.
_WRITES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.truncate"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# Of writes that differ in the name alone, such as 256 folders, only the first counts.
_ALIKE = 1


class _Writes:
    """Counts writes below a folder, and ends this process at one of them."""

    def __init__(self, folder: Path, last: int) -> None:
        self.folder = str(folder)
        self.left = last
        self.alike: Counter[tuple[str, str, int]] = Counter()

    def audit(self, event: str, given: tuple[Any, ...]) -> None:
        """Take an event of ``sys.addaudithook``."""
        if event == "open":
            path, _mode, flags = given
            if flags & _WRITING and isinstance(path, str):
                self._count(event, path)
        elif event in _WRITES:
            self._count(event, given[0])

    def synced(self, descriptor: int) -> None:
        """Take a call of ``os.fsync``, of which nothing is audited."""
        self._count("fsync", Path(f"/proc/self/fd/{descriptor}").readlink())

    def _count(self, event: str, path: Any) -> None:
        name = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
        # A name without a folder is one relative to a descriptor, which is how folders are made.
        if not name.startswith(self.folder) and ("/" in name or not name):
            return
        folder, _, last = name.rpartition("/")
        self.alike[event, folder, len(last)] += 1
        if self.alike[event, folder, len(last)] > _ALIKE:
            return
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def killed_at(number: int, act: Callable[[], object], folder: Path) -> bool:
    """Do ``act`` in a child that is killed before its ``number``-th write below ``folder``.

    Return False if it made fewer and came to its end.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads: the child starts its own
        child = os.fork()
    if child == 0:
        code = 1
        try:
            writes = _Writes(folder, number)
            fsync = os.fsync

            def counted(descriptor: Any) -> None:
                handle = descriptor if isinstance(descriptor, int) else descriptor.fileno()
                writes.synced(handle)
                fsync(handle)

            os.fsync = counted
            sys.addaudithook(writes.audit)
            act()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the command failed; see its traceback"
    return False


def at_each_write(
    begin: Callable[[], object], act: Callable[[], object], folder: Path
) -> Iterator[int]:
    """Yield after ``act`` was killed at its first write, its second, and so on to its last.

    ``begin`` puts ``folder`` back to what it was before.
    """
    for number in count(1):
        begin()
        if not killed_at(number, act, folder):
            return
        yield number
