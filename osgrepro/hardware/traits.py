"""What a machine ad tells of its hardware, as one value: ads with equal traits are one class.

Pilots differ in what they advertise. What an ad does not tell, or tells as something that it can't
be, is None here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The instruction sets that decide which kernels a library takes, as HTCondor advertises them.
FLAGS = ("has_avx", "has_avx2", "has_avx512f", "has_avx512dq", "has_avx512_vnni")
MODEL = "OSGVO_CPU_MODEL"
# The first that an ad has tells where it is.
SITES = ("GLIDEIN_Site", "OSG_SITE", "OSG_SITE_NAME", "GLIDEIN_ResourceName")

# CPUID's families; 15 was both Intel's and AMD's.
_VENDORS = {6: "Intel"} | dict.fromkeys((16, 20, 21, 22, 23, 25, 26), "AMD") | {24: "Hygon"}
# What spellings of one model differ in.
_NOISE = re.compile(
    r"\((?:R|TM|C)\)|@ ?[\d.]+ ?[GM]Hz|\b(?:CPU|Processor|AMD|Intel|(?:\d+|\w+)-Core)(?![^\s(])",
    re.I,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gpu:
    """One kind of GPU in a slot; ``driver`` is the CUDA version that the driver supports."""

    name: str | None = None
    capability: float | None = None
    memory_mb: float | None = None
    driver: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """The hardware of a slot.

    Parameters
    ----------
    arch, microarch : str or None
        ``X86_64``, and the level that HTCondor found: ``x86_64-v3``.
    family, model : float or None
        The CPU's family and model number.
    model_key : str or None
        The model's name in the spelling by which they are compared.
    flags : tuple of str
        Those of ``FLAGS`` that the ad says to be there.
    cpus : float or None
        Logical CPUs of the whole machine, as HTCondor detected them; where the ad does not say,
        those that it offers.
    detected : bool
        Which of the two ``cpus`` is.
    cache_kb : float or None
        The cache that /proc/cpuinfo names.
    gpus : tuple of Gpu
        The kinds of GPU in the slot, none twice; empty without GPUs.
    nested : bool
        Whether the GPUs differ, so that only their own ads tell of them.
    """

    arch: str | None = None
    microarch: str | None = None
    family: float | None = None
    model: float | None = None
    model_key: str | None = None
    flags: tuple[str, ...] = ()
    cpus: float | None = None
    detected: bool = False
    cache_kb: float | None = None
    gpus: tuple[Gpu, ...] = ()
    nested: bool = False

    @property
    def vendor(self) -> str | None:
        """Who made the CPU: as its name says, or its family."""
        key = self.model_key or ""
        if re.search(r"\b(xeon|pentium|celeron)\b", key):
            return "Intel"
        if re.search(r"\b(epyc|opteron|ryzen|threadripper)\b", key):
            return "AMD"
        return None if self.family is None else _VENDORS.get(int(self.family))

    @property
    def instructions(self) -> str:
        """The instruction sets in words, each but the highest left out where it is implied."""
        if not self.flags:
            return "unknown" if self.microarch is None else "none"
        shown = self.flags if self.flags == ("has_avx",) else self.flags[1:]
        return " ".join(flag.removeprefix("has_") for flag in shown)


def model_name(text: str) -> str:
    """Return the name of a CPU model without what its spellings differ in."""
    return " ".join(_NOISE.sub(" ", text).split())


def traits(ad: Mapping[str, Any]) -> Traits:
    """Return the hardware of a machine ad."""
    name = model_name(_text(ad.get(MODEL)) or "").lower()
    detected = _number(ad.get("DetectedCpus"))
    gpus, nested = _gpus(ad)
    return Traits(
        arch=_text(ad.get("Arch")),
        microarch=_text(ad.get("Microarch")),
        family=_number(ad.get("CpuFamily")),
        model=_number(ad.get("CpuModelNumber")),
        model_key=name or None,
        flags=tuple(flag for flag in FLAGS if ad.get(flag) is True),
        cpus=_number(ad.get("TotalCpus")) if detected is None else detected,
        detected=detected is not None,
        cache_kb=_number(ad.get("CpuCacheSize")),
        gpus=gpus,
        nested=nested,
    )


def gpu_count(ad: Mapping[str, Any]) -> int:
    """Return how many GPUs a slot has, those in use included."""
    for name in ("TotalSlotGPUs", "GPUs"):
        count = _number(ad.get(name))
        if count is not None:
            return int(count)
    return 0


def cpu_count(ad: Mapping[str, Any]) -> float:
    """Return how many CPUs a slot has, those in use included."""
    for name in ("TotalSlotCpus", "Cpus"):
        count = _number(ad.get(name))
        if count is not None:
            return count
    return 0


def memory_mb(ad: Mapping[str, Any]) -> float | None:
    """Return a slot's memory in MiB, what is in use included; None where the ad has none."""
    whole = _number(ad.get("TotalSlotMemory"))
    return _number(ad.get("Memory")) if whole is None else whole


def site(ad: Mapping[str, Any]) -> str | None:
    """Return where a slot is."""
    return next((site_name for name in SITES if (site_name := _text(ad.get(name)))), None)


def _gpus(ad: Mapping[str, Any]) -> tuple[tuple[Gpu, ...], bool]:
    if not gpu_count(ad):
        return (), False
    if _text(ad.get("GPUs_DeviceName")) is None:
        listed = ad.get("AvailableGPUs")
        kinds = {_gpu(item) for item in listed or () if isinstance(item, Mapping)}
        if kinds:
            return tuple(sorted(kinds, key=repr)), True
    return (_gpu(ad, "GPUs_"),), False


def _gpu(ad: Mapping[str, Any], prefix: str = "") -> Gpu:
    return Gpu(
        name=_text(ad.get(f"{prefix}DeviceName")),
        capability=_number(ad.get(f"{prefix}Capability")),
        memory_mb=_number(ad.get(f"{prefix}GlobalMemoryMb")),
        driver=_number(ad.get(f"{prefix}DriverVersion")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _number(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < float("inf") else None
