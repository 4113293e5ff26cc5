"""What a training leaves running when it has ended: found, told, and ended with the run.

A monitor or a logger in the background would else keep the run's slot, or hold its error output
open. Used by the training process for its program, and by the supervisor for everything.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from typing import Any, Dict, List, Tuple

_PR_SET_CHILD_SUBREAPER = 36
# A helper that ends by itself when its parent is gone gets the time for it.
_PATIENCE_S = 1.0
_GRACE_S = 2.0
SHOWN = 20
_POLL_S = 0.02


def adopt() -> None:
    """Become the parent of what loses its own; where the kernel has no such thing, nothing."""
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(patience_s: float = _PATIENCE_S) -> List[str]:
    """End every process that descends from this one; return the names of those that had to be."""
    alive = _wait(patience_s)
    names = sorted(alive.values())
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in alive:
            with contextlib.suppress(OSError):
                os.kill(pid, number)
        alive = _wait(_GRACE_S) if alive else {}
    return names


def described(names: List[str]) -> Dict[str, Any]:
    """Return what a result says of processes that were ended."""
    return {"count": len(names), "names": names[:SHOWN]}


def sentence(count: int, names: List[str]) -> str:
    """Return what is said of ``count`` processes that were ended."""
    shown = ", ".join(dict.fromkeys(names))
    running = f"{count} process(es) were still running when the training was over"
    return f"{running}, and were stopped: {shown}"


def descendants() -> Dict[int, str]:
    """Return the processes that descend from this one, by their names; the dead are collected."""
    parents: Dict[int, Tuple[int, str]] = {}
    dead = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                head, _, rest = file.read().rpartition(")")
        except OSError:
            continue  # it has just ended
        state, parent = rest.split()[:2]
        if state in "ZX":
            dead.append((int(entry), int(parent)))
        else:
            parents[int(entry)] = (int(parent), head.partition("(")[2])
    _collect([pid for pid, parent in dead if parent == os.getpid()])
    names: Dict[int, str] = {}
    new = {os.getpid()}
    while new:
        new = {pid for pid, (parent, _) in parents.items() if parent in new and pid not in names}
        names.update((pid, parents[pid][1]) for pid in new)
    return names


def _collect(pids: List[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def _wait(seconds: float) -> Dict[int, str]:
    """Return what still runs after ``seconds``, or nothing as soon as nothing does."""
    until = time.monotonic() + seconds
    while True:
        alive = descendants()
        if not alive or time.monotonic() >= until:
            return alive
        time.sleep(_POLL_S)
