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

    found: HardwareClass
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
    others = [
        Substitute(
            found=outcome_class,
            slots=lacking[outcome_class.traits].total(),
            lacks=lacking[outcome_class.traits].most_common(1)[0][0],
        )
        for outcome_class in classes
        if outcome_class.traits in lacking and outcome_class.traits not in selected
    ]
    return sorted(others, key=lambda one: (len(one.lacks), -one.slots, one.found.name))[:count]
