"""A cluster in the queue and its jobs, as values: made of what the queue says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from osgrepro.common.models import RunState
from osgrepro.pool.condor.held_jobs import of_held, of_vacated
from osgrepro.runs.render import NO_CONTAINER, Requests

# JobStatus 9, waiting for common files, is missing from htcondor2.JobStatus.
STATUS = {
    1: RunState.IDLE,
    2: RunState.RUNNING,
    3: RunState.LOST,
    4: RunState.RETURNED,
    5: RunState.HELD,
    6: RunState.RUNNING,
    7: RunState.RUNNING,
    9: RunState.IDLE,
}

# What a job asks for; memory may be an expression of what it used and was held for.
_REQUESTED = ("RequestMemory", "RequestDisk", "AllowedExecuteDuration")
PROJECTION = [
    "ClusterId",
    "ProcId",
    "JobStatus",
    "OsgreproBatch",
    "OsgreproRunId",
    "OsgreproAvoided",
    "Iwd",
    "TotalSubmitProcs",
    "JobMaterializeNextProcId",
    "HoldReason",
    "HoldReasonCode",
    "HoldReasonSubCode",
    "NumHolds",
    "PeriodicRelease",
    "RemoteHost",
    "NumShadowStarts",
    "VacateReason",
    "VacateReasonCode",
    "QDate",
    "EnteredCurrentStatus",
    "LastMatchTime",
    "TransferringInput",
    "TransferringOutput",
    *_REQUESTED,
    *("MemoryUsage", "ResidentSetSize", "LastHoldReasonCode", "NumHoldsByReason"),
]
_MOMENTS = ("QDate", "EnteredCurrentStatus", "LastMatchTime")
_REMOVED, HELD, _TRANSFERRING, _BLOCKED = 3, 5, 6, 9


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveJob:
    """A job in the queue; ``waiting_since_s`` is when it was queued, idle or matched last.

    ``vacate_reason`` is why a slot gave it back, of an idle job that had one; ``phase`` says of a
    job whether it is transferring files, or blocked: waiting for common ones; ``releases`` says
    of a held job that its own policy will release it; ``asks`` is what it requests now.
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
    asks: Requests = field(default_factory=Requests)

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
    and 0 where the queue does not say; ``avoided`` are machines that get none of the jobs.
    """

    cluster: int
    batch: str
    jobs: Mapping[int, LiveJob] = field(default_factory=dict)
    next_proc: int | None = None
    folder: str = ""
    count: int = 0
    avoided: tuple[str, ...] = ()

    def job(self, proc: int) -> LiveJob | None:
        """Return job ``proc`` (the row of the items file); None if it has left the queue."""
        if self.next_proc is not None and proc >= self.next_proc:
            return LiveJob(proc=proc, state=RunState.IDLE)
        return self.jobs.get(proc)


def clusters(ads: Iterable[Any]) -> dict[str, LiveCluster]:
    """Return the clusters of job ads that have the attributes of ``PROJECTION``, by batch."""
    next_procs: dict[str, int] = {}
    numbers: dict[str, int] = {}
    jobs: dict[str, dict[int, LiveJob]] = {}
    folders: dict[str, str] = {}
    counts: dict[str, int] = {}
    avoided: dict[str, tuple[str, ...]] = {}
    for ad in ads:
        batch = str(ad["OsgreproBatch"])
        folders[batch] = str(ad.get("Iwd", ""))
        counts[batch] = int(ad.get("TotalSubmitProcs", 0))
        avoided[batch] = _names(ad, "OsgreproAvoided")
        numbers[batch] = int(ad["ClusterId"])
        proc = ad.get("ProcId")
        if proc is not None and proc >= 0:
            jobs.setdefault(batch, {})[int(proc)] = _job(ad)
        elif "JobMaterializeNextProcId" in ad and int(ad.get("JobStatus", 1)) != _REMOVED:
            next_procs[batch] = int(ad["JobMaterializeNextProcId"])
    return {
        batch: LiveCluster(
            cluster=cluster,
            batch=batch,
            jobs=jobs.get(batch, {}),
            next_proc=next_procs.get(batch),
            folder=folders[batch],
            count=counts[batch],
            avoided=avoided[batch],
        )
        for batch, cluster in numbers.items()
    }


def _names(ad: Any, name: str) -> tuple[str, ...]:
    listed = ad.eval(name) if name in ad else ()
    return tuple(map(str, listed)) if isinstance(listed, (list, tuple)) else ()


def _job(ad: Any) -> LiveJob:
    state = STATUS.get(int(ad.get("JobStatus", 1)), RunState.IDLE)
    held = state is RunState.HELD
    vacated = state is RunState.IDLE and "VacateReasonCode" in ad
    since_s = max((float(ad[name]) for name in _MOMENTS if ad.get(name)), default=None)
    return LiveJob(
        proc=int(ad["ProcId"]),
        state=state,
        slot=ad.get("RemoteHost"),
        hold_reason=_hold_reason(ad) if held else None,
        hold_code=int(ad.get("HoldReasonCode", 0)) if held else None,
        hold_subcode=int(ad.get("HoldReasonSubCode", 0)) if held else 0,
        vacate_reason=_text(ad, "VacateReason") if vacated else None,
        vacate_code=int(ad["VacateReasonCode"]) if vacated else None,
        phase=_phase(ad),
        starts=int(ad.get("NumShadowStarts") or 0),
        run_id=str(ad.get("OsgreproRunId", "")),
        releases=held and _releases(ad),
        waiting_since_s=since_s,
        asks=_asks(ad) if held else Requests(),
    )


def _asks(ad: Any) -> Requests:
    memory_mb, disk_kb, execute_s = (_number(ad, name) for name in _REQUESTED)
    return Requests(
        memory_mb=memory_mb,
        disk_mb=None if disk_kb is None else -(-disk_kb // 1024),
        execute_s=execute_s,
    )


def _number(ad: Any, name: str) -> int | None:
    value = ad.eval(name) if name in ad else None
    return int(value) if isinstance(value, (int, float)) else None


def _phase(ad: Any) -> Literal["transferring", "blocked"] | None:
    """Return what a job is at beside its state."""
    status = int(ad.get("JobStatus", 1))
    if status == _BLOCKED:
        return "blocked"
    moving = ad.get("TransferringInput") is True or ad.get("TransferringOutput") is True
    return "transferring" if status == _TRANSFERRING or (status in STATUS and moving) else None


def _releases(ad: Any) -> bool:
    """Whether the job's own policy releases it, now or once it was held for long enough."""
    ad["EnteredCurrentStatus"] = 0
    return ad.eval("PeriodicRelease") is True if "PeriodicRelease" in ad else False


def _hold_reason(ad: Any) -> str:
    """Return why a job is held; what our own policy can't say, the last slot's words add."""
    reason = _text(ad, "HoldReason")
    return f"{reason}: {_text(ad, 'VacateReason')}" if reason == NO_CONTAINER else reason


def _text(ad: Any, name: str) -> str:
    """Return a text of an ad without the slot's name before it; empty where there is none."""
    value = ad.get(name)
    return re.sub(r"\AError from \S+: ", "", value) if isinstance(value, str) else ""
