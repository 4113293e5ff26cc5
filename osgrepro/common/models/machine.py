"""Jobs on machines: the events of their logs, and where commands run and as whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from osgrepro.common.models.campaign import Scalar


@dataclass(frozen=True, kw_only=True, slots=True)
class JobEvent:
    """One event of a job's log: HTCondor's name for it, its time (seconds since 1970), its facts.

    ``proc`` is -1 where the event is the whole cluster's.
    """

    kind: str
    cluster: int
    proc: int
    at_s: float
    facts: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """One start of a job on a slot: when, and what the access point knew of the machine.

    ``told_by`` is who says so: the job's event log, its ad (in the queue or the history), or
    nobody but the result that came back.
    """

    started_s: float
    machine: Mapping[str, Scalar]
    told_by: Literal["event log", "job ad", "result"] = "event log"

    @property
    def slot(self) -> str:
        """The slot's name."""
        return str(self.machine.get("Name", ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """The ordinary user under whom a pool's daemons and jobs run."""

    name: str
    uid: int
    gid: int


class Enclosure(Protocol):
    """Where HTCondor's and Apptainer's commands run: here, or in a root file system of its own."""

    @property
    def user(self) -> User:
        """The ordinary user whom commands run as."""

    def command(
        self, argv: Sequence[str], *, binds: Sequence[Path] = (), cwd: Path | None = None
    ) -> list[str]:
        """Return the argument vector that runs ``argv`` inside, as ``user``.

        ``binds`` are host paths that must be seen inside under the same path, writable where
        the user may write.
        """
