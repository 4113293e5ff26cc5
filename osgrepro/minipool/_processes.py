"""Finds and ends the processes of one pool: by a mark in their environment, never by name.

Every daemon and job of a pool carries ``OSGREPRO_POOL=<id>`` in its environment, so a pool is found
again after its state was lost, its master was killed, or the process that started it has died.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from osgrepro.errors import PoolError

MARK = "OSGREPRO_POOL"

_PROC = Path("/proc")
_POLL_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """One process; ``started`` (clock ticks since boot) tells it from a later one."""

    pid: int
    started: int
    parent: int
    command: str


def look_up(pid: int) -> Process | None:
    """Return the process ``pid``; None if there is none, or only its remains."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The command is in parentheses and may itself contain some.
    command, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    if fields[0] in "ZX":
        return None
    return Process(pid=pid, parent=int(fields[1]), started=int(fields[19]), command=command)


def same(process: Process) -> bool:
    """Tell whether ``process`` still runs."""
    now = look_up(process.pid)
    return now is not None and now.started == process.started


def marked(pool_id: str) -> list[Process]:
    """Return the processes of the pool, oldest first: those marked, and all that stem from them."""
    wanted = f"{MARK}={pool_id}".encode()
    everything = {found.pid: found for found in map(look_up, _pids()) if found}
    ours = {pid for pid in everything if wanted in _environment(pid)}
    while more := {pid for pid, each in everything.items() if each.parent in ours} - ours:
        ours |= more
    ours.discard(os.getpid())
    return sorted((everything[pid] for pid in ours), key=lambda each: (each.started, each.pid))


def master_of(pool_id: str) -> Process | None:
    """Return the pool's ``condor_master``, if it runs."""
    found = (each for each in marked(pool_id) if each.command == "condor_master")
    return next(found, None)


def end_all(pool_id: str, *, gentle_s: float = 15.0, hard_s: float = 15.0) -> None:
    """End every process of the pool: first by the master's fast shutdown, then by SIGKILL.

    Raises
    ------
    PoolError
        If processes are left.
    """
    # Some of Apptainer's processes hide their environment; seen once below a marked one, they are
    # followed when that has gone.
    seen = frozenset(marked(pool_id))
    if master := next((each for each in seen if each.command == "condor_master"), None):
        _send(master, signal.SIGQUIT)
        deadline = time.monotonic() + gentle_s
        while same(master) and time.monotonic() < deadline:
            seen |= frozenset(marked(pool_id))
            time.sleep(_POLL_S)
    deadline = time.monotonic() + hard_s
    while rest := [each for each in seen | frozenset(marked(pool_id)) if same(each)]:
        seen |= frozenset(rest)
        for process in rest:
            _send(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise PoolError(
                f"processes of the mini-pool do not end: {', '.join(str(one.pid) for one in rest)}",
                hint="run this as the user who started the pool",
            )
        time.sleep(_POLL_S)


def boot_id() -> str:
    """Return a word that changes when the machine starts anew."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _send(process: Process, number: signal.Signals) -> None:
    """Send a signal to ``process`` and to no later one of its pid."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
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
