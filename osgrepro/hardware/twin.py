"""A twin: machines elsewhere as data, and how far another machine can stand in for each.

Pure: the workflow reads the file and this machine. What decides a CPU result is the size of the
intra-op pool together with vendor, instructions and caches: the first and a cap on oneDNN's
instructions can be emulated, the others have to be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from osgrepro.common.errors import TwinError
from osgrepro.common.models import Name

HINT = "`osgrepro help twin` describes every key; `osgrepro twin from RESULT.json` writes a machine"

# What a text in a ClassAd or in a configuration file may have: it can break out of neither.
_Text = Annotated[str, Field(pattern=r'^[^";$\\\x00-\x1f\x7f-\x9f]{1,128}\z')]
_Count = Annotated[int, Field(ge=1, le=100_000_000)]
_Feature = Literal["avx2", "avx512f", "avx512_vnni"]
# What no cap hides but the first: an AVX2 machine has none of them.
_BEYOND_AVX2 = ("avx512f", "avx_vnni")
_BEYOND_AVX512 = ("avx512_vnni", "avx512_bf16", "amx_tile")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Gpu(_Frozen):
    """The GPU that the machine's slot advertises."""

    device: _Text
    capability: Annotated[float, Field(gt=0, lt=1000)]
    memory_mb: _Count


class Machine(_Frozen):
    """One machine elsewhere; ``logical_cpus`` is the size of the intra-op pool that jobs had.

    ``isa`` are the instructions that decide which kernels are chosen.
    """

    name: Name
    vendor: _Text
    family: Annotated[int, Field(ge=0)]
    model: Annotated[int, Field(ge=0)]
    model_name: _Text
    logical_cpus: Annotated[int, Field(ge=1, le=4096)]
    isa: tuple[_Feature, ...]
    l1d_kib: _Count
    l2_kib: _Count
    l3_kib: _Count | None = None
    gpu: Gpu | None = None

    @property
    def ep_name(self) -> str:
        """Return what its execution point is called: letters and digits alone."""
        plain = re.sub(r"[^a-z0-9]", "", self.name.lower())
        return (plain if plain[:1].isalpha() else f"m{plain}")[:31]


class _Header(_Frozen):
    name: Name


