"""Who computes the sums: NumPy on the CPU, and on GPUs the framework that the experiment has.

Of a program nobody knows which framework it takes: the first one in the image that sees the GPUs.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence

from .. import backends
from ..backends import Backend


class NumPy:
    """Computes as a backend does, on the CPU."""

    title = "NumPy"

    def __init__(self, module: Any) -> None:
        self.module = module

    def answer(self, operation: str, operands: Sequence[Any], gpu: Optional[int] = None) -> Any:
        """Return the result of one of the sums, as nested lists."""
        del gpu
        arrays = [self.module.asarray(operand, "float32") for operand in operands]
        operations: Dict[str, Callable[..., Any]] = {
            "copy": lambda rows: rows.copy(),
            "sum": lambda rows: rows.sum(),
            "matrix product": lambda left, right: left @ right,
            "convolution": _convolution,
        }
        return operations[operation](*arrays).tolist()


def numpy() -> Optional[NumPy]:
    """Import the image's NumPy; None where it has none."""
    if importlib.util.find_spec("numpy") is None:
        return None
    return NumPy(importlib.import_module("numpy"))


def frameworks(environ: Mapping[str, str], *, program: bool) -> Iterator[Backend]:
    """Import the frameworks that may be the experiment's, one by one as they are asked for.

    Parameters
    ----------
    environ : mapping
        The training process's environment.
    program : bool
        Whether the experiment is a program, which may take any framework of the image.
    """
    if program:
        yield from backends.in_image(environ)
        return
    backend = backends.load(environ, needed=False)
    if backend is not None:
        yield backend


def _convolution(image: Any, kernel: Any) -> Any:
    height, width = (image.shape[axis + 1] - kernel.shape[axis] + 1 for axis in (0, 1))
    return sum(
        image[:, y : y + height, x : x + width, :] @ kernel[y, x]
        for y in range(kernel.shape[0])
        for x in range(kernel.shape[1])
    )
