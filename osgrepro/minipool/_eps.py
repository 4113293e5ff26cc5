"""The execution points of a mini-pool, as data: add a row, and the pool has one more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from osgrepro.errors import PoolError

# The name goes into configuration keys and file names.
_NAME = re.compile(r"^[a-z][a-z0-9]{0,30}$")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionPoint:
    """One startd of the mini-pool.

    Parameters
    ----------
    name : str
        Lower-case letters and digits; slots are called ``slot1@<name>@<host>``.
    threads : int, optional
        Size of TensorFlow's intra-op pool in every job here, to emulate a host with so many CPUs.
    simulated_gpu : str, optional
        What ``condor_gpu_discovery -simulate:`` gets; the slot advertises a GPU that isn't there.
    attributes : mapping
        More machine attributes: name to ClassAd expression.
    """

    name: str
    threads: int | None = None
    simulated_gpu: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise PoolError(f"{self.name!r} is no name of an execution point: [a-z][a-z0-9]*")

    @property
    def daemon(self) -> str:
        """Return the daemon's name in HTCondor's configuration."""
        return f"EP_{self.name.upper()}"

    @property
    def emulated(self) -> bool:
        """Tell whether jobs here see hardware that the machine does not have."""
        return self.threads is not None or self.simulated_gpu is not None

    @property
    def emulation(self) -> str:
        """Return what is emulated, in words; empty where nothing is."""
        parts = []
        if self.threads is not None:
            parts.append(f"intra-op threads {self.threads}")
        if self.simulated_gpu is not None:
            parts.append("simulated GPU")
        return ", ".join(parts)


DEFAULT = (
    ExecutionPoint(name="host"),
    ExecutionPoint(name="threads4", threads=4),
    ExecutionPoint(name="threads8", threads=8),
    # The simulated device 4 of condor_gpu_discovery is an A100.
    ExecutionPoint(name="gpu", simulated_gpu="4,1"),
)
