"""Whether a run landed on the hardware that its cell asked for, by what its record shows.

Pure: who can evaluate ClassAd expressions is passed in, and so are the record's columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from osgrepro.common.models import Hardware
from osgrepro.results.records.judging import Record

# What an ad says of the slot that was made for the job, or of the moment, and not of the machine.
_OF_THE_SLOT = frozenset(
    {
        *("name", "slottype", "partitionableslot", "dynamicslot", "state", "activity", "loadavg"),
        *("cpus", "memory", "disk", "gpus"),
    }
)
# Where a slot that stands in for another machine says which one.
_CLAIMS = {
    "cpu_family": "CpuFamily",
    "cpu_model": "CpuModelNumber",
    "cpu_model_name": "OSGVO_CPU_MODEL",
    "gpu_name": "GPUs_DeviceName",
    "cpu_avx": "has_avx",
    "cpu_avx2": "has_avx2",
    "cpu_avx512f": "has_avx512f",
    "cpu_avx512_vnni": "has_avx512_vnni",
}
# What is true or false of an attribute also where it is not known.
_STRICT = re.compile(r"=[?!]=|\bis", re.IGNORECASE)

Columns = Callable[[Record, Collection[str]], Mapping[str, Any]]


class Expressions(Protocol):
    """Who knows ClassAd expressions; ``osgrepro.pool.condor`` is one."""

    def attributes(self, expression: str, /) -> Sequence[str]:
        """Return the attributes that an expression refers to."""

    def truth(
        self, expression: str, own: Mapping[str, Any], machine: Mapping[str, Any], /
    ) -> bool | None:
        """Return whether an expression is true; None where it is undefined or an error."""


def check_hardware(
    record: Record, environment: Hardware, columns: Columns, expressions: Expressions
) -> str | None:
    """Return what a record shows instead of its hardware environment, or None if it proves it.

    Parameters
    ----------
    record : Record
        With its machine.
    environment : Hardware
        ``requirements`` must not be false of the machine; what is not known of it is no fault.
        ``proves`` must be true of the record: its columns first, then the machine's attributes.
        An attempt that failed may not have come so far as to show it, so only false counts there.
        An emulated slot proves what it stands in for, by its ad; its record says `emulated`.
        ``gpus`` must show, and where the record tells, have been used; simulated ones need not.
    columns : callable
        Takes a record and names; returns those columns that there are.
    expressions : Expressions
        Evaluates.
    """
    machine = _machine(record)
    named = expressions.attributes(environment.requirements)
    known = {name: value for name, value in machine.items() if name.lower() not in _OF_THE_SLOT}
    if _refutes(environment.requirements, named, known, expressions):
        return _instead(environment, named, {}, known)
    if environment.gpus is not None and (missing := _missing_gpu(record, environment.gpus.count)):
        return f"{missing}: not {environment.name}"
    if environment.proves is None:
        return None
    named = expressions.attributes(environment.proves)
    own = {**columns(record, {_bare(name) for name in named}), **_stands_in_for(record, machine)}
    proved = expressions.truth(environment.proves, own, machine)
    if proved or (proved is None and not record.ok):
        return None
    return _instead(environment, named, own, machine)


def _missing_gpu(record: Record, asked: int) -> str | None:
    """Return what a record shows in place of the GPUs that it trained on, or None."""
    provenance = record.result.provenance
    if not record.ok or provenance.emulation.simulated_gpu:
        return None
    if provenance.gpu_used is False:
        return f"{asked} GPU(s) asked for, but none used"
    if provenance.gpu_used:
        return None
    seen = [gpu for gpu in provenance.gpus if gpu.get("visible", True)]
    if seen or provenance.framework.get("gpus"):  # an image may lack nvidia-smi
        return None
    return f"{asked} GPU(s) asked for, but none seen"


def _refutes(
    requirements: str, named: Sequence[str], known: Mapping[str, Any], expressions: Expressions
) -> bool:
    """Whether the machine can't have satisfied the requirements when the job was matched."""
    of_the_slot = any(_bare(name) in _OF_THE_SLOT for name in named)
    if of_the_slot and _STRICT.search(requirements):
        return False
    return expressions.truth(requirements, {}, known) is False


def _machine(record: Record) -> dict[str, Any]:
    """Return the machine's attributes: seen on the slot, and as the access point recorded them."""
    seen = record.result.provenance.machine_ad or {}
    recorded = {name.lower() for name in record.machine}
    return {name: seen[name] for name in seen if name.lower() not in recorded} | {**record.machine}


def _stands_in_for(record: Record, machine: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of what an emulated slot says that it is; none of any other slot."""
    if not record.result.provenance.emulation.emulated:
        return {}
    said = {column: machine.get(name) for column, name in _CLAIMS.items()}
    return {column: value for column, value in said.items() if value is not None}


def _bare(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _instead(
    environment: Hardware, named: Sequence[str], own: Mapping[str, Any], machine: Mapping[str, Any]
) -> str:
    shown = ", ".join(_shown(named, own, machine)) or "nothing that the expression refers to"
    return f"{shown}: not {environment.name}"


def _shown(
    named: Sequence[str], own: Mapping[str, Any], machine: Mapping[str, Any]
) -> Iterator[str]:
    lower = {name.lower(): value for name, value in machine.items()}
    for name in named:
        place = lower if name.lower().startswith("target.") or _bare(name) not in own else own
        value = place.get(_bare(name))
        yield f"{name} = {'undefined' if value is None else json.dumps(value, default=str):.80}"
