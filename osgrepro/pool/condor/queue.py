"""The access point's queue: submit a cluster, find it again, see where its jobs are, remove it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import htcondor2

from osgrepro.common.errors import PoolError
from osgrepro.common.models import RunState
from osgrepro.pool.condor.actions import ACTIONS, PAST, any_of
from osgrepro.pool.condor.configuration import configure
from osgrepro.pool.condor.live import LiveCluster, LiveJob
from osgrepro.pool.condor.translation import translated
from osgrepro.runs.render import NO_CONTAINER

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

_PROJECTION = [
    "ClusterId",
    "ProcId",
    "JobStatus",
    "OsgreproBatch",
    "OsgreproRunId",
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
]
_MOMENTS = ("QDate", "EnteredCurrentStatus", "LastMatchTime")
_REMOVED, _TRANSFERRING, _BLOCKED = 3, 6, 9
_COMMON_INPUT_SINCE = (25, 14)
_NO_EPOCHS = "JOB_EPOCH_HISTORY undefined"


class Schedd:
    """An access point that answers; made by :func:`connect`."""

    def __init__(self, location: Any) -> None:
        self._schedd = htcondor2.Schedd(location)
        self.name = str(location.get("Name", "local"))
        self.version = _version(str(location.get("CondorVersion", "")))

    @property
    def takes_common_input(self) -> bool:
        """Whether it stages inputs once for each execution point and cluster."""
        return self.version >= _COMMON_INPUT_SINCE

    def ping(self) -> None:
        """Ask the queue for nothing.

        Raises
        ------
        PoolError
            If it does not answer, or does not know us.
        """
        with translated("the access point does not answer"):
            self._schedd.query("false", ["ClusterId"], limit=1)

    def submit(self, description: str, count: int) -> int:
        """Submit a description and return its cluster id.

        Parameters
        ----------
        description : str
            With a queue statement whose items file has an absolute path.
        count : int
            How many jobs it must make; with any other number the cluster is removed again.

        Raises
        ------
        PoolError
            If the access point refuses it.
        """
        with translated("the submission was refused"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unused lines; the texts are checked by tests
            result = self._schedd.submit(htcondor2.Submit(description))
        cluster = int(result.cluster())
        if result.num_procs() != count:
            self.remove([cluster], "osgrepro: the items file was not read as it was written")
            raise PoolError(f"cluster {cluster} has {result.num_procs()} jobs instead of {count}")
        return cluster

    def live(self, batches: Iterable[str]) -> dict[str, LiveCluster]:
        """Return the clusters of ``batches`` that are in the queue, by batch, in one query."""
        wanted = set(batches)
        if not wanted:
            return {}
        listed = ", ".join(f'"{batch}"' for batch in sorted(wanted))
        constraint = f"member(OsgreproBatch, {{{listed}}})"
        return _clusters(self.ads(constraint, _PROJECTION))

    def of_campaign(self, campaign: str) -> dict[str, LiveCluster]:
        """Return our clusters of the campaign of that name, by batch, whoever remembers them.

        Raises
        ------
        PoolError
            If the queue can't be read.
        """
        options = htcondor2.QueryOpt.IncludeClusterAd | htcondor2.QueryOpt.DefaultMyJobsOnly
        constraint = f'OsgreproCampaign == "{campaign}" && OsgreproBatch =!= undefined'
        with translated("the queue can't be read"):
            return _clusters(self._schedd.query(constraint, _PROJECTION, opts=options))

    def ads(self, constraint: str, projection: list[str]) -> list[Any]:
        """Return what the queue says of the jobs that match, and of their clusters' rows to come.

        Raises
        ------
        PoolError
            If it can't be read.
        """
        with translated("the queue can't be read"):
            return list(
                self._schedd.query(constraint, projection, opts=htcondor2.QueryOpt.IncludeClusterAd)
            )

    def history(self, constraint: str, projection: list[str], limit: int) -> list[Any]:
        """Return the last ``limit`` jobs that match and have left the queue, the newest first.

        Raises
        ------
        PoolError
            If there is no history, or we may not read it.
        """
        with translated("the history of jobs can't be read"):
            return list(self._schedd.history(constraint, projection, match=limit))

    def stagings(self, constraint: str, projection: list[str]) -> list[Any] | None:
        """Return each staging of common files that matches; None where they are not recorded.

        Raises
        ------
        PoolError
            If they are recorded, and we may not read that.
        """
        if not self.takes_common_input:
            return None
        with translated("the history of transfers can't be read"):
            try:
                records = self._schedd.jobEpochHistory(constraint, projection, ad_type=["COMMON"])
            except htcondor2.HTCondorException as error:
                if _NO_EPOCHS in str(error):
                    return None
                raise
        return list(records)

    def act(self, verb: str, jobs: Iterable[str], reason: str) -> None:
        """Hold, release or remove jobs (``cluster.proc``) or whole clusters (``cluster``).

        Those that have left the queue meanwhile are no fault.

        Raises
        ------
        PoolError
            If the access point refuses.
        """
        constraint = any_of(jobs)
        if constraint:
            with translated(f"the jobs can't be {PAST[verb]}"):
                self._schedd.act(ACTIONS[verb], constraint, reason=(reason, 0))

    def remove(self, clusters: Iterable[int], reason: str) -> None:
        """Remove clusters from the queue; those that are not there are no fault."""
        constraint = " || ".join(f"ClusterId == {cluster}" for cluster in clusters)
        if constraint:
            with translated("the jobs can't be removed"):
                action = htcondor2.JobAction.Remove
                self._schedd.act(action, constraint, reason=(reason, 0))


def connect(config: Path | None = None) -> Schedd:
    """Return the access point's queue.

    Parameters
    ----------
    config : Path or None
        The configuration of a pool's client; None takes the machine's own.

    Raises
    ------
    PoolError
        If there is none, or it does not answer.
    """
    configure(config)
    with translated("no access point was found on this machine"):
        schedd = Schedd(htcondor2.Collector().locate(htcondor2.DaemonType.Schedd))
    schedd.ping()
    return schedd


def _clusters(ads: Iterable[Any]) -> dict[str, LiveCluster]:
    next_procs: dict[str, int] = {}
    numbers: dict[str, int] = {}
    jobs: dict[str, dict[int, LiveJob]] = {}
    folders: dict[str, str] = {}
    counts: dict[str, int] = {}
    for ad in ads:
        batch = str(ad["OsgreproBatch"])
        folders[batch] = str(ad.get("Iwd", ""))
        counts[batch] = int(ad.get("TotalSubmitProcs", 0))
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
        )
        for batch, cluster in numbers.items()
    }


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
    )


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


def _version(text: str) -> tuple[int, ...]:
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(map(int, match.groups())) if match else (0,)
