"""The processor: identity, flags, caches, hypervisor, and how it treats denormal numbers."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List, Optional

from . import files
from .collector import Collector


def collect(collector: Collector, root: str = "/") -> Dict[str, Any]:
    """Return the section ``cpu``; ``root`` is where /proc and /sys lie."""
    first = collector.field("cpu.cpuinfo", lambda: first_processor(root), {})
    flags = first.get("flags", "").split()
    return collector.section(
        "cpu",
        {
            "vendor": lambda: first.get("vendor_id"),
            "family": lambda: _number(first.get("cpu family")),
            "model": lambda: _number(first.get("model")),
            "stepping": lambda: _number(first.get("stepping")),
            "microcode": lambda: first.get("microcode"),
            "model_name": lambda: first.get("model name"),
            "flags": lambda: flags,
            "caches": lambda: caches(root),
            "hypervisor": lambda: "hypervisor" in flags,
            "machine": lambda: _machine(root),
            "flush_to_zero": flush_to_zero,
            "denormals_are_zero": denormals_are_zero,
        },
    )


def first_processor(root: str) -> Dict[str, str]:
    """Return what /proc/cpuinfo says about the first processor."""
    block = files.text(os.path.join(root, "proc/cpuinfo")).split("\n\n")[0]
    pairs = (line.partition(":") for line in block.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def caches(root: str) -> List[Dict[str, Any]]:
    """Return the caches of CPU 0 from sysfs, with level, type, size and who shares them."""
    folder = os.path.join(root, "sys/devices/system/cpu/cpu0/cache")
    cache_list = []
    for index in files.entries(folder):
        place = os.path.join(folder, index)
        if not index.startswith("index"):
            continue
        cache_list.append(
            {
                "level": _number(files.text_or_none(os.path.join(place, "level"))),
                "type": files.text_or_none(os.path.join(place, "type")),
                "size": files.text_or_none(os.path.join(place, "size")),
                "shared_by": files.text_or_none(os.path.join(place, "shared_cpu_list")),
            }
        )
    return cache_list


def flush_to_zero() -> bool:
    """Whether a result that is too small for a normal number becomes zero."""
    smallest_normal = sys.float_info.min
    return smallest_normal * 0.5 == 0.0


def denormals_are_zero() -> bool:
    """Whether an operand that is too small for a normal number counts as zero."""
    # Made at run time: a literal's product would be folded when this file is compiled.
    denormal = float("5e-324")
    return denormal * 2.0**1000 == 0.0


def _machine(root: str) -> Optional[str]:
    place = os.path.join(root, "sys/class/dmi/id")
    names = (files.text_or_none(os.path.join(place, n)) for n in ("sys_vendor", "product_name"))
    return " ".join(name for name in names if name) or None


def _number(value: Optional[str]) -> Optional[int]:
    return int(value) if value is not None and value.isdigit() else None
