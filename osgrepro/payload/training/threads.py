"""The threads of the training process, set in its environment: the campaign's number, or the host.

HTCondor sets a dozen variables to the slot's CPUs, and emulation sets TensorFlow's alone: PyTorch
would compute with one thread where TensorFlow does with all. How many computed in the end is read
in ``provenance``. Called for the environment of the training.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Union

from ..backends.base import pinned, usable_cpus

# What OpenMP, the BLAS libraries and the frameworks read when they are loaded.
SIZES = (
    "BLIS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_THREADS",
)
# What OpenMP's threads do where they have nothing to do: by default they keep a CPU busy, some
# milliseconds long, unless there are more threads than CPUs that OpenMP knows of. It knows the
# machine's and not the slot's, so that more threads than the slot has CPUs hold up each other: a
# step took up to 10 times as long with 2 threads on 1 CPU. The bits don't depend on it.
_WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
# Caps what OMP_NUM_THREADS asks for.
_LIMIT = "OMP_THREAD_LIMIT"


def with_threads(
    environ: Mapping[str, str],
    threads: Union[str, int],
    machine_ad: Optional[Mapping[str, Any]],
) -> Dict[str, str]:
    """Return ``environ`` with pools of one size, whatever the framework.

    Parameters
    ----------
    environ : mapping
        As HTCondor and the image made it.
    threads : str or int
        The campaign's: a number, or ``"host"``, which is the emulated size on an execution point
        that emulates one and else leaves every pool as large as the machine lets it be.
    machine_ad : mapping or None
        The slot's; ``Cpus`` tells which sizes are HTCondor's own. An image's are kept.
    """
    size, cpus = pinned(threads, environ), (machine_ad or {}).get("Cpus")
    waiting = _waiting(environ, size or usable_cpus(), cpus)
    if size:
        kept = {name: value for name, value in environ.items() if name != _LIMIT}
        return {**kept, **{name: str(size) for name in SIZES}, **waiting}
    sized = {
        name: value
        for name, value in environ.items()
        if name not in (*SIZES, _LIMIT) or value != str(cpus)
    }
    return {**sized, **waiting}


def _waiting(environ: Mapping[str, str], size: int, cpus: Any) -> Dict[str, str]:
    """Return what lets threads sleep that wait, where there are more than the slot has CPUs."""
    too_many = type(cpus) is int and size > cpus
    return {_WAITING[0]: "passive"} if too_many and not environ.keys() & set(_WAITING) else {}
