"""TensorFlow, with the Keras that it brings: Keras 2 up to 2.15, Keras 3 from 2.16."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from .base import Backend, Fields, Seeded, usable_cpus


class TensorFlow(Backend):
    """TensorFlow and ``tf.keras``."""

    name, title, packages = "tensorflow", "TensorFlow", ("tensorflow",)
    pool_thread = "tf_Compute"

    def __init__(self, module: Any) -> None:
        super().__init__(module, module.keras)

    def seed(
        self,
        seed: int,
        threads: Union[str, int],
        environ: Mapping[str, str],
        determinism: str = "on",
    ) -> None:
        """Pin the pool before all else; TensorFlow itself reads TF_NUM_INTRAOP_THREADS.

        It can't warn, only refuse: "warn" is as "on".
        """
        del environ
        if isinstance(threads, int):
            self.module.config.threading.set_intra_op_parallelism_threads(threads)
        self.keras.utils.set_random_seed(seed)
        if determinism != "off":
            self.module.config.experimental.enable_op_determinism()

    def facts(self) -> Fields:
        """Return versions, build and switches."""
        version, experimental = self.module.version, self.module.config.experimental
        return {
            "version": lambda: str(version.VERSION),
            "git_version": lambda: str(version.GIT_VERSION),
            "compiler_version": lambda: str(version.COMPILER_VERSION),
            "build_info": self._build_info,
            "tensor_float_32": lambda: bool(experimental.tensor_float_32_execution_enabled()),
        }

    def devices(self) -> List[Dict[str, Any]]:
        """Return the GPUs with what TensorFlow knows about them."""
        gpus = []
        for device in self.module.config.list_physical_devices("GPU"):
            details: Mapping[str, Any] = self.module.config.experimental.get_device_details(device)
            capability = details.get("compute_capability")
            gpus.append(
                {
                    "device": str(device.name),
                    "name": details.get("device_name"),
                    "capability": None if capability is None else ".".join(map(str, capability)),
                }
            )
        return gpus

    def deterministic(self) -> bool:
        """Whether op determinism is on; no public function tells."""
        config = importlib.import_module("tensorflow.python.framework.config")
        return bool(config.is_op_determinism_enabled())

    def computed(self) -> bool:
        """Whether its context was started: without one there are no devices and no operations."""
        context: Any = importlib.import_module("tensorflow.python.eager.context")
        made = context._context
        return made is not None and bool(getattr(made, "_initialized", True))

    def seeded(self) -> Seeded:
        """Return the global seed; without one every operation draws a seed of its own."""
        seed = importlib.import_module("tensorflow.python.eager.context").global_seed()
        return (False, None) if seed is None else (True, int(seed))

    def used_gpu(self) -> Optional[bool]:
        """Whether it sees one: all that can be computed there is, unless told otherwise."""
        return self.computed() and bool(self.module.config.list_physical_devices("GPU"))

    def halved(self, numbers: List[float]) -> Any:
        """Return half of each number."""
        product = self.module.constant(numbers, "float32") * self.module.constant(0.5, "float32")
        return product.numpy()

    def answer(self, operation: str, operands: Sequence[Any], gpu: Optional[int]) -> Any:
        """Return a sum's result; soft placement may have put it elsewhere, which is refused."""
        tensorflow, device = self.module, "CPU:0" if gpu is None else f"GPU:{gpu}"
        operations = {
            "copy": tensorflow.identity,
            "sum": tensorflow.reduce_sum,
            "matrix product": tensorflow.matmul,
            "convolution": lambda image, kernel: tensorflow.nn.conv2d(image, kernel, 1, "VALID"),
        }
        with tensorflow.device(f"/{device}"):
            tensors = [tensorflow.identity(tensorflow.constant(o, "float32")) for o in operands]
            result = operations[operation](*tensors)
        if not str(result.device).endswith(device):
            raise RuntimeError(f"it was computed on {result.device}")
        return result.numpy().tolist()

    def pools(self, environ: Mapping[str, str], named: int) -> Fields:
        """Return the sizes of both pools.

        One that nobody configured is as large as TF_NUM_INTRAOP_THREADS (TF_NUM_INTEROP_THREADS)
        says, else as the affinity mask: only newer versions name its threads.
        """
        del named
        threading = self.module.config.threading

        def intra() -> int:
            return int(threading.get_intra_op_parallelism_threads())

        def inter() -> int:
            return int(threading.get_inter_op_parallelism_threads())

        said = environ.get
        return {
            "intra_op_configured": intra,
            "intra_op_effective": lambda: _effective(intra(), said("TF_NUM_INTRAOP_THREADS")),
            "inter_op_configured": inter,
            "inter_op_effective": lambda: _effective(inter(), said("TF_NUM_INTEROP_THREADS")),
        }

    def _build_info(self) -> Dict[str, Any]:
        info = self.module.sysconfig.get_build_info()
        return {
            str(key): value if isinstance(value, bool) else str(value)
            for key, value in info.items()
        }


def _effective(configured: int, environment: Optional[str]) -> int:
    if configured > 0:
        return configured
    if environment is not None and environment.isdigit() and int(environment) > 0:
        return int(environment)
    return usable_cpus()
