"""The process, and the machine and operating system around it."""

from __future__ import annotations

import locale
import os
import platform
import socket
import sys
import time
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional

from . import files
from .collector import Collector


def process(collector: Collector) -> Dict[str, Any]:
    """Return the section ``process``."""
    return collector.section(
        "process",
        {
            "pid": os.getpid,
            "started_at": started_at,
            "argv": lambda: list(sys.argv),
            "executable": lambda: sys.executable,
            "python": platform.python_version,
            "python_build": lambda: sys.version.replace("\n", " "),
            "hash_seed": lambda: os.environ.get("PYTHONHASHSEED"),
            "locale": lambda: locale.setlocale(locale.LC_ALL, None),
            "encoding": sys.getfilesystemencoding,
        },
    )


def host(
    collector: Collector,
    environ: Mapping[str, str],
    machine_ad: Optional[Mapping[str, Any]],
    root: str = "/",
) -> Dict[str, Any]:
    """Return the section ``host``."""
    ad = machine_ad or {}
    return collector.section(
        "host",
        {
            "name": socket.gethostname,
            "machine": lambda: ad.get("Machine"),
            "slot": lambda: ad.get("Name"),
            "site": lambda: _first(
                ad.get("GLIDEIN_ResourceName"),
                ad.get("GLIDEIN_Site"),
                environ.get("OSG_SITE_NAME"),
                environ.get("GLIDEIN_Site"),
            ),
            "kernel": platform.release,
            "architecture": platform.machine,
            "os": lambda: _os_name(root),
            "glibc": lambda: os.confstr("CS_GNU_LIBC_VERSION"),
            "memory_total_kb": lambda: _memory_total_kb(root),
        },
    )


def started_at() -> str:
    """Return when this process started (UTC), by the kernel's clock ticks since boot."""
    fields = files.text("/proc/self/stat").rpartition(")")[2].split()
    ticks = int(fields[19])
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    age_s = since_boot - ticks / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(time.time() - age_s, timezone.utc).isoformat()


def _os_name(root: str) -> Optional[str]:
    lines = files.text(os.path.join(root, "etc/os-release")).splitlines()
    pairs = dict(line.split("=", 1) for line in lines if "=" in line)
    return pairs.get("PRETTY_NAME", "").strip('"') or None


def _memory_total_kb(root: str) -> int:
    for line in files.text(os.path.join(root, "proc/meminfo")).splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1])
    raise ValueError("no MemTotal in /proc/meminfo")


def _first(*values: Optional[str]) -> Optional[str]:
    return next((value for value in values if value), None)
