"""PyTorch, alone or under Keras 3: pools and determinism are switches of the running process."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from . import torch_facts
from .base import Backend, Fields, Seeded, pinned

_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
_LARGEST_SEED = 2**32


class Torch(Backend):
    """PyTorch, and Keras 3 where the image has it."""

    name, title, packages = "torch", "PyTorch", ("torch", "keras")
    _configured = 0

    @staticmethod
    def environment(
        environ: Mapping[str, str], threads: Union[str, int], determinism: str = "on"
    ) -> Dict[str, str]:
        """Return what cuBLAS needs to be deterministic, and PyTorch insists on."""
        del threads
        if determinism == "off":
            return {}
        return {_CUBLAS: environ.get(_CUBLAS) or ":4096:8"}

    def seed(
        self,
        seed: int,
        threads: Union[str, int],
        environ: Mapping[str, str],
        determinism: str = "on",
    ) -> None:
        """Size the pools, then seed: variables alone don't reach beyond the machine's cores.

        ``manual_seed`` is for all devices, also for those that are started later.
        """
        torch = self.module
        self._configured = pinned(threads, environ)
        if self._configured:
            torch.set_num_threads(self._configured)
            torch.set_num_interop_threads(self._configured)
        if self.keras is not None:
            self.keras.utils.set_random_seed(seed)
        torch.manual_seed(seed)
        torch.backends.cudnn.benchmark = False
        if determinism == "warn":
            torch.use_deterministic_algorithms(True, warn_only=True)
        else:
            torch.use_deterministic_algorithms(determinism == "on")

    def facts(self) -> Fields:
        """Return versions, build and switches."""
        return {
            "version": lambda: str(self.module.__version__),
            "git_version": lambda: str(self.module.version.git_version),
            "compiler_version": lambda: None,
            "build_info": lambda: torch_facts.build(self.module),
            "cpu_capability": lambda: torch_facts.cpu_capability(self.module),
            **self.switches(),
        }

    def switches(self) -> Fields:
        """Return what a program may set, each by its own name, and what it may start."""
        return torch_facts.switches(self.module)

    def devices(self) -> List[Dict[str, Any]]:
        """Return the GPUs with what CUDA knows about them."""
        return torch_facts.devices(self.module)

    def deterministic(self) -> bool:
        """Whether operations that are not deterministic are refused."""
        return bool(self.module.are_deterministic_algorithms_enabled())

    def computed(self) -> bool:
        """Whether it was imported: it has no other beginning."""
        return True

    def seeded(self) -> Seeded:
        """Return what its generators were seeded with.

        One that nobody seeded has 53 or 64 bits of the system's own; ``manual_seed`` is called with
        less. Without a seed nothing is wrong as long as no number was drawn.
        """
        torch = self.module
        generators = [torch.default_generator]
        if torch.cuda.is_initialized():
            generators += torch.cuda.default_generators
        unseeded = [g for g in generators if g.initial_seed() >= _LARGEST_SEED]
        if not unseeded:
            return True, int(generators[0].initial_seed())
        return (False if any(map(self._drew, unseeded)) else None), None

    def _drew(self, generator: Any) -> bool:
        fresh = self.module.Generator(device=generator.device)
        fresh.manual_seed(generator.initial_seed())
        return not self.module.equal(fresh.get_state(), generator.get_state())

    def used_gpu(self) -> Optional[bool]:
        """Whether CUDA was started and gave memory to a tensor."""
        cuda = self.module.cuda
        if not cuda.is_available() or not cuda.is_initialized():
            return False
        return any(cuda.max_memory_allocated(index) > 0 for index in range(cuda.device_count()))

    def halved(self, numbers: List[float]) -> Any:
        """Return half of each number."""
        return (self.module.tensor(numbers, dtype=self.module.float32) * 0.5).numpy()

    def answer(self, operation: str, operands: Sequence[Any], gpu: Optional[int]) -> Any:
        """Return a sum's result; here channels stand before height and width."""
        torch, device = self.module, "cpu" if gpu is None else f"cuda:{gpu}"
        operations = {
            "copy": torch.clone,
            "sum": torch.sum,
            "matrix product": torch.matmul,
            "convolution": lambda image, kernel: torch.nn.functional.conv2d(
                image.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1)
            ).permute(0, 2, 3, 1),
        }
        tensors = [torch.tensor(o, dtype=torch.float32).to(device) for o in operands]
        return operations[operation](*tensors).cpu().tolist()

    def pools(self, environ: Mapping[str, str], named: int) -> Fields:
        """Return the pools' sizes, as PyTorch tells them."""
        del environ, named
        return {
            "intra_op_configured": lambda: self._configured,
            "intra_op_effective": lambda: int(self.module.get_num_threads()),
            "inter_op_configured": lambda: self._configured,
            "inter_op_effective": lambda: int(self.module.get_num_interop_threads()),
        }
