"""The backend and its Keras: versions, build, switches and the devices that they see."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Dict

from ..backends import Backend
from .collector import Collector

_DENORMAL = 1e-40
# Enough for a vector unit: its registers may treat denormal numbers in another way.
_NUMBERS = 64


def collect(collector: Collector, backend: Backend) -> Dict[str, Any]:
    """Return the section ``framework``; called before training, and starts no computation."""
    keras = backend.keras
    return collector.section(
        "framework",
        {
            "backend": lambda: str(keras.backend.backend()),
            "keras_version": lambda: keras_version(keras),
            "float_type": lambda: str(keras.backend.floatx()),
            "numpy_version": lambda: str(importlib.import_module("numpy").__version__),
            "gpus": backend.devices,
            **backend.facts(),
        },
    )


def plain(collector: Collector, backend: Backend) -> Dict[str, Any]:
    """Return the section of a framework that a script imported by itself, at its end."""
    numpy, keras = sys.modules.get("numpy"), sys.modules.get("keras")
    return collector.section(
        "framework",
        {
            "backend": lambda: backend.name,
            "keras_version": lambda: None if keras is None else keras_version(keras),
            "float_type": lambda: None,
            "numpy_version": lambda: None if numpy is None else str(numpy.__version__),
            "gpus": backend.devices,
            **backend.facts(),
            "op_determinism": backend.deterministic,
        },
    )


def keras_version(keras: Any) -> str:
    """Return Keras's version; the ``tf.keras`` of 2.13 to 2.15 leaves it to the package below."""
    package = keras
    if not hasattr(keras, "__version__"):
        package = importlib.import_module(keras.__name__.partition(".")[0])
    return str(package.__version__)


def after_training(collector: Collector, backend: Backend) -> Dict[str, Any]:
    """Return what may only be asked after training, because the answer takes a computation."""
    return collector.section(
        "framework",
        {
            "op_determinism": backend.deterministic,
            "denormals_flushed": lambda: not bool(backend.halved([_DENORMAL] * _NUMBERS).any()),
        },
    )
