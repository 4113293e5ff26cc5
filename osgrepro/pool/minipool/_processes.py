"""Finds and ends the processes of one pool: by descent, uid and a mark, never by name.

Every daemon and job of a pool carries ``OSGREPRO_POOL=<id>.<secret>`` in its environment, so a pool
is found again after its state was lost, its master was killed, or the process that started it has
died. Anybody can bear such a mark: it counts where the process is ours, or the pool's user's and
the mark has the secret of this life of the pool, which stands in a file that is ours alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common.errors import PoolError

MARK = "OSGREPRO_POOL"

_PROC = Path("/proc")
_POLL_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What marks the processes of one life of a pool.

    ``pool_id`` is known to all, for it follows from the folder; ``secret`` and ``uid``, the pool's
    user, are None where the file that has them is lost.
    """

    pool_id: str
    secret: str | None = None
    uid: int | None = None

    @property
    def text(self) -> str:
        """Return what the variable is set to."""
        return f"{self.pool_id}.{self.secret}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """One process; ``started`` (clock ticks since boot) tells it from a later one.

    ``uid`` is the real one; ``uids`` has the effective and saved one too.
    """

    pid: int
    started: int
    parent: int
    command: str
    uids: frozenset[int]
    uid: int

    def only(self, uid: int) -> bool:
        """Tell whether it has the rights of ``uid`` and of nobody else."""
        return self.uids == {uid}


def look_up(pid: int) -> Process | None:
    """Return the process ``pid``; None if there is none, or only its remains."""
    try:
        handle = os.open(_PROC / str(pid), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _look(handle, pid)
    finally:
        os.close(handle)


@contextlib.contextmanager
def held(process: Process) -> Iterator[int | None]:
    """Give a handle of ``process`` that never becomes a later one's; None if it has gone.

    It is its folder below ``/proc``, which also takes signals, as a pidfd does.
    """
    try:
        handle = os.open(_PROC / str(process.pid), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        now = _look(handle, process.pid)
        known = now is not None and (now.started, now.uid) == (process.started, process.uid)
        yield handle if known else None
    finally:
        os.close(handle)


def same(process: Process) -> bool:
    """Tell whether ``process`` still runs."""
    now = look_up(process.pid)
    return now is not None and now.started == process.started


def of_pool(mark: Mark) -> list[Process]:
    """Return the processes of the pool, oldest first: those marked, and all that stem from them."""
    everything = {process.pid: process for process in map(look_up, _pids()) if process}
    ours = {pid for pid, process in everything.items() if bears(process, mark)}
    while more := {pid for pid, process in everything.items() if process.parent in ours} - ours:
        ours |= more
    ours.discard(os.getpid())
    return sorted(
        (everything[pid] for pid in ours), key=lambda process: (process.started, process.pid)
    )


def children(process: Process) -> list[Process]:
    """Return what ``process`` started and what still runs of it."""
    return [child for child in map(look_up, _pids()) if child and child.parent == process.pid]


def bears(process: Process, mark: Mark) -> bool:
    """Tell whether ``process`` bears the mark, and is of somebody whose mark counts."""
    own = process.only(os.geteuid())
    if not own and (mark.secret is None or process.uid != mark.uid):
        return False
    name = f"{MARK}=".encode()
    entries = [entry for entry in _environment(process.pid) if entry.startswith(name)]
    if own:
        # In whichever life of the pool: nobody else can make a process that is ours. What an
        # osgrepro before this one had started bears the id alone.
        pattern = re.compile(re.escape(f"{MARK}={mark.pool_id}".encode()) + rb"(\.[0-9a-f]*)?\Z")
        return any(pattern.match(entry) for entry in entries)
    return f"{MARK}={mark.text}".encode() in entries


def end_all(mark: Mark, *, gentle_s: float = 15.0, hard_s: float = 15.0) -> None:
    """End every process of the pool: first by the master's fast shutdown, then by SIGKILL.

    Raises
    ------
    PoolError
        If processes are left.
    """
    # Some of Apptainer's processes hide their environment; seen once below a marked one, they are
    # followed when that has gone.
    seen = frozenset(of_pool(mark))
    if master := next((process for process in seen if process.command == "condor_master"), None):
        _send(master, signal.SIGQUIT)
        deadline = time.monotonic() + gentle_s
        while same(master) and time.monotonic() < deadline:
            seen |= frozenset(of_pool(mark))
            time.sleep(_POLL_S)
    deadline = time.monotonic() + hard_s
    while rest := [process for process in seen | frozenset(of_pool(mark)) if same(process)]:
        seen |= frozenset(rest)
        for process in rest:
            _send(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            pids = ", ".join(str(process.pid) for process in rest)
            raise PoolError(
                f"processes of the mini-pool do not end: {pids}",
                hint="run this as the user who started the pool",
            )
        time.sleep(_POLL_S)


def boot_id() -> str:
    """Return a word that changes when the machine starts anew."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _look(handle: int, pid: int) -> Process | None:
    """Return the process whose folder below ``/proc`` is ``handle``."""
    try:
        stat, status = _said(handle, "stat"), _said(handle, "status")
    except OSError:
        return None
    # The command is in parentheses and may itself contain some.
    command, _, rest = stat.partition("(")[2].rpartition(")")
    fields = rest.split()
    if not fields or fields[0] in "ZX":
        return None
    line = next(line for line in status.splitlines() if line.startswith("Uid:"))
    real, *other_uids = map(int, line.split()[1:])
    return Process(
        pid=pid,
        parent=int(fields[1]),
        started=int(fields[19]),
        command=command,
        uid=real,
        uids=frozenset({real, *other_uids}),
    )


def _said(handle: int, name: str) -> str:
    with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=handle), errors="replace") as file:
        return file.read()


def _send(process: Process, number: signal.Signals) -> None:
    """Send a signal to ``process`` and to no later one of its pid."""
    # Looked up again without its uid: a program of the pool may have changed that meanwhile.
    with contextlib.suppress(OSError):
        handle = os.pidfd_open(process.pid)
        try:
            if same(process):
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _pids() -> list[int]:
    return [int(path.name) for path in _PROC.iterdir() if path.name.isdigit()]


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
