"""Everything that makes a run repeat itself: seeds, op determinism, the thread pool's size.

The supervisor sets what must be there before Python starts; the training process does the rest
once TensorFlow is imported and before it is used.
"""

from __future__ import annotations

import importlib
import random
from typing import Any, Dict, Mapping, Union


def child_environment(environ: Mapping[str, str], seed: int, work: str) -> Dict[str, str]:
    """Return the environment of the training process.

    The hash seed must be set before Python starts. Packages and settings in a home folder would
    be another environment than the image, so that user's site folder and Keras's settings of that
    user stay out: ``work`` is Keras's home instead.
    """
    changed = {
        "PYTHONHASHSEED": str(seed % 2**32),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": work,
    }
    return {**environ, **changed}


def seed_python(seed: int) -> None:
    """Seed Python's and, where there is one, NumPy's random numbers."""
    random.seed(seed)
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        return
    numpy.random.seed(seed % 2**32)


def seed_tensorflow(tensorflow: Any, seed: int, threads: Union[str, int]) -> None:
    """Seed TensorFlow, switch op determinism on, and pin the intra-op pool if asked to.

    ``threads="host"`` leaves the pool alone: TensorFlow then makes it as large as the affinity
    mask, or as TF_NUM_INTRAOP_THREADS says.
    """
    if isinstance(threads, int):
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.keras.utils.set_random_seed(seed)
    tensorflow.config.experimental.enable_op_determinism()
