"""What a pool has instead of hardware that no run gets: the nearest of its other classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from osgrepro.hardware.classes import HardwareClass
from osgrepro.hardware.traits import Traits


@dataclass(frozen=True, kw_only=True, slots=True)
class Substitute:
    """A class that could stand in for a hardware environment.

    ``slots`` of it can take the environment's runs once ``lacks``, the conditions that most of
    them do not satisfy, are given up.
    """

    hardware_class: HardwareClass
    slots: int
    lacks: tuple[str, ...]


def nearest(
    classes: Iterable[HardwareClass],
    slots: Iterable[tuple[Traits, tuple[str, ...]]],
    selected: Collection[Traits] = (),
    *,
    count: int = 3,
) -> Sequence[Substitute]:
    """Return at most ``count`` classes: the fewest conditions lacking first, then the most slots.

    Parameters
    ----------
    classes : iterable of HardwareClass
        Those of the pool.
    slots : iterable of (Traits, tuple of str)
        Each slot that could take a run by everything but what the environment says of its
        hardware: what it is, and the conditions on the hardware that it does not satisfy.
    selected : collection of Traits
        What the campaign has already.
    """
    lacking: dict[Traits, Counter[tuple[str, ...]]] = {}
    for traits, lacks in slots:
        lacking.setdefault(traits, Counter())[lacks] += 1
    substitutes = [
        Substitute(
            hardware_class=hardware_class,
            slots=lacking[hardware_class.traits].total(),
            lacks=lacking[hardware_class.traits].most_common(1)[0][0],
        )
        for hardware_class in classes
        if hardware_class.traits in lacking and hardware_class.traits not in selected
    ]
    return sorted(substitutes, key=_by_lacks)[:count]


def _by_lacks(substitute: Substitute) -> tuple[int, int, str]:
    return len(substitute.lacks), -substitute.slots, substitute.hardware_class.name
