"""What makes a run repeat itself, whatever its backend is: hash seed, home folder, random numbers.

The supervisor sets what must be there before Python starts. What is the backend's own, its seeds,
op determinism and pool, stands in ``backends``.
"""

from __future__ import annotations

import importlib
import random
from typing import Dict, Mapping, Union

from .. import backends


def child_environment(
    environ: Mapping[str, str], seed: int, threads: Union[str, int], work: str
) -> Dict[str, str]:
    """Return the environment of the training process.

    The hash seed must be set before Python starts. Packages and settings in a home folder would
    be another environment than the image, so that user's site folder and Keras's settings of that
    user stay out: ``work`` is Keras's home instead.
    """
    changed = {
        "PYTHONHASHSEED": str(seed % 2**32),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "KERAS_HOME": work,
    }
    return {**environ, **changed, **backends.environment(environ, threads)}


def seed_python(seed: int) -> None:
    """Seed Python's and, where there is one, NumPy's random numbers."""
    random.seed(seed)
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        return
    numpy.random.seed(seed % 2**32)
