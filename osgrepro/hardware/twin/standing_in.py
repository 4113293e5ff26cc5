"""How far this machine can stand in for another.

What decides a CPU result is the size of the intra-op pool together with vendor, instructions and
caches: the first and a cap on oneDNN's instructions can be emulated, the others have to be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osgrepro.hardware.twin.machines import Machine

# What no cap hides but the first: an AVX2 machine has none of them.
_BEYOND_AVX2 = ("avx512f", "avx_vnni")
_BEYOND_AVX512 = ("avx512_vnni", "avx512_bf16", "amx_tile")


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


def compare(machine: Machine, here: Here) -> Verdict:
    """Return whether ``here`` can stand in for ``machine``, and what is needed for it."""
    cap = _isa_cap(machine, here)
    return Verdict(
        machine=machine,
        isa_cap=cap,
        obstacles=tuple(_obstacles(machine, here)),
        differences=tuple(_cache_differences(machine, here, ("l3_kib",))),
    )


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
