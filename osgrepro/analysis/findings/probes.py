"""Classes of what computes the same, as a probe finds them in a pool.

Made by ``probe_classes``, shown by the verb ``probe``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a probe ran: a hardware environment on one machine, or one of its execution points.

    ``emulation`` says what was only pretended there; nothing where all was real.
    """

    hardware: str
    machine: str | None
    execution_point: str | None
    intra_op_threads: int | None
    cpu_model_name: str | None
    gpu_name: str | None
    emulation: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A place in a class: how many of its runs are in it, and whether its others are too."""

    place: Place
    runs: int
    repeats_agree: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NumericalClass:
    """What computes the same; ``differs`` are the operations that the first class does otherwise.

    ``repeats_agree`` is None where no place has more than one run.
    """

    letter: str
    members: tuple[Member, ...]
    differs: tuple[str, ...]

    @property
    def runs(self) -> int:
        """How many runs are in it."""
        return sum(member.runs for member in self.members)

    @property
    def repeats_agree(self) -> bool | None:
        """Whether all runs of all of its places are in it; None where none was repeated."""
        known = [m.repeats_agree for m in self.members if m.repeats_agree is not None]
        return all(known) if known else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """The classes of one probe in one software environment, the largest first.

    Only results of the same code are compared; ``operations`` is how many there are.
    """

    experiment: str
    software: str
    code_sha256: str
    operations: int
    classes: tuple[NumericalClass, ...]
