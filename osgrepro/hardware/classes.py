"""Machine ads become hardware classes: what there is, how much of it, and where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median_low
from typing import Any

from osgrepro.hardware.traits import (
    MODEL,
    Traits,
    cpu_count,
    gpu_count,
    memory_mb,
    model_name,
    site,
    traits,
)

_SAMPLES = 5
_LONGEST_START = 40
# Of a name in a campaign, and of one that gets a number.
_LONGEST, _LONGEST_NUMBERED = 64, 56
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class HardwareClass:
    """The slots whose ads tell of the same hardware.

    Parameters
    ----------
    name : str
        A name for it, valid in a campaign and unique among the classes of one pool.
    traits : Traits
        What their ads have in common.
    spellings : frozenset
        The values of the CPU model's name in the ads; None where an ad has none.
    slots, machines, gpus : int
        How many there are.
    cpus : float
        CPUs of all slots.
    sites : mapping
        Slots by site; those that name none are under ``unknown``.
    samples : tuple of str
        The names of some slots.
    memory_mb : int or None
        What at least half of its slots have; None where no ad tells.
    """

    name: str
    traits: Traits
    spellings: frozenset[str | None]
    slots: int
    machines: int
    cpus: float
    gpus: int
    sites: Mapping[str, int]
    samples: tuple[str, ...]
    memory_mb: int | None = None

    @property
    def cpu(self) -> str:
        """The CPU in words: its model's name where pilots tell it, else family and number."""
        spelled = sorted(spelling for spelling in self.spellings if spelling)
        if self.traits.model_key and spelled:
            return model_name(spelled[0])
        vendor = self.traits.vendor or UNKNOWN
        if self.traits.family is None:
            return f"{vendor}, no model name"
        number = UNKNOWN if self.traits.model is None else f"{self.traits.model:g}"
        return f"{vendor} family {self.traits.family:g} model {number}, no model name"

    @property
    def gpu(self) -> str:
        """The GPUs in words; empty without any."""
        return " + ".join(gpu.name or UNKNOWN for gpu in self.traits.gpus)


@dataclass(slots=True)
class _Group:
    """Adds up one class."""

    spellings: set[str | None] = field(default_factory=set)
    slots: int = 0
    cpus: float = 0
    gpus: int = 0
    machines: set[str] = field(default_factory=set)
    sites: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)
    memories_mb: list[float] = field(default_factory=list)

    def add(self, ad: Mapping[str, Any]) -> None:
        spelling = ad.get(MODEL)
        slot = str(ad.get("Name", UNKNOWN))
        self.spellings.add(spelling if isinstance(spelling, str) else None)
        self.slots += 1
        self.cpus += cpu_count(ad)
        self.gpus += gpu_count(ad)
        self.machines.add(str(ad.get("Machine") or slot.rpartition("@")[2]))
        self.sites[site(ad) or UNKNOWN] += 1
        if (memory := memory_mb(ad)) is not None:
            self.memories_mb.append(memory)
        if len(self.samples) < _SAMPLES:
            self.samples.append(slot)


def classes(ads: Iterable[Mapping[str, Any]]) -> tuple[HardwareClass, ...]:
    """Return the hardware classes of machine ads, those with the most slots first."""
    groups: dict[Traits, _Group] = {}
    for ad in ads:
        groups.setdefault(traits(ad), _Group()).add(ad)
    ordered = sorted(groups.items(), key=lambda item: (-item[1].slots, repr(item[0])))
    names = _names([class_traits for class_traits, _ in ordered])
    return tuple(
        HardwareClass(
            name=name,
            traits=class_traits,
            spellings=frozenset(group.spellings),
            slots=group.slots,
            machines=len(group.machines),
            cpus=group.cpus,
            gpus=group.gpus,
            sites=dict(group.sites.most_common()),
            samples=tuple(group.samples),
            memory_mb=int(median_low(group.memories_mb)) if group.memories_mb else None,
        )
        for name, (class_traits, group) in zip(names, ordered, strict=True)
    )


def _names(all_traits: list[Traits]) -> list[str]:
    """Return a name for each: as short as may be, and longer where it would stand twice."""
    names = [_start(own) for own in all_traits]
    for suffix in _SUFFIXES:
        counts = Counter(names)
        longer = (
            f"{name}{suffix(own)}" if counts[name] > 1 else name
            for name, own in zip(names, all_traits, strict=True)
        )
        names = list(longer)
    return _numbered(names)


def _start(own: Traits) -> str:
    gpus = "-".join(_slug(gpu.name or "") or "unknown-gpu" for gpu in own.gpus)
    name = (gpus or _cpu_slug(own))[:_LONGEST_START].strip("-.")
    return f"{name}-{own.cpus:g}cpus" if own.cpus is not None else name


def _cpu_slug(own: Traits) -> str:
    if slug := _slug(own.model_key or ""):
        return slug
    if own.family is None:
        return _slug(own.microarch or own.arch or "") or "unknown-cpu"
    number = "" if own.model is None else f"-model{own.model:g}"
    return f"{(own.vendor or 'cpu').lower()}-family{own.family:g}{number}"


# What lengthens the names of classes that would have the same one.
_SUFFIXES: tuple[Callable[[Traits], str], ...] = (
    lambda own: f"-{_cpu_slug(own)[:16].strip('-.')}" if own.gpus else "",
    lambda own: f"-{own.microarch.rpartition('-')[2][:6]}" if own.microarch else "",
    lambda own: f"-{own.cache_kb:g}kb" if own.cache_kb is not None else "",
)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")


def _numbered(names: list[str]) -> list[str]:
    """Return the names, of 64 characters at most, with a number where one still stands twice."""
    unique: dict[str, None] = {}
    for long in names:
        name, number = _slug(long)[:_LONGEST].rstrip("-."), 1
        start = name[:_LONGEST_NUMBERED].rstrip("-.")
        while name in unique:
            number += 1
            name = f"{start}-{number}"
        unique[name] = None
    return list(unique)
