"""What every backend can do for a run; the differences are its own module's."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any, Callable, ClassVar, Dict, List, Mapping, Optional, Sequence, Tuple, Union

Fields = Dict[str, Callable[[], Any]]
# "warn" lets operations that are not deterministic pass with a warning, where a framework can.
DETERMINISM = ("on", "warn", "off")
# Whether a framework's own random numbers were seeded (None: nothing tells), and with what.
Seeded = Tuple[Optional[bool], Optional[int]]


class Backend(ABC):
    """One backend, imported.

    Attributes
    ----------
    name, title : str
        As KERAS_BACKEND has it, and as people write it.
    packages : tuple of str
        The framework, and behind it the Keras that stands on it, where that is another package.
    pool_thread : str or None
        The name of the intra-op pool's threads, where they have one of their own.
    module, keras : module
        The framework itself, and the Keras that stands on it; None where the image has none.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    packages: ClassVar[Tuple[str, ...]]
    pool_thread: ClassVar[Optional[str]] = None

    def __init__(self, module: Any, keras: Any) -> None:
        self.module, self.keras = module, keras

    @classmethod
    def around(cls, module: Any) -> Backend:
        """Return the framework alone, without Keras, or as a script imported it by itself."""
        backend = cls.__new__(cls)
        Backend.__init__(backend, module, None)
        return backend

    @staticmethod
    def environment(
        environ: Mapping[str, str], threads: Union[str, int], determinism: str = "on"
    ) -> Dict[str, str]:
        """Return the variables that must be set before the import."""
        del environ, threads, determinism
        return {}

    @abstractmethod
    def seed(
        self,
        seed: int,
        threads: Union[str, int],
        environ: Mapping[str, str],
        determinism: str = "on",
    ) -> None:
        """Seed the framework and its Keras, set determinism, and size the pools.

        ``determinism`` is one of :data:`DETERMINISM`. ``threads="host"`` leaves
        pools alone, but for what TF_NUM_INTRAOP_THREADS says: an emulated execution point has it,
        whatever the image's backend is.
        """

    @abstractmethod
    def facts(self) -> Fields:
        """Return the readers of versions, build and switches; they start no computation."""

    def switches(self) -> Fields:
        """Return the readers of what the training may set or start, and its end thus may change."""
        return {}

    @abstractmethod
    def devices(self) -> List[Dict[str, Any]]:
        """Return the GPUs that the backend sees: ``device``, ``name`` and ``capability``."""

    @abstractmethod
    def deterministic(self) -> bool:
        """Whether only deterministic operations are allowed."""

    @abstractmethod
    def computed(self) -> bool:
        """Whether it was used at all, as far as it tells; asking starts nothing."""

    @abstractmethod
    def seeded(self) -> Seeded:
        """Return whether its random numbers were seeded by anyone, and with what."""

    @abstractmethod
    def used_gpu(self) -> Optional[bool]:
        """Whether it computed on a GPU, where it tells; asking starts nothing."""

    @abstractmethod
    def halved(self, numbers: List[float]) -> Any:
        """Return half of each number as float32, computed by the backend."""

    @abstractmethod
    def answer(self, operation: str, operands: Sequence[Any], gpu: Optional[int]) -> Any:
        """Compute one of the self-test's sums in float32; return it as nested lists.

        ``gpu`` is the place of the device in :meth:`devices`; None is the CPU.
        """

    @abstractmethod
    def pools(self, environ: Mapping[str, str], named: int) -> Fields:
        """Return the readers of the pools' sizes; ``named`` threads have ``pool_thread``'s name.

        Configured is 0 where the pool was left alone. A pool that the backend doesn't have is None.
        """


def emulated_pool(environ: Mapping[str, str]) -> int:
    """Return the size that an execution point gives to the intra-op pool; 0 where it gives none."""
    text = environ.get("TF_NUM_INTRAOP_THREADS", "")
    return int(text) if text.isdigit() else 0


def pinned(threads: Union[str, int], environ: Mapping[str, str]) -> int:
    """Return the size that the pool shall have; 0 leaves it alone."""
    return threads if isinstance(threads, int) else emulated_pool(environ)


def usable_cpus() -> int:
    """Return the size of the affinity mask."""
    return len(os.sched_getaffinity(0))
