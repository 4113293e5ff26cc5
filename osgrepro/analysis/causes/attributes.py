"""The recorded attributes that may decide an outcome class: their order, labels and costs.

A table for the attribution. The order says which of several equivalent attributes stands for the
others: what a library's kernels depend on comes before what merely goes along with it. Identities
(host, machine, slot, site) are no attributes of hardware and stand in no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

UNKNOWN, NO_GPU, OF_GPUS = "unknown", "none", "gpu_"
YES, NO = "yes", "no"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One attribute: the dataset's column, how people call it, and how dear another value is.

    ``cost`` ranks further runs: 0 is a setting of the job, 1 another CPU, 2 another maker's or
    generation's, 3 another GPU, 4 what only a site's administrator changes.
    """

    name: str
    label: str
    kind: Literal["count", "flag", "text"]
    cost: int


_OF_ADMINISTRATORS = 4


def _rows(kind: Literal["count", "flag", "text"], cost: int, **labels: str) -> list[Attribute]:
    return [
        Attribute(name=name, label=label, kind=kind, cost=cost) for name, label in labels.items()
    ]


_TABLE = (
    *_rows(
        "count",
        0,
        intra_op_threads="intra-op threads",
        usable_cpus="usable CPUs",
        logical_cpus="logical CPUs",
        provisioned_cpus="provisioned CPUs",
        inter_op_threads="inter-op threads",
    ),
    *_rows(
        "flag",
        1,
        cpu_avx512f="avx512f",
        cpu_avx512_vnni="avx512_vnni",
        cpu_avx512_bf16="avx512_bf16",
        cpu_amx_tile="amx_tile",
        cpu_avx2="avx2",
        cpu_fma="fma",
        cpu_avx="avx",
    ),
    *_rows("text", 2, cpu_vendor="vendor", cpu_cache_kb="cache (KB)"),
    *_rows("text", 2, cpu_family="CPU family", cpu_model="CPU model number"),
    *_rows("text", 2, cpu_model_name="CPU model", cpu_stepping="CPU stepping"),
    *_rows("flag", 2, cpu_hypervisor="hypervisor"),
    *_rows("text", 3, gpu_name="GPU", gpu_capability="GPU capability"),
    *_rows("text", 3, gpu_memory_mb="GPU memory (MB)"),
    *_rows("text", _OF_ADMINISTRATORS, gpu_driver="GPU driver", cpu_microcode="CPU microcode"),
    *_rows("text", _OF_ADMINISTRATORS, libraries_sha256="loaded libraries"),
    *_rows("text", _OF_ADMINISTRATORS, glibc="glibc", kernel="kernel"),
)
ATTRIBUTES: Mapping[str, Attribute] = {row.name: row for row in _TABLE}
# What makes a machine one of its type, unlike what an administrator installs on it.
HARDWARE = frozenset(row.name for row in _TABLE if row.cost < _OF_ADMINISTRATORS)
# Of a run that trained on a GPU these decide, as far as anybody knows, and not its host's CPU.
GPU = frozenset(name for name in HARDWARE if name.startswith(OF_GPUS))
# What makes the difference, and an emulation can change: threads, instructions, and a maker's
# approximations of them. All else merely goes along with these.
MECHANISMS = frozenset(
    row.name
    for row in _TABLE
    if row.kind == "count" or (row.kind == "flag" and row.cost == 1) or row.name == "cpu_vendor"
)

# No CPU has the first without the others.
_IMPLIES: Mapping[str, tuple[str, ...]] = {
    "cpu_avx512f": ("cpu_avx", "cpu_avx2", "cpu_fma"),
    "cpu_avx512_vnni": ("cpu_avx512f", "cpu_avx", "cpu_avx2", "cpu_fma"),
    "cpu_avx512_bf16": ("cpu_avx512f", "cpu_avx", "cpu_avx2", "cpu_fma"),
    "cpu_amx_tile": ("cpu_avx512f", "cpu_avx", "cpu_avx2", "cpu_fma"),
    "cpu_avx2": ("cpu_avx",),
    "cpu_fma": ("cpu_avx",),
}
# They are those of a CPU that is sold, with a maker and instructions of its own.
_MODEL = (
    *("cpu_family", "cpu_model", "cpu_model_name", "cpu_stepping"),
    *("cpu_microcode", "cpu_cache_kb"),
)
_FLAGS = tuple(row.name for row in _TABLE if row.kind == "flag" and row.cost == 1)
# One value of these comes with one of the others: nobody sells them in another combination.
_BOUND = (("cpu_vendor", *_MODEL), ("gpu_name", "gpu_capability", "gpu_memory_mb"))


def spelled(name: str, value: Any) -> str:
    """Return a value as the findings show it: yes or no for a flag, no ``.0`` on whole numbers."""
    row = ATTRIBUTES.get(name)
    if isinstance(value, bool) or (row is not None and row.kind == "flag"):
        return YES if value in (True, "true", "True", YES) else NO
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def cost(names: frozenset[str]) -> int:
    """Return how dear it is to vary these attributes; those without a row count as the dearest."""
    return sum(
        ATTRIBUTES[name].cost if name in ATTRIBUTES else _OF_ADMINISTRATORS for name in names
    )


def confirmable(names: Sequence[str]) -> bool:
    """Return whether an emulation can change all of these: threads, instructions, their maker."""
    return all(name in MECHANISMS for name in names)


def possible(values: Mapping[str, str], known: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a machine can have these values.

    ``known`` are the values of the machines there are, in their order: what is sold together only
    is possible where one of them has it together.
    """
    if any(UNKNOWN in value or " or " in value for value in values.values()):
        return False
    # A model has its instructions; a maker alone sells CPUs with and without.
    instructions = () if values.keys().isdisjoint(_MODEL) else _FLAGS
    for bound in (*_BOUND, (*_MODEL, *instructions)):
        names = [name for name in bound if name in values]
        wanted = tuple(values[name] for name in names)
        if len(names) > 1 and wanted not in zip(*(known[name] for name in names), strict=True):
            return False
    return not any(
        values.get(flag) == YES and values.get(implied) == NO
        for flag, all_implied in _IMPLIES.items()
        for implied in all_implied
    )


def machine(values: Mapping[str, str]) -> str:
    """Return a machine in words: ``a machine with avx512f and 64 logical CPUs, but without …``."""
    phrases = {name: _phrase(name, value) for name, value in values.items()}
    has = [phrases[name] for name, value in values.items() if value != NO]
    lacks = [phrases[name] for name, value in values.items() if value == NO]
    text = "a machine" + (f" with {' and '.join(has)}" if has else "")
    if not lacks:
        return text
    return f"{text}{', but' if has else ''} without {' and '.join(lacks)}"


def _phrase(name: str, value: str) -> str:
    row = ATTRIBUTES.get(name)
    label = row.label if row else name
    if value in (YES, NO):
        return label
    return f"{value} {label}" if row and row.kind == "count" else f"{label} {value}"
