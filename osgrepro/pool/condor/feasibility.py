"""Whether any slot of a pool matches what a hardware environment asks, and if none does, why not.

Both sides of the match are evaluated as ClassAds: each clause of the requirements and each resource
against the slot, and the slot's own START expression against the job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import classad2

from osgrepro.common.models import Hardware
from osgrepro.pool.condor.conditions import JOB, Ad, column, reads_of, split, starts
from osgrepro.runs.render import device_expression

# What a slot must have beside the campaign's own requirement, as condor_submit asks for it too. The
# whole slot's resources decide whether a job can ever match, what is unclaimed whether it can now.
_WHOLE = {"Cpus": "TotalSlotCpus", "Memory": "TotalSlotMemory", "Disk": "TotalSlotDisk"}
_PLATFORM = 'TARGET.Arch == "X86_64" && TARGET.OpSys == "LINUX"'
_CONTAINERS = "TARGET.HasSIF =?= true || TARGET.HasSingularity =?= true"
START = "START of the slot"
# The conditions on GPUs that say which kind is wanted.
_KINDS = ("gpus.minimum_capability", "gpus.device")


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One condition: how many slots satisfy it, and how many would match without it."""

    text: str
    alone: int
    without: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Feasibility:
    """How a hardware environment stands in a pool.

    ``matching`` of ``slots`` can take its runs, ``free`` of them now. ``clauses`` are all of its
    conditions, in the order in which they are written; ``absent`` are attributes that its
    requirement reads, and no slot has.
    """

    hardware: str
    slots: int
    matching: int
    free: int
    clauses: tuple[Clause, ...]
    absent: tuple[str, ...] = ()

    @property
    def killers(self) -> tuple[Clause, ...]:
        """The conditions without which some slot would match; else those that no slot satisfies.

        Empty where slots match, or where only several conditions together exclude them all.
        """
        if self.matching:
            return ()
        single = tuple(clause for clause in self.clauses if clause.without)
        return single or tuple(clause for clause in self.clauses if not clause.alone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """What keeps a slot from taking an environment's runs.

    ``hardware`` are the conditions on what it is (the requirement's clauses, and the kind of GPU)
    that it does not satisfy; ``fits`` tells whether it satisfies all others.
    """

    hardware: tuple[str, ...]
    fits: bool


def attributes(hardware: Iterable[Hardware]) -> list[str]:
    """Return the machine attributes that :func:`feasible` reads for these environments."""
    names = {"start", *_WHOLE, *_WHOLE.values()}
    for environment in hardware:
        for text, _wanted in _conditions(environment):
            names.update(reads_of(text))
    return sorted(names)


def feasible(hardware: Hardware, slots: Sequence[Ad]) -> Feasibility:
    """Evaluate what ``hardware`` asks against every ad of ``slots``.

    An attribute that the ads lack is undefined, and a condition that is undefined does not hold.
    Only a slot's START excludes nobody while it is undefined: what it reads may not be here.
    """
    slots = _lowered(slots)
    job = _job(hardware)
    names, held = _held(hardware, slots)
    failed = [sum(not column[row] for column in held) for row in range(len(slots))]
    now = [column(text, job, slots) for text in _resources("{}")]
    has = {name for slot in slots for name, value in slot.items() if value is not None}
    return Feasibility(
        absent=tuple(name for name in _named(hardware) if name.lower() not in has),
        hardware=hardware.name,
        slots=len(slots),
        matching=failed.count(0),
        free=sum(
            not count and all(column[row] for column in now) for row, count in enumerate(failed)
        ),
        clauses=tuple(
            Clause(
                text=name,
                alone=sum(column),
                without=sum(count == (not ok) for count, ok in zip(failed, column, strict=True)),
            )
            for name, column in zip(names, held, strict=True)
        ),
    )


def shortfalls(hardware: Hardware, slots: Sequence[Ad]) -> list[Shortfall]:
    """Return for each ad of ``slots`` what it lacks of what ``hardware`` asks."""
    names, held = _held(hardware, _lowered(slots))
    said = len(split(hardware.requirements))
    about = [row < said or name.startswith(_KINDS) for row, name in enumerate(names)]
    columns = list(zip(names, about, held, strict=True))
    return [
        Shortfall(
            hardware=tuple(name for name, kind, ok in columns if kind and not ok[row]),
            fits=all(ok[row] for _name, kind, ok in columns if not kind),
        )
        for row in range(len(slots))
    ]


def _held(hardware: Hardware, slots: Sequence[Ad]) -> tuple[list[str], list[list[bool]]]:
    """Return all conditions' names, the requirement's first, and which slots satisfy each."""
    job = _job(hardware)
    conditions = list(_conditions(hardware))
    held = [column(text, job, slots) for text, _wanted in conditions]
    held.append(starts(job, slots))
    return [name for _text, name in conditions] + [START], held


def _lowered(slots: Iterable[Ad]) -> list[Ad]:
    return [{name.lower(): value for name, value in slot.items()} for slot in slots]


def _conditions(hardware: Hardware) -> Iterator[tuple[str, str]]:
    """Yield each condition as an expression, and as the campaign's reader knows it."""
    for clause in split(hardware.requirements):
        yield clause, clause
    whole = [_resource_name(hardware, text) for text in _RESOURCES]
    yield from zip(_resources("whole"), whole, strict=True)
    gpus = hardware.gpus
    if gpus is not None:
        yield (
            f"max({{TARGET.TotalSlotGPUs ?: 0, TARGET.TotalGPUs ?: 0, TARGET.GPUs ?: 0}}) >= "
            f"{gpus.count}",
            f"gpus.count = {gpus.count}",
        )
        # Slots with unlike GPUs don't advertise these: then it is left to the match itself.
        for attribute, limit, key in (
            ("GPUs_Capability", gpus.minimum_capability, "minimum_capability"),
            ("GPUs_GlobalMemoryMb", gpus.minimum_memory_mb, "minimum_memory_mb"),
        ):
            if limit is not None:
                yield (
                    f"isUndefined(TARGET.{attribute}) || TARGET.{attribute} >= {limit}",
                    f"gpus.{key} = {limit}",
                )
        device = device_expression(gpus)
        if device is not None:
            named = device.replace("DeviceName", "TARGET.GPUs_DeviceName")
            yield f"isUndefined(TARGET.GPUs_DeviceName) || {named}", f"gpus.device = {gpus.device}"
    yield _PLATFORM, "Arch and OpSys: x86_64 Linux"
    yield _CONTAINERS, "HasSIF: Apptainer"


_RESOURCES = {"Cpus": "RequestCpus", "Memory": "RequestMemory", "Disk": "RequestDisk"}


def _resources(which: str) -> list[str]:
    """Return the conditions on resources: the whole slot's, or what it has left."""
    left = {name: f"TARGET.{name}" for name in _RESOURCES}
    whole = {name: f"(TARGET.{_WHOLE[name]} ?: TARGET.{name})" for name in _RESOURCES}
    offered = whole if which == "whole" else left
    return [f"{offered[name]} >= MY.{request}" for name, request in _RESOURCES.items()]


def _resource_name(hardware: Hardware, resource: str) -> str:
    key = {"Cpus": "request_cpus", "Memory": "request_memory_mb", "Disk": "request_disk_mb"}
    return f"{key[resource]} = {getattr(hardware, key[resource])}"


def _job(hardware: Hardware) -> Any:
    job = classad2.ClassAd()
    job["OsgreproHardware"] = hardware.name
    job["RequestCpus"] = hardware.request_cpus
    job["RequestMemory"] = hardware.request_memory_mb
    job["RequestDisk"] = hardware.request_disk_mb * 1024
    job["RequestGPUs"] = hardware.gpus.count if hardware.gpus else 0
    return job


def _named(hardware: Hardware) -> list[str]:
    """Return the machine's attributes that the requirement reads, as it writes them."""
    names = classad2.ClassAd().externalRefs(classad2.ExprTree(hardware.requirements))
    bare = [name.split(".")[1] if name.lower().startswith("target.") else name for name in names]
    return [name for name in bare if name and name.lower() not in JOB]
