"""The environment variables of the training process: threads, hash seed, home folder, backend.

HTCondor sets a dozen of them to the slot's CPUs, and emulation sets TensorFlow's alone: PyTorch
would compute with one thread where TensorFlow does with all. What only one backend reads stands in
``backends``. Called by the supervisor.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Union

from .. import backends
from ..backends.base import pinned
from ..spec import Task

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


def of_training(
    environ: Mapping[str, str], task: Task, machine_ad: Optional[Mapping[str, Any]], work: str
) -> Dict[str, str]:
    """Return the training process's environment; the campaign's variables override the slot's.

    Parameters
    ----------
    environ : mapping
        As HTCondor and the image made it.
    task : Task
        The run.
    machine_ad : mapping or None
        The slot's.
    work : str
        Keras's home: packages and settings in that user's home folder would be another environment
        than the image.
    """
    chosen = {**with_threads(environ, task.threads, machine_ad), **task.experiment.environment}
    fixed = {
        "PYTHONHASHSEED": str(task.seed % 2**32),  # it must be set before Python starts
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "KERAS_HOME": work,
    }
    return {**chosen, **fixed, **backends.environment(chosen, task.threads)}


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
