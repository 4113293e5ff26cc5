"""The environment variables of the training process: threads, hash seed, home folder, backend.

What only one backend reads stands in ``backends``. Called by the supervisor.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from .. import backends
from ..spec import Task
from .threads import with_threads


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
    asked, determinism = task.experiment.framework, task.experiment.determinism
    return {
        **chosen,
        **fixed,
        **backends.environment(chosen, task.threads, asked, determinism or "on"),
    }
