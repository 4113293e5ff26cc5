"""Numerical classes: what computes the same, told by the hashes of a probe's operations.

Pure: rows of the dataset come in as mappings, and the verb ``probe`` shows the classes of a pool.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osgrepro.analysis.findings import letter

# What a probe's rows must hold: the columns of the dataset that are read here.
PROBE_COLUMNS = (
    *("experiment", "software", "code_sha256", "hardware", "repeat", "status", "probe_json"),
    *("machine", "execution_point", "intra_op_threads", "cpu_model_name", "gpu_name"),
    *("emulation", "simulated_gpu"),
)


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


def probes(rows: Iterable[Mapping[str, Any]]) -> tuple[Probe, ...]:
    """Return the classes of every probe among the dataset's rows; other rows are passed over.

    Parameters
    ----------
    rows : iterable of mapping
        With at least the keys ``PROBE_COLUMNS``.
    """
    found: dict[tuple[str, str, str], list[_Seen]] = {}
    for row in sorted(rows, key=_order):
        hashes = json.loads(row["probe_json"] or "null")
        if row["status"] == "ok" and hashes:
            key = (row["experiment"], row["software"], row["code_sha256"])
            found.setdefault(key, []).append(_Seen(place=_place(row), hashes=hashes))
    return tuple(_probe(key, seen) for key, seen in found.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """One run of a probe: where, and the hash of each operation's result."""

    place: Place
    hashes: Mapping[str, str]

    @property
    def outcome(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.hashes.items()))


def _order(row: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("experiment", "software", "code_sha256", "hardware", "machine", "execution_point")
    return tuple(str(row[name]) for name in names)


def _place(row: Mapping[str, Any]) -> Place:
    pretended = list(row["emulation"] if row["emulation"] is not None else ())
    if row["simulated_gpu"] and not pretended:
        pretended.append("simulated GPU")
    return Place(
        hardware=row["hardware"],
        machine=row["machine"],
        execution_point=row["execution_point"],
        intra_op_threads=row["intra_op_threads"],
        cpu_model_name=row["cpu_model_name"],
        gpu_name=row["gpu_name"],
        emulation=tuple(pretended),
    )


def _probe(key: tuple[str, str, str], seen: Sequence[_Seen]) -> Probe:
    grouped: dict[tuple[tuple[str, str], ...], list[_Seen]] = {}
    for one in seen:
        grouped.setdefault(one.outcome, []).append(one)
    groups = sorted(grouped.values(), key=len, reverse=True)
    first, everything = groups[0][0].hashes, Counter(one.place for one in seen)
    experiment, software, code_sha256 = key
    return Probe(
        experiment=experiment,
        software=software,
        code_sha256=code_sha256,
        operations=len(first),
        classes=tuple(
            NumericalClass(
                letter=letter(number),
                members=_members(group, everything),
                differs=_differs(first, group[0].hashes),
            )
            for number, group in enumerate(groups)
        ),
    )


def _members(group: Sequence[_Seen], everything: Counter[Place]) -> tuple[Member, ...]:
    here = Counter(one.place for one in group)
    return tuple(
        Member(
            place=place,
            runs=runs,
            repeats_agree=runs == everything[place] if everything[place] > 1 else None,
        )
        for place, runs in here.items()
    )


def _differs(first: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in sorted({*first, *other}) if first.get(name) != other.get(name))
