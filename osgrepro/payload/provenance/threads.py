"""How many CPUs the run may use, and how many threads use them: this decides CPU results."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, List, Mapping, Optional

from ..backends import Backend
from . import files
from .collector import Collector


def collect(
    collector: Collector,
    environ: Mapping[str, str],
    machine_ad: Optional[Mapping[str, Any]],
    root: str = "/",
) -> Dict[str, Any]:
    """Return the section ``threads`` as far as it is known without the backend."""
    return collector.section(
        "threads",
        {
            "affinity": lambda: files.ranges(os.sched_getaffinity(0)),
            "affinity_size": lambda: len(os.sched_getaffinity(0)),
            "logical_cpus": lambda: logical_cpus(root),
            "provisioned_cpus": lambda: (machine_ad or {}).get("Cpus"),
            "cgroup": lambda: cgroup(root),
            "environment": lambda: {
                name: value for name, value in environ.items() if name.endswith("_NUM_THREADS")
            },
        },
    )


def pools(collector: Collector, backend: Backend, environ: Mapping[str, str]) -> Dict[str, Any]:
    """Return the sizes of the backend's pools: configured (0: left alone), effective.

    ``pool_threads`` counts the threads that bear the name of the intra-op pool, where the backend
    gives it one; ``process_threads`` counts all threads of the process.
    """
    names = collector.field("threads.process_threads", thread_names, [])
    named = names.count(backend.pool_thread)
    return {
        **collector.section("threads", backend.pools(environ, named)),
        "pool_threads": named or None,
        "process_threads": len(names) or None,
    }


def thread_names(root: str = "/") -> List[str]:
    """Return the names of this process's threads."""
    tasks = os.path.join(root, "proc/self/task")
    return [files.text_or_none(os.path.join(tasks, t, "comm")) or "" for t in files.entries(tasks)]


def logical_cpus(root: str) -> int:
    """Return how many processors /proc/cpuinfo shows."""
    text = files.text(os.path.join(root, "proc/cpuinfo"))
    return len(re.findall(r"^processor\s*:", text, re.MULTILINE))


def cgroup_text(root: str, name: str) -> Optional[str]:
    """Return a file of the process's control group for memory, or of one above it."""
    paths = _groups(root)
    base = os.path.join(root, "sys/fs/cgroup")
    return files.first_text(
        _upwards(base, paths.get("", ""), name)
        + _upwards(base + "/memory", paths.get("memory", ""), name)
    )


def _groups(root: str) -> Dict[str, str]:
    """Return the paths of the process's control groups, by controller; version 2's has none."""
    paths: Dict[str, str] = {}
    for line in files.text(os.path.join(root, "proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update({name: path.strip("/") for name in controllers.split(",")})
    return paths


def cgroup(root: str) -> Dict[str, Optional[str]]:
    """Return the limits of the process's control group (version 2 or 1), in the kernel's words."""
    paths = _groups(root)
    base = os.path.join(root, "sys/fs/cgroup")
    unified, cpu = paths.get("", ""), paths.get("cpu", "")
    memory, cpuset = paths.get("memory", ""), paths.get("cpuset", "")
    return {
        "cpu_max": files.first_text(_upwards(base, unified, "cpu.max")),
        "cpu_quota_us": files.first_text(_upwards(base + "/cpu", cpu, "cpu.cfs_quota_us")),
        "cpu_period_us": files.first_text(_upwards(base + "/cpu", cpu, "cpu.cfs_period_us")),
        "cpuset": files.first_text(
            _upwards(base, unified, "cpuset.cpus.effective")
            + _upwards(base + "/cpuset", cpuset, "cpuset.cpus")
        ),
        "memory_max": files.first_text(
            _upwards(base, unified, "memory.max")
            + _upwards(base + "/memory", memory, "memory.limit_in_bytes")
        ),
    }


def _upwards(base: str, path: str, name: str) -> List[str]:
    """Return where a limit may be seen: in the group's own folder, or in one above it."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [os.path.join(base, *parts[:n], name) for n in range(len(parts), -1, -1)]
