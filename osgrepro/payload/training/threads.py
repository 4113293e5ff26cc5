"""The threads of the training process, set in its environment: the campaign's number, or the host.

HTCondor sets a dozen variables to the slot's CPUs, and emulation sets TensorFlow's alone: PyTorch
would compute with one thread where TensorFlow does with all. How many computed in the end is read
in ``provenance``. Called for the environment of the training.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Union

from ..backends.base import pinned

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
    size = pinned(threads, environ)
    if size:
        kept = {name: value for name, value in environ.items() if name != _LIMIT}
        return {**kept, **{name: str(size) for name in SIZES}}
    cpus = None if machine_ad is None else str(machine_ad.get("Cpus"))
    return {
        name: value
        for name, value in environ.items()
        if name not in (*SIZES, _LIMIT) or value != cpus
    }
