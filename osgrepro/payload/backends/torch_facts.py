"""What PyTorch tells of itself: its build, its switches and its GPUs. For ``torch``."""

from __future__ import annotations

import sys
from typing import Any, Dict, List, Optional, Union

from .base import Fields

_ATTENTION = ("flash", "mem_efficient", "math", "cudnn")


def build(torch: Any) -> Dict[str, Any]:
    """Return what it was built with."""
    return {
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "config": str(torch.__config__.show()),
    }


def switches(torch: Any) -> Fields:
    """Return the readers of the switches that change bits; none starts CUDA."""

    def reduction(kind: str) -> bool:
        name = f"allow_{kind}_reduced_precision_reduction"
        return _allowed(getattr(torch.backends.cuda.matmul, name))

    return {
        "tensor_float_32": lambda: matmul_tf32(torch) or cudnn_tf32(torch),
        "matmul_tf32": lambda: matmul_tf32(torch),
        "cudnn_tf32": lambda: cudnn_tf32(torch),
        "matmul_precision": lambda: str(torch.get_float32_matmul_precision()),
        "fp16_reduction": lambda: reduction("fp16"),
        "bf16_reduction": lambda: reduction("bf16"),
        "cudnn_benchmark": lambda: bool(torch.backends.cudnn.benchmark),
        "attention": lambda: attention(torch.backends.cuda),
        "nccl_version": lambda: nccl_version(torch),
        "compiled": compiled,
    }


def matmul_tf32(torch: Any) -> bool:
    """Whether matrix products may round to TensorFloat-32.

    ``allow_tf32`` refuses to answer where a program used its successor, ``fp32_precision``.
    """
    matmul = torch.backends.cuda.matmul
    try:
        return bool(matmul.allow_tf32)
    except RuntimeError:
        return str(matmul.fp32_precision) == "tf32"


def cudnn_tf32(torch: Any) -> bool:
    """Whether cuDNN's convolutions may."""
    cudnn = torch.backends.cudnn
    try:
        return bool(cudnn.allow_tf32)
    except RuntimeError:
        return str(cudnn.conv.fp32_precision) == "tf32"


def attention(cuda: Any) -> Dict[str, bool]:
    """Return which implementations of scaled dot-product attention are allowed."""
    readers = {name: getattr(cuda, f"{name}_sdp_enabled", None) for name in _ATTENTION}
    return {name: bool(read()) for name, read in readers.items() if read is not None}


def cpu_capability(torch: Any) -> Optional[str]:
    """Return the instructions that its kernels were chosen for; before 2.0 nothing tells."""
    cpu = getattr(torch.backends, "cpu", None)
    return None if cpu is None else str(cpu.get_cpu_capability())


def nccl_version(torch: Any) -> Optional[str]:
    """Return the version of NCCL; None where PyTorch was built without it."""
    if not hasattr(getattr(torch, "_C", None), "_nccl_version"):
        return None
    version = torch.cuda.nccl.version()
    return ".".join(map(str, version)) if isinstance(version, tuple) else str(version)


def compiled() -> bool:
    """Whether ``torch.compile`` compiled anything; it is not loaded by being asked."""
    utils: Any = sys.modules.get("torch._dynamo.utils")
    return bool(utils is not None and utils.counters["stats"]["unique_graphs"])


def devices(torch: Any) -> List[Dict[str, Any]]:
    """Return the GPUs with what CUDA knows about them.

    CUDA's random numbers depend on the multiprocessors and on what each holds.
    """
    gpus = []
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        gpus.append(
            {
                "device": f"cuda:{index}",
                "name": str(properties.name),
                "capability": f"{properties.major}.{properties.minor}",
                "multiprocessors": _number(properties, "multi_processor_count"),
                "threads_per_multiprocessor": _number(
                    properties, "max_threads_per_multi_processor"
                ),
            }
        )
    return gpus


def _number(properties: Any, name: str) -> Optional[int]:
    value = getattr(properties, name, None)
    return None if value is None else int(value)


def _allowed(value: Union[bool, Any]) -> bool:
    """Return the switch itself; newer versions have a second one beside it, for splitting."""
    return bool(value[0] if isinstance(value, tuple) else value)
