"""The ClassAd expressions of a hardware class: what selects it, and what a run on it must show.

A requirement holds for every ad of its class, and for no ad of any other class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osgrepro.common.models import DEVICE_PATTERN
from osgrepro.hardware.classes import HardwareClass
from osgrepro.hardware.traits import FLAGS, MODEL, Gpu, Traits

_GPU_COUNT = "(TotalSlotGPUs ?: GPUs ?: 0)"
# The names of a GPU's properties, alone and in the ad of a slot.
_GPU_NUMBERS = {
    "Capability": "capability",
    "GlobalMemoryMb": "memory_mb",
    "DriverVersion": "driver",
}
# What a record says of a CPU's instruction sets, and what the pool calls it.
_RECORDED = {
    "cpu_avx": "has_avx",
    "cpu_avx2": "has_avx2",
    "cpu_avx512f": "has_avx512f",
    "cpu_avx512_vnni": "has_avx512_vnni",
}


def requirements(hardware_class: HardwareClass) -> str:
    """Return the expression on machine ads that selects a class."""
    traits = hardware_class.traits
    return " && ".join(
        (
            _is_text("Arch", traits.arch),
            _is_number("CpuFamily", traits.family),
            _is_number("CpuModelNumber", traits.model),
            _is_spelled(MODEL, hardware_class.spellings),
            _is_text("Microarch", traits.microarch),
            *(f"{flag} {'=?=' if flag in traits.flags else '=!='} true" for flag in FLAGS),
            *_cpus(traits),
            _is_number("CpuCacheSize", traits.cache_kb),
            *_gpus(traits),
        )
    )


def proves(hardware_class: HardwareClass) -> str:
    """Return the expression on records that shows that a run was on a class; may be ``true``.

    Only what both the pool and a record tell of can be proved.
    """
    return " && ".join(_proofs(hardware_class)) or "true"


def device(hardware_class: HardwareClass) -> str | None:
    """Return the GPU's name as a campaign has it, the longest part of it that is plain words.

    None where the name is not known, or has none.
    """
    names = [gpu.name for gpu in hardware_class.traits.gpus if gpu.name]
    return max(_PLAIN.findall(names[0]), key=len, default=None) if names else None


_PLAIN = re.compile(DEVICE_PATTERN.strip("^$"))


def quoted(text: str) -> str:
    """Return ``text`` as a ClassAd string that stays as it is in a submit description."""
    return '"' + "".join(_ESCAPES.get(char) or _escaped(char) for char in text) + '"'


_ESCAPES = {'"': '\\"', "\\": "\\\\"}


def _escaped(char: str) -> str:
    # A dollar would begin a macro.
    return f"\\{ord(char):03o}" if (ord(char) < 0x20 or char in "$\x7f") else char


def _is_text(name: str, value: str | None) -> str:
    return f"{name} =?= {quoted(value)}" if value is not None else f"!isString({name})"


def _is_number(name: str, value: float | None) -> str:
    return f"{name} == {value:.15g}" if value is not None else f"({name} >= 0) =!= true"


def _is_spelled(name: str, spellings: Iterable[str | None]) -> str:
    texts = sorted(spelling for spelling in spellings if spelling is not None)
    parts = [f"member({name}, {{{', '.join(map(quoted, texts))}}})"] if texts else []
    if None in spellings:
        parts.insert(0, f"!isString({name})")
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def _cpus(traits: Traits) -> Iterator[str]:
    if traits.detected:
        yield _is_number("DetectedCpus", traits.cpus)
    else:
        yield _is_number("DetectedCpus", None)
        yield _is_number("TotalCpus", traits.cpus)


def _gpus(traits: Traits) -> Iterator[str]:
    if not traits.gpus:
        yield f"{_GPU_COUNT} == 0"
        return
    yield f"{_GPU_COUNT} > 0"
    if not traits.nested:
        if traits.gpus[0].name is None:
            yield "size(AvailableGPUs ?: {}) == 0"
        yield from _is_gpu(traits.gpus[0], "GPUs_")
        return
    yield _is_text("GPUs_DeviceName", None)
    kinds = [f"({' && '.join(_is_gpu(gpu))})" for gpu in traits.gpus]
    for kind in kinds:
        yield f"member(true, evalInEachContext({kind}, AvailableGPUs))"
    # A number that is not there makes a comparison undefined, which is not false.
    every = f"({' || '.join(kinds)}) =?= true"
    yield f"!member(false, evalInEachContext({every}, AvailableGPUs))"


def _is_gpu(gpu: Gpu, prefix: str = "") -> Iterator[str]:
    yield _is_text(f"{prefix}DeviceName", gpu.name)
    for attribute, field in _GPU_NUMBERS.items():
        yield _is_number(f"{prefix}{attribute}", getattr(gpu, field))


def _proofs(hardware_class: HardwareClass) -> Iterator[str]:
    traits = hardware_class.traits
    if traits.family is not None:
        yield f"cpu_family == {traits.family:.15g}"
    if traits.model is not None:
        yield f"cpu_model == {traits.model:.15g}"
    if traits.model_key:
        words = ".*".join(map(_pattern, hardware_class.cpu.split()))
        yield f'regexp("{words}( |$)", cpu_model_name, "i")'
    for column, flag in _RECORDED.items():
        if flag in traits.flags:
            yield f"{column} == true"
    if traits.microarch and "has_avx512f" not in traits.flags:
        yield "cpu_avx512f == false"
    if traits.cpus is not None and traits.detected:
        yield f"logical_cpus == {traits.cpus:.15g}"
    if names := [_pattern(gpu.name) for gpu in traits.gpus if gpu.name]:
        yield f'regexp("{"|".join(names)}", gpu_name)'


def _pattern(text: str) -> str:
    """Return a regular expression for ``text`` that needs no backslash."""
    return re.sub(r"[^A-Za-z0-9 _-]", ".", text)
