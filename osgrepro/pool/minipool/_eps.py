"""The execution points of a mini-pool, as data: add a row, and the pool has one more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from osgrepro.common.errors import PoolError

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
    isa : str, optional
        What oneDNN is capped to in every job here, in its own word: ``AVX2``.
    gpu : mapping, optional
        Properties, as ClassAd expressions, of a GPU that isn't there and that the slot advertises.
    not_emulated : str
        What jobs here find other than on the machine that this one stands in for; ``; `` between.
    """

    name: str
    threads: int | None = None
    simulated_gpu: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    isa: str | None = None
    gpu: Mapping[str, str] | None = None
    not_emulated: str = ""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise PoolError(f"{self.name!r} is not the name of an execution point: [a-z][a-z0-9]*")

    @property
    def daemon(self) -> str:
        """Return the daemon's name in HTCondor's configuration."""
        return f"EP_{self.name.upper()}"

    @property
    def emulated(self) -> bool:
        """Tell whether jobs here see hardware that the machine does not have."""
        return bool(self.emulation or self.not_emulated)

    @property
    def simulates_gpu(self) -> bool:
        """Tell whether the slot advertises a GPU that isn't there."""
        return self.simulated_gpu is not None or self.gpu is not None

    @property
    def advertised_threads(self) -> str:
        """Return ``OsgreproThreads``: 0 stands for the machine as it is, and for nothing else.

        Of a slot that emulates something else and no threads it is undefined, so that a campaign
        that asks for 0 is not matched to a GPU which isn't there.
        """
        if self.threads is not None:
            return str(self.threads)
        return "undefined" if self.emulated else "0"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables by which jobs here are told what to emulate."""
        threads = {} if self.threads is None else {"TF_NUM_INTRAOP_THREADS": str(self.threads)}
        names = () if self.isa is None else ("DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA")
        return threads | {name: str(self.isa) for name in names}

    @property
    def emulation(self) -> str:
        """Return what is emulated, in words; empty where nothing is."""
        parts = []
        if self.threads is not None:
            parts.append(f"intra-op threads {self.threads}")
        if self.isa is not None:
            parts.append(f"oneDNN capped to {self.isa}")
        if self.simulates_gpu:
            parts.append("simulated GPU")
        return ", ".join(parts)


DEFAULT = (
    ExecutionPoint(name="host"),
    ExecutionPoint(name="threads4", threads=4),
    ExecutionPoint(name="threads8", threads=8),
    # The simulated device 4 of condor_gpu_discovery is an A100.
    ExecutionPoint(name="gpu", simulated_gpu="4,1"),
)
