"""JAX, alone or under Keras 3: XLA compiles each step, its settings are read when it is loaded.

The intra-op pool is XLA's ``XLAEigen``: as large as PJRT_NPROC says, else NPROC, else the affinity
mask (``DefaultThreadPoolSize`` in xla/pjrt/utils.cc).
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from .base import Backend, Fields, Seeded, pinned

_POOL = "PJRT_NPROC"
_DETERMINISTIC = "--xla_gpu_deterministic_ops"


class Jax(Backend):
    """JAX, and Keras 3 where the image has it."""

    name, title, packages = "jax", "JAX", ("jax", "keras")
    pool_thread = "tf_XLAEigen"
    _seed: Optional[int] = None

    @staticmethod
    def environment(
        environ: Mapping[str, str], threads: Union[str, int], determinism: str = "on"
    ) -> Dict[str, str]:
        """Return the pool's size and XLA's switch for GPUs; the CPU computes the same anyway."""
        flags, size = environ.get("XLA_FLAGS", ""), pinned(threads, environ)
        kept = determinism == "off" or _DETERMINISTIC in flags
        changed = {"XLA_FLAGS": flags if kept else _with_determinism(flags)}
        return {**changed, _POOL: str(size)} if size else changed

    def seed(
        self,
        seed: int,
        threads: Union[str, int],
        environ: Mapping[str, str],
        determinism: str = "on",
    ) -> None:
        """Seed Keras, whose generators are all that draws: JAX has no state of its own."""
        del threads, environ, determinism  # all were known before the import
        if self.keras is not None:
            self.keras.utils.set_random_seed(seed)
            self._seed = seed

    def facts(self) -> Fields:
        """Return versions and build; JAX tells neither its commit nor its compiler."""
        return {
            "version": lambda: str(self.module.__version__),
            "git_version": lambda: None,
            "compiler_version": lambda: None,
            "build_info": self._build_info,
            "tensor_float_32": lambda: None,
        }

    def devices(self) -> List[Dict[str, Any]]:
        """Return the GPUs with what XLA knows about them."""
        return [
            {
                "device": str(device),
                "name": str(device.device_kind),
                "capability": getattr(device, "compute_capability", None),
            }
            for device in self.module.devices()
            if device.platform == "gpu"
        ]

    def computed(self) -> bool:
        """Whether a client of XLA was made."""
        bridge: Any = sys.modules.get("jax._src.xla_bridge")
        return bool(getattr(bridge, "_backends", None))

    def seeded(self) -> Seeded:
        """Return the seed of Keras's generators; JAX's own keys are the script's."""
        return (None, None) if self._seed is None else (True, self._seed)

    def used_gpu(self) -> Optional[bool]:
        """Whether what it computes goes to a GPU unless told otherwise."""
        return bool(self.computed() and self.module.default_backend() in ("gpu", "cuda", "rocm"))

    def deterministic(self) -> bool:
        """Whether XLA was told to be, on GPUs."""
        flags = os.environ.get("XLA_FLAGS", "").split()
        return not {_DETERMINISTIC, f"{_DETERMINISTIC}=true"}.isdisjoint(flags)

    def halved(self, numbers: List[float]) -> Any:
        """Return half of each number; as an argument, so that it is computed and not folded."""
        half = self.module.jit(lambda values: values * 0.5)
        return importlib.import_module("numpy").asarray(
            half(self.module.numpy.asarray(numbers, "float32"))
        )

    def answer(self, operation: str, operands: Sequence[Any], gpu: Optional[int]) -> Any:
        """Return a sum's result; without a GPU, of the first device that there is."""
        jax, numpy = self.module, self.module.numpy
        gpus = [device for device in jax.devices() if device.platform == "gpu"]
        device = jax.devices()[0] if gpu is None else gpus[gpu]
        axes = ("NHWC", "HWIO", "NHWC")
        operations = {
            "copy": numpy.copy,
            "sum": numpy.sum,
            "matrix product": numpy.matmul,
            "convolution": lambda image, kernel: jax.lax.conv_general_dilated(
                image, kernel, (1, 1), "VALID", dimension_numbers=axes
            ),
        }
        host = importlib.import_module("numpy")
        arrays = [jax.device_put(host.asarray(o, "float32"), device) for o in operands]
        return host.asarray(operations[operation](*arrays)).tolist()

    def pools(self, environ: Mapping[str, str], named: int) -> Fields:
        """Return the size that PJRT_NPROC configured, and the pool's threads, counted."""

        def counted() -> int:
            if not named:
                raise LookupError(f"no thread is named {self.pool_thread}")
            return named

        return {
            "intra_op_configured": lambda: int(environ.get(_POOL, 0)),
            "intra_op_effective": counted,
            "inter_op_configured": lambda: None,
            "inter_op_effective": lambda: None,
        }

    def _build_info(self) -> Dict[str, Any]:
        client = importlib.import_module("jax.extend.backend").get_backend()
        return {
            "jaxlib": str(importlib.import_module("jaxlib").__version__),
            "platform": str(client.platform),
            "platform_version": str(client.platform_version),
        }


def _with_determinism(flags: str) -> str:
    return f"{flags} {_DETERMINISTIC}=true".lstrip()
