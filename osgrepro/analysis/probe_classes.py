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
from osgrepro.analysis.findings.probes import Member, NumericalClass, Place, Probe

# What a probe's rows must hold: the columns of the dataset that are read here.
PROBE_COLUMNS = (
    *("experiment", "software", "code_sha256", "hardware", "repeat", "status", "probe_json"),
    *("machine", "execution_point", "intra_op_threads", "cpu_model_name", "gpu_name"),
    *("emulation", "simulated_gpu"),
)


def probes(rows: Iterable[Mapping[str, Any]]) -> tuple[Probe, ...]:
    """Return the classes of every probe among the dataset's rows; other rows are passed over.

    Parameters
    ----------
    rows : iterable of mapping
        With at least the keys ``PROBE_COLUMNS``.
    """
    runs_of: dict[tuple[str, str, str], list[_ProbeRun]] = {}
    for row in sorted(rows, key=_order):
        hashes = json.loads(row["probe_json"] or "null")
        if row["status"] == "ok" and hashes:
            key = (row["experiment"], row["software"], row["code_sha256"])
            runs_of.setdefault(key, []).append(_ProbeRun(place=_place(row), hashes=hashes))
    return tuple(_probe(key, runs) for key, runs in runs_of.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class _ProbeRun:
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


def _probe(key: tuple[str, str, str], runs: Sequence[_ProbeRun]) -> Probe:
    by_outcome: dict[tuple[tuple[str, str], ...], list[_ProbeRun]] = {}
    for run in runs:
        by_outcome.setdefault(run.outcome, []).append(run)
    groups = sorted(by_outcome.values(), key=len, reverse=True)
    first, runs_at = groups[0][0].hashes, Counter(run.place for run in runs)
    experiment, software, code_sha256 = key
    return Probe(
        experiment=experiment,
        software=software,
        code_sha256=code_sha256,
        operations=len(first),
        classes=tuple(
            NumericalClass(
                letter=letter(number),
                members=_members(group, runs_at),
                differs=_differs(first, group[0].hashes),
            )
            for number, group in enumerate(groups)
        ),
    )


def _members(group: Sequence[_ProbeRun], runs_at: Counter[Place]) -> tuple[Member, ...]:
    """Return the places of a class; ``runs_at`` is how many runs a place has in all classes."""
    in_class = Counter(run.place for run in group)
    return tuple(
        Member(
            place=place,
            runs=runs,
            repeats_agree=runs == runs_at[place] if runs_at[place] > 1 else None,
        )
        for place, runs in in_class.items()
    )


def _differs(first: Mapping[str, str], hashes: Mapping[str, str]) -> tuple[str, ...]:
    names = sorted({*first, *hashes})
    return tuple(name for name in names if first.get(name) != hashes.get(name))