class Twin(_Frozen):
    """A pool elsewhere, as far as its results depend on it."""

    twin: _Header
    machine: Annotated[tuple[Machine, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Here:
    """What this machine is; None where it does not tell."""

    vendor: str | None
    flags: frozenset[str]
    l1d_kib: int | None
    l2_kib: int | None
    l3_kib: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether one machine can stand in for another.

    Parameters
    ----------
    machine : Machine
        The other.
    isa_cap : str or None
        What oneDNN must be capped to, in its own word.
    obstacles : tuple of str
        Why the results may be others; empty where it can stand in.
    differences : tuple of str
        What differs as well, and is not known to change a result.
    """

    machine: Machine
    isa_cap: str | None
    obstacles: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def stands_in(self) -> bool:
        """Whether nothing that is known to decide a result differs."""
        return not self.obstacles

    @property
    def emulated(self) -> tuple[str, ...]:
        """Return what is emulated, in words."""
        threads = f"intra-op threads {self.machine.logical_cpus}"
        return (threads, *([f"oneDNN capped to {self.isa_cap}"] if self.isa_cap else []))


def parse(mapping: Mapping[str, Any], source: str) -> Twin:
    """Turn the content of a twin's file into a ``Twin``.

    Raises
    ------
    TwinError
        With every problem of the file, each with its place.
    """
    try:
        twin = Twin.model_validate(_frozen(mapping))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise TwinError(source, [_explained(fault, mapping) for fault in faults], HINT) from None
    problems = list(_duplicates(twin))
    if problems:
        raise TwinError(source, problems, HINT)
    return twin


def compare(machine: Machine, here: Here) -> Verdict:
    """Return whether ``here`` can stand in for ``machine``, and what is needed for it."""
    cap = _isa_cap(machine, here)
    return Verdict(
        machine=machine,
        isa_cap=cap,
        obstacles=tuple(_obstacles(machine, here)),
        differences=tuple(_cache_differences(machine, here, ("l3_kib",))),
    )


def attributes(machine: Machine) -> dict[str, str]:
    """Return what the machine's slot advertises: ClassAd attributes, as expressions."""
    avx512 = "avx512f" in machine.isa
    microarch = "v4" if avx512 else "v3" if "avx2" in machine.isa else "v2"
    values: dict[str, object] = {
        "CpuFamily": machine.family,
        "CpuModelNumber": machine.model,
        "OSGVO_CPU_MODEL": machine.model_name,
        "Microarch": f"x86_64-{microarch}",
        "has_avx": bool({"avx", "avx2"} & set(machine.isa)),
        "has_avx2": "avx2" in machine.isa,
        "has_avx512f": avx512,
        "has_avx512dq": avx512,
        "has_avx512_vnni": "avx512_vnni" in machine.isa,
        "TotalCpus": machine.logical_cpus,
    }
    return {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}


def gpu_attributes(gpu: Gpu) -> dict[str, str]:
    """Return the properties that a slot advertises of a GPU: as expressions."""
    return {
        "Capability": json.dumps(gpu.capability),
        "DeviceName": json.dumps(gpu.device, ensure_ascii=False),
        "GlobalMemoryMb": str(gpu.memory_mb),
    }


def _isa_cap(machine: Machine, here: Here) -> str | None:
    if "avx2" not in machine.isa:
        return "AVX" if "avx2" in here.flags else None
    if "avx512f" not in machine.isa:
        return "AVX2" if here.flags.intersection(_BEYOND_AVX2) else None
    beyond = _BEYOND_AVX512[1:] if "avx512_vnni" in machine.isa else _BEYOND_AVX512
    if "avx512f" not in here.flags or not here.flags.intersection(beyond):
        return None
    return "AVX512_CORE_VNNI" if "avx512_vnni" in machine.isa else "AVX512_CORE"


def _obstacles(machine: Machine, here: Here) -> Iterator[str]:
    if machine.gpu:
        yield f"{machine.gpu.device}: simulated, jobs run on the CPU"
    if machine.vendor != here.vendor:
        yield f"vendor {machine.vendor}, here {here.vendor or 'unknown'}"
    missing = [feature for feature in machine.isa if feature not in here.flags]
    if missing:
        yield f"{', '.join(missing)}: missing here"
    yield from _cache_differences(machine, here, ("l1d_kib", "l2_kib"))


def _cache_differences(machine: Machine, here: Here, which: tuple[str, ...]) -> Iterator[str]:
    for field in which:
        theirs, own = getattr(machine, field), getattr(here, field)
        if theirs is not None and theirs != own:
            name = field.removesuffix("_kib").upper().replace("D", "d")
            known = "unknown" if own is None else f"{own} KiB"
            yield f"{name} cache {theirs} KiB, here {known}"


def _duplicates(twin: Twin) -> Iterator[str]:
    seen: dict[str, int] = {}
    for index, machine in enumerate(twin.machine):
        first = seen.setdefault(machine.ep_name, index)
        if first != index:
            yield (
                f"machine[{index}].name ({machine.name}): its execution point would be called "
                f"{machine.ep_name!r}, as that of machine[{first}] ({twin.machine[first].name})"
            )


def _frozen(value: Any) -> Any:
    """Return ``value`` with its lists as tuples, which is what the frozen models hold."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _explained(fault: Mapping[str, Any], mapping: Mapping[str, Any]) -> str:
    """Say one fault that pydantic found, with its place in the file."""
    place = ""
    for part in fault["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f"{'.' if place else ''}{part}"
    match fault["type"]:
        case "extra_forbidden":
            models: tuple[type[BaseModel], ...] = (Twin, _Header, Machine, Gpu)
            known = models[len(fault["loc"]) - 1].model_fields
            said = f"unknown key; known are {', '.join(known)}"
        case "missing":
            said = "missing"
        case "tuple_type":
            said = f"should be {'tables, [[machine]]' if place == 'machine' else 'a list'}"
        case "model_type":
            said = "should be a table"
        case _:
            said = f"{fault['msg'][:1].lower()}{fault['msg'][1:]}, not {fault['input']!r:.60}"
    return f"{place}: {said}{_label(fault['loc'], mapping)}"


def _label(loc: tuple[int | str, ...], mapping: Mapping[str, Any]) -> str:
    if len(loc) < 3 or not isinstance(loc[1], int):
        return ""
    name = mapping["machine"][loc[1]].get("name")
    return f" ({name})" if isinstance(name, str) and name.isprintable() else ""
