"""What a kill tells of memory: peaks, limits, and the kernel's own count of those it ended.

Nobody else sends SIGKILL to a training: HTCondor's comes after SIGTERM, and ends the payload too.
"""

from __future__ import annotations

import os
import resource
from typing import Any, Dict, List, Mapping, Optional

from ..provenance import classads, threads


def peak_mb(children: bool = False) -> float:
    """Return the largest resident size of this process, or of any that it waited for, in MiB."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss / 1024


def oom_kills(root: str = "/") -> Optional[int]:
    """Return how many processes the kernel ended in this control group; None where it's unseen."""
    for line in (threads.cgroup_text(root, "memory.events") or "").splitlines():
        name, _, count = line.partition(" ")
        if name == "oom_kill" and count.isdigit():
            return int(count)
    for line in (threads.cgroup_text(root, "memory.oom_control") or "").splitlines():
        name, _, count = line.partition(" ")
        if name == "oom_kill" and count.isdigit():
            return int(count)
    return None


def lacked(root: str = "/") -> bool:
    """Return whether a SIGKILL that nobody asked for was most likely for lack of memory.

    The kernel's count is of the whole control group: one of none speaks against it.
    """
    return oom_kills(root) != 0


def likely(environ: Mapping[str, str] = os.environ, root: str = "/") -> str:
    """Return what a SIGKILL that nobody asked for most likely was, with the numbers that tell.

    The peak stays out: it differs from run to run, and the same failure shall read the same.
    """
    parts: List[str] = []
    kills = oom_kills(root)
    if kills == 0:
        return "its control group counts no process that was killed for lack of memory"
    if kills:
        parts.append("the kernel says that it killed processes here for lack of memory")
    memory_mb = slot_memory_mb(environ)
    if memory_mb is not None:
        parts.append(f"the slot has {memory_mb} MiB")
    evidence = f" ({'; '.join(parts)})" if parts else ""
    return f"most likely for lack of memory{evidence}; raise request_memory_mb"


def slot_memory_mb(environ: Mapping[str, str]) -> Optional[int]:
    """Return the memory that HTCondor gave the slot."""
    try:
        ad: Dict[str, Any] = classads.read(environ.get("_CONDOR_MACHINE_AD")) or {}
    except OSError:
        return None
    memory = ad.get("Memory")
    return memory if isinstance(memory, int) else None
