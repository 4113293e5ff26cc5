"""The machines of a twin's file, and what their slots advertise."""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from osgrepro.common.models import Name

# What a text in a ClassAd or in a configuration file may have: it can break out of neither.
_Text = Annotated[str, Field(pattern=r'^[^";$\\\x00-\x1f\x7f-\x9f]{1,128}\z')]
_Count = Annotated[int, Field(ge=1, le=100_000_000)]
_Feature = Literal["avx2", "avx512f", "avx512_vnni"]


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


class Header(_Frozen):
    """What a file says of the twin itself."""

    name: Name


class Twin(_Frozen):
    """A pool elsewhere, as far as its results depend on it."""

    twin: Header
    machine: Annotated[tuple[Machine, ...], Field(min_length=1)]


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
