"""Where every run of a campaign stands, from the folder and the queue together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from osgrepro.common.errors import DatasetError, RecordError
from osgrepro.common.models import Matrix, RunState
from osgrepro.pool import progress
from osgrepro.pool.condor import LiveJob
from osgrepro.results import dataset, records
from osgrepro.results.dataset import Taken
from osgrepro.runs.render import Requests
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import jobs as queue_jobs
from osgrepro.workflow.runs import journal
from osgrepro.workflow.runs.jobs import Queued
from osgrepro.workflow.runs.journal import Queue, run_ids, submitted
from osgrepro.workflow.runs.monitoring.event_logs import glance

_BY_STATUS = {"ok": RunState.DONE, "failed": RunState.FAILED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A run whose job is held, or waits again because a slot gave it back; why, and what to do.

    ``last_words`` is how its standard error ends; looked up for one run of those that are held for
    the same reason; ``asks`` is what the job requests.
    """

    run_id: str
    cluster: int
    proc: int
    reason: str
    code: int
    advice: str
    last_words: str = ""
    asks: Requests = field(default_factory=Requests)
    subcode: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A cell's runs, counted by state."""

    experiment: str
    hardware: str
    software: str
    counts: Mapping[RunState, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """Where every run stands; ``jobs`` are those in the queue, ``held`` who waits for somebody.

    ``vacated`` are idle jobs that a slot had and gave back. Where nobody was ``asked``, jobs stand
    as the event logs left them. ``queued`` is all that the queue has of the campaign. ``damaged``
    says what of the folder could not be read, a sentence each; ``settled`` whether the dataset
    could: else runs that it has may stand as lost.
    """

    states: Mapping[str, RunState]
    jobs: Mapping[str, LiveJob] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    vacated: tuple[Held, ...] = ()
    counts: Mapping[RunState, int] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    asked: bool = True
    queued: Queued = field(default_factory=Queued)
    damaged: tuple[str, ...] = ()
    settled: bool = True

    @property
    def in_doubt(self) -> int:
        """How many runs are on their way by their event logs alone."""
        moving = (RunState.IDLE, RunState.RUNNING, RunState.HELD)
        return 0 if self.asked else sum(self.counts.get(state, 0) for state in moving)

    @property
    def astray(self) -> int:
        """How many runs were submitted and have no result that was taken."""
        settled = (RunState.DONE, RunState.FAILED, RunState.NEW)
        return len(self.states) - sum(self.counts.get(state, 0) for state in settled)


def of_campaign(loaded: Loaded, place: Workspace, access: Access | None) -> Status:
    """Return where every run of ``loaded`` stands, from folder and queue, if there is one."""
    return of_runs(loaded.matrix, place, access.schedd if access else None)


def of_runs(matrix: Matrix, workspace: Workspace, queue: Queue | None) -> Status:
    """Return where every run of ``matrix`` stands.

    A job in the queue says more than an older result; a result more than the journal. The queue is
    asked first: a job that ends meanwhile has its result in the folder by then, and none is missed.
    Without a queue, jobs without a result that have not ended by their event logs stand as
    those say.
    """
    queued = queue_jobs.look(matrix, workspace, queue) if queue is not None else Queued()
    live = queued.jobs if queue is not None else _logged(workspace)
    tables = _tables(workspace)
    kept = _results(workspace, tables)
    sent = {run_id for batch in submitted(workspace) for run_id in run_ids(workspace, batch)}
    states = {}
    for run in matrix.runs:
        if run.run_id in live and (queue is not None or run.run_id not in kept):
            states[run.run_id] = live[run.run_id][1].state
        else:
            missing = RunState.LOST if run.run_id in sent else RunState.NEW
            states[run.run_id] = kept.get(run.run_id, missing)
    ours = {run_id: cluster_and_job for run_id, cluster_and_job in live.items() if run_id in states}
    stopped = [
        _stopped(run_id, *cluster_and_job)
        for run_id, cluster_and_job in ours.items()
        if queue is not None and cluster_and_job[1].advice
    ]
    held = [held_job for held_job in stopped if states[held_job.run_id] is RunState.HELD]
    return Status(
        states=states,
        jobs={run_id: job for run_id, (_, job) in ours.items()},
        held=tuple(_heard(workspace, held)),
        vacated=tuple(
            held_job for held_job in stopped if states[held_job.run_id] is not RunState.HELD
        ),
        counts=Counter(states.values()),
        cells=cells(matrix, states),
        asked=queue is not None,
        queued=queued,
        damaged=tables.damaged,
        settled=tables.settled,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tables:
    """What the two tables of the folder tell, as far as they can be read."""

    taken: Mapping[str, Taken]
    rejected: Iterable[Mapping[str, Any]]
    settled: bool
    damaged: tuple[str, ...]


def _tables(workspace: Workspace) -> _Tables:
    taken: Mapping[str, Taken] = {}
    rejected: Iterable[Mapping[str, Any]] = ()
    damaged = list(journal.complaints(workspace))
    settled = True
    try:
        taken = dataset.taken(workspace.dataset_file)
    except DatasetError as error:
        settled = False
        damaged.append(f"{error.message}; {error.hint}")
    try:
        rejected = dataset.rejected(workspace.rejected_file)
    except DatasetError as error:
        damaged.append(f"{error.message}; {error.hint}")
    return _Tables(taken=taken, rejected=rejected, settled=settled, damaged=tuple(damaged))


def _results(workspace: Workspace, tables: _Tables) -> dict[str, RunState]:
    """Return the runs that returned a file: taken (ok or failed), refused, or not judged yet.

    Of several files that were refused, one that landed elsewhere says most.
    """
    states: dict[str, RunState] = {}
    known = set()
    for row in tables.rejected:
        known.add((row["file"], row["file_bytes"], row["file_modified_ns"]))
        if row["reason"] == records.ELSEWHERE:
            states[row["run_id"]] = RunState.ELSEWHERE
        elif row["run_id"]:
            states.setdefault(row["run_id"], RunState.REJECTED)
    for run_id, taken in tables.taken.items():
        known.add((taken.file, taken.size_bytes, taken.modified_ns))
        states[run_id] = _BY_STATUS[taken.status]
    for file in workspace.returned_files():
        if (file.file, file.size_bytes, file.modified_ns) not in known:
            with suppress(RecordError):  # not a result's name: collect will say so
                run_id = records.source_key(file.file).run_id
                if states.get(run_id) is not RunState.DONE:
                    states[run_id] = RunState.RETURNED
    return states


def cells(matrix: Matrix, states: Mapping[str, RunState]) -> tuple[Cell, ...]:
    """Return every cell of ``matrix`` with its runs counted by state, in the matrix's order."""
    counts: dict[tuple[str, str, str], Counter[RunState]] = {}
    for run in matrix.runs:
        counts.setdefault(run.cell, Counter())[states[run.run_id]] += 1
    return tuple(
        Cell(experiment=experiment, hardware=hardware, software=software, counts=count)
        for (experiment, hardware, software), count in counts.items()
    )


def _logged(workspace: Workspace) -> dict[str, tuple[int, LiveJob]]:
    """Return the runs whose job has not ended, as far as its event log says."""
    if not submitted(workspace):
        return {}
    logs = glance(workspace)
    jobs: dict[str, tuple[int, LiveJob]] = {}
    for key, batch in logs.batches.items():
        cluster, ledger = batch.cluster or 0, logs.ledgers[key]
        for proc, run_id in enumerate(run_ids(workspace, key)):
            state = ledger.state(cluster, proc)
            if state is RunState.NEW:  # not made yet, or nothing tells of it
                state = RunState.LOST if ledger.closed else RunState.IDLE
            if state not in progress.ENDED:
                jobs[run_id] = (cluster, LiveJob(proc=proc, state=state))
    return jobs


def _stopped(run_id: str, cluster: int, job: LiveJob) -> Held:
    return Held(
        run_id=run_id,
        cluster=cluster,
        proc=job.proc,
        reason=job.hold_reason or job.vacate_reason or "",
        code=job.hold_code or job.vacate_code or 0,
        advice=job.advice,
        asks=job.asks,
        subcode=job.hold_subcode,
    )


def _heard(workspace: Workspace, held_jobs: Iterable[Held]) -> Iterator[Held]:
    """Yield held runs, the first of each reason with its last words."""
    heard_reasons = set()
    for item in held_jobs:
        if item.reason in heard_reasons:
            yield item
            continue
        heard_reasons.add(item.reason)
        words = workspace.last_words(item.run_id, item.cluster, item.proc)
        yield replace(item, last_words=words)
