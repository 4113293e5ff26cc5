"""Chooses hardware environments for a campaign: few of them, as different as the pool allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from osgrepro.common import toml
from osgrepro.common.models import Hardware
from osgrepro.common.texts import counted
from osgrepro.hardware.classes import HardwareClass
from osgrepro.hardware.selection import device, proves, requirements
from osgrepro.hardware.traits import Traits


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """The classes that become hardware environments, in the order of choice, and the others."""

    chosen: tuple[HardwareClass, ...]
    left_out: tuple[HardwareClass, ...]

    @property
    def slots(self) -> int:
        """Slots of the chosen classes."""
        return sum(hardware_class.slots for hardware_class in self.chosen)

    @property
    def slots_left_out(self) -> int:
        """Slots of the others."""
        return sum(hardware_class.slots for hardware_class in self.left_out)

    @property
    def numerical(self) -> tuple[int, int]:
        """How many numerical classes are covered, and how many there are."""
        covered = {numerical(chosen.traits) for chosen in self.chosen}
        return len(covered), len(covered | {numerical(left.traits) for left in self.left_out})

    def text(self) -> str:
        """Return the ``[[hardware]]`` tables of a campaign file."""
        return "\n".join(_lines(self))


def numerical(traits: Traits) -> tuple[object, ...]:
    """Return what of a class may decide a result.

    Vendor, microarchitecture and AVX-512 choose the kernels, logical CPUs the intra-op pool's
    size, the GPU its own kernels.
    """
    avx512 = "has_avx512f" in traits.flags
    gpus = tuple(gpu.name for gpu in traits.gpus)
    return (traits.vendor, traits.microarch, avx512, traits.cpus, gpus)


def propose(classes: Sequence[HardwareClass], count: int) -> Proposal:
    """Return at most ``count`` classes.

    One after the other: a class of a numerical class that none of the chosen has; of these the one
    with the most properties that are new; of these the one with the most machines, sites, slots.
    """
    rest = list(classes)
    chosen: list[HardwareClass] = []
    kinds: set[tuple[object, ...]] = set()
    seen: set[tuple[int, object]] = set()
    while rest and len(chosen) < count:

        def gain(hardware_class: HardwareClass) -> tuple[bool, int, int, int, int]:
            kind = numerical(hardware_class.traits)
            new = sum(value not in seen for value in enumerate(kind))
            return (
                kind not in kinds,
                new,
                hardware_class.machines,
                len(hardware_class.sites),
                hardware_class.slots,
            )

        best = max(rest, key=gain)
        rest.remove(best)
        chosen.append(best)
        kinds.add(numerical(best.traits))
        seen.update(enumerate(numerical(best.traits)))
    return Proposal(chosen=tuple(chosen), left_out=tuple(rest))


def environment(hardware_class: HardwareClass, gpus: int = 1) -> dict[str, Any]:
    """Return a class, and ``gpus`` of its GPUs, as a campaign's hardware environment.

    It asks for less memory than a run gets by default where half of the class's slots have less.
    """
    default = Hardware.model_fields["request_memory_mb"].default
    table: dict[str, Any] = {
        "name": hardware_class.name,
        "requirements": requirements(hardware_class),
        "proves": proves(hardware_class),
    }
    if hardware_class.memory_mb is not None and 0 < hardware_class.memory_mb < default:
        table["request_memory_mb"] = hardware_class.memory_mb
    if hardware_class.traits.gpus:
        table["gpus"] = dict(_gpus(hardware_class, gpus))
    return table


def table(hardware_class: HardwareClass, gpus: int = 1) -> Iterator[str]:
    """Yield the lines of a ``[[hardware]]`` table: a class, and ``gpus`` of its GPUs."""
    gpu = f", {hardware_class.gpu}" if hardware_class.gpu else ""
    yield _comment(f"{hardware_class.cpu}{gpu}: {amount(hardware_class)}")
    yield "[[hardware]]"
    for key, value in environment(hardware_class, gpus).items():
        yield f"{key} = {toml.value(value)}"


def _lines(proposal: Proposal) -> Iterator[str]:
    for hardware_class in proposal.chosen:
        yield from table(hardware_class)
        yield ""
    covered, all_ = proposal.numerical
    yield _comment(
        f"{covered} of {all_} numerical classes; left out: {len(proposal.left_out)} classes, "
        f"{proposal.slots_left_out} slots"
    )
    for hardware_class in proposal.left_out:
        yield _comment(f"  {hardware_class.name}: {amount(hardware_class)}")
    yield ""


def amount(hardware_class: HardwareClass) -> str:
    """Return how much there is of a class, in words."""
    parts = (
        (hardware_class.slots, "slot"),
        (hardware_class.machines, "machine"),
        (len(hardware_class.sites), "site"),
    )
    return ", ".join(counted(count, word) for count, word in parts)


def _gpus(hardware_class: HardwareClass, count: int) -> Iterator[tuple[str, Any]]:
    yield "count", count
    name = device(hardware_class)
    if name is not None:
        yield "device", name
    capability = hardware_class.traits.gpus[0].capability
    if capability:
        yield "minimum_capability", capability


def _comment(text: str) -> str:
    return "# " + "".join(char if char.isprintable() else "?" for char in text)
