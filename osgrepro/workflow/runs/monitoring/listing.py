"""The verb ``runs``: every run on its own, where it stands, and on which machines it was tried."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.common.models import Run, RunState
from osgrepro.pool import condor
from osgrepro.pool.progress import Attempt
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.runs.journal import OpenLog, run_ids
from osgrepro.workflow.runs.monitoring import usage
from osgrepro.workflow.runs.monitoring.event_logs import glance
from osgrepro.workflow.runs.monitoring.status import Status


@dataclass(frozen=True, kw_only=True, slots=True)
class JobAttempt:
    """An attempt, and whose it is: the job (``cluster.proc``)."""

    job: str
    attempt: Attempt

    @property
    def machine(self) -> str:
        """What the machine is called."""
        return usage.machine_name(self.attempt.machine)

    @property
    def site(self) -> str:
        """Where the machine is."""
        return usage.site_of(self.attempt.machine)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRow:
    """A run, where it stands, its jobs (``cluster.proc``) and its attempts in all of them."""

    run: Run
    state: RunState
    jobs: tuple[str, ...] = ()
    attempts: tuple[JobAttempt, ...] = ()

    @property
    def machines(self) -> tuple[str, ...]:
        """The machines on which it was tried, each once, the first first."""
        return tuple(dict.fromkeys(attempt.machine for attempt in self.attempts))


def check(states: Collection[str]) -> None:
    """Refuse states that no run has.

    Raises
    ------
    UsageError
        Naming the states that there are.
    """
    known = [state.value for state in RunState]
    for state in states:
        if state not in known:
            raise UsageError(
                f"--state {state}: no run stands so{did_you_mean(state, known)}",
                hint=f"name some of {', '.join(known)}",
            )


def of_campaign(
    loaded: Loaded,
    place: Workspace,
    now: Status,
    *,
    states: Collection[str] = (),
    open_log: OpenLog = condor.EventReader,
) -> tuple[RunRow, ...]:
    """Return the runs of ``loaded`` that stand in one of ``states``, in the matrix's order.

    Parameters
    ----------
    loaded, place, now : Loaded, Workspace, Status
        The campaign, or a selection of it; its folder; where its runs stand.
    states : collection of str
        Values of ``RunState``; none takes all.
    open_log : callable
        Opens event logs.

    Raises
    ------
    UsageError
        If no run can stand in such a state.
    """
    check(states)
    wanted = {
        run.run_id: run
        for run in loaded.matrix.runs
        if not states or now.states[run.run_id].value in states
    }
    jobs: dict[str, list[str]] = {run_id: [] for run_id in wanted}
    attempts: dict[str, list[JobAttempt]] = {run_id: [] for run_id in wanted}
    logs = glance(place, open_log)
    for key, batch in logs.batches.items():
        cluster, ledger = batch.cluster or 0, logs.ledgers[key]
        for proc, run_id in enumerate(run_ids(place, key)):
            if run_id in wanted:
                job = f"{cluster}.{proc}"
                jobs[run_id].append(job)
                tried = ledger.attempts(cluster, proc)
                attempts[run_id] += [JobAttempt(job=job, attempt=attempt) for attempt in tried]
    return tuple(
        RunRow(
            run=run,
            state=now.states[run_id],
            jobs=tuple(jobs[run_id]),
            attempts=tuple(attempts[run_id]),
        )
        for run_id, run in wanted.items()
    )
