"""A cluster in the queue and its jobs, as values: made by the queue, asked by the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from osgrepro.common.models import RunState
from osgrepro.pool.condor.held_jobs import of_held, of_vacated


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveJob:
    """A job in the queue; ``waiting_since_s`` is when it was queued, idle or matched last.

    ``vacate_reason`` is why a slot gave it back, of an idle job that had one; ``phase`` says of a
    job whether it is transferring files, or blocked: waiting for common ones; ``releases`` says
    of a held job that its own policy will release it.
    """

    proc: int
    state: RunState
    slot: str | None = None
    hold_reason: str | None = None
    hold_code: int | None = None
    hold_subcode: int = 0
    starts: int = 0
    waiting_since_s: float | None = None
    vacate_reason: str | None = None
    vacate_code: int | None = None
    phase: Literal["transferring", "blocked"] | None = None
    run_id: str = ""
    releases: bool = False

    @property
    def advice(self) -> str:
        """What to do about a job that is held, or was given back; empty for any other."""
        if self.state is RunState.HELD:
            return of_held(self.hold_reason or "", self.hold_code or 0, self.hold_subcode)
        return of_vacated(self.vacate_code or 0) if self.vacate_reason is not None else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveCluster:
    """A cluster in the queue: its jobs, and from which row on it has not made jobs yet.

    ``folder`` is the initial folder of its jobs, ``count`` how many it was submitted with; empty
    and 0 where the queue does not say.
    """

    cluster: int
    batch: str
    jobs: Mapping[int, LiveJob] = field(default_factory=dict)
    next_proc: int | None = None
    folder: str = ""
    count: int = 0

    def job(self, proc: int) -> LiveJob | None:
        """Return job ``proc`` (the row of the items file); None if it has left the queue."""
        if self.next_proc is not None and proc >= self.next_proc:
            return LiveJob(proc=proc, state=RunState.IDLE)
        return self.jobs.get(proc)
