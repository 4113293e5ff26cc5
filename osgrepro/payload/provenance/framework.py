"""TensorFlow and Keras: versions, build, switches and the devices that they see."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Mapping, Optional

from .collector import Collector


def collect(collector: Collector, tensorflow: Any) -> Dict[str, Any]:
    """Return the section ``tensorflow``; called before training, and starts no computation."""
    experimental = tensorflow.config.experimental
    return collector.section(
        "tensorflow",
        {
            "version": lambda: str(tensorflow.version.VERSION),
            "git_version": lambda: str(tensorflow.version.GIT_VERSION),
            "compiler_version": lambda: str(tensorflow.version.COMPILER_VERSION),
            "keras_version": lambda: str(tensorflow.keras.__version__),
            "keras_backend": lambda: str(tensorflow.keras.backend.backend()),
            "float_type": lambda: str(tensorflow.keras.backend.floatx()),
            "numpy_version": lambda: str(importlib.import_module("numpy").__version__),
            "build_info": lambda: _build_info(tensorflow),
            "tensor_float_32": lambda: bool(experimental.tensor_float_32_execution_enabled()),
            "gpus": lambda: devices(tensorflow),
        },
    )


def after_training(collector: Collector, tensorflow: Any) -> Dict[str, Any]:
    """Return what may only be asked after training, because the answer takes a computation."""
    return collector.section(
        "tensorflow",
        {
            "op_determinism": _determinism,
            "denormals_flushed": lambda: _denormals_flushed(tensorflow),
        },
    )


def devices(tensorflow: Any) -> List[Dict[str, Any]]:
    """Return the GPUs that TensorFlow sees, with what it knows about them."""
    found = []
    for device in tensorflow.config.list_physical_devices("GPU"):
        details: Mapping[str, Any] = tensorflow.config.experimental.get_device_details(device)
        capability = details.get("compute_capability")
        found.append(
            {
                "device": str(device.name),
                "name": details.get("device_name"),
                "capability": None if capability is None else ".".join(map(str, capability)),
            }
        )
    return found


def _build_info(tensorflow: Any) -> Dict[str, Any]:
    info = tensorflow.sysconfig.get_build_info()
    return {
        str(key): value if isinstance(value, bool) else str(value) for key, value in info.items()
    }


def _determinism() -> Optional[bool]:
    config = importlib.import_module("tensorflow.python.framework.config")
    return bool(config.is_op_determinism_enabled())


def _denormals_flushed(tensorflow: Any) -> bool:
    product = tensorflow.constant([1e-40] * 64, "float32") * tensorflow.constant(0.5, "float32")
    return not bool(product.numpy().any())
