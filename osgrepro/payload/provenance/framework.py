"""The framework and its Keras: versions, build, switches and the devices that they see."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Dict

from ..backends import Backend
from ..backends.base import Fields
from .collector import Collector

_DENORMAL = 1e-40
# Enough for a vector unit: its registers may treat denormal numbers in another way.
_NUMBERS = 64


def collect(collector: Collector, backend: Backend) -> Dict[str, Any]:
    """Return the section ``framework``; called before training, and starts no computation."""
    numpy = sys.modules.get("numpy")
    return collector.section("framework", _fields(backend, backend.keras, numpy))


def plain(collector: Collector, backend: Backend) -> Dict[str, Any]:
    """Return the section of a framework that a script imported by itself, at its end."""
    keras, numpy = sys.modules.get("keras"), sys.modules.get("numpy")
    fields = {
        **_fields(backend, keras, numpy),
        "backend": lambda: backend.name,
        "float_type": lambda: None,
        "op_determinism": backend.deterministic,
    }
    return collector.section("framework", fields)


def _fields(backend: Backend, keras: Any, numpy: Any) -> Fields:
    """Return the readers; without Keras there is no default type that holds for everything."""
    return {
        "backend": lambda: backend.name if keras is None else str(keras.backend.backend()),
        "keras_version": lambda: None if keras is None else keras_version(keras),
        "float_type": lambda: None if keras is None else str(keras.backend.floatx()),
        "numpy_version": lambda: None if numpy is None else str(numpy.__version__),
        "gpus": backend.devices,
        **backend.facts(),
    }


def keras_version(keras: Any) -> str:
    """Return Keras's version; the ``tf.keras`` of 2.13 to 2.15 leaves it to the package below."""
    package = keras
    if not hasattr(keras, "__version__"):
        package = importlib.import_module(keras.__name__.partition(".")[0])
    return str(package.__version__)


def after_training(collector: Collector, backend: Backend) -> Dict[str, Any]:
    """Return what training may have set, and what takes a computation to be answered."""
    return collector.section(
        "framework",
        {
            **backend.switches(),
            "op_determinism": backend.deterministic,
            "denormals_flushed": lambda: not bool(backend.halved([_DENORMAL] * _NUMBERS).any()),
        },
    )
