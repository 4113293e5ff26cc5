"""The jobs of a campaign in the queue, which bear it and their run's id: found again, and acted on.

So no run is submitted twice because the folder's own memory of it is gone. What the journal lacks
is put into it again, from the queue and from the event logs.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from osgrepro.campaign import expand
from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.common.models import Matrix, RunState
from osgrepro.pool import condor
from osgrepro.pool.condor import HoldCode, LiveCluster, LiveJob
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs.journal import Queue, run_ids

# Jobs of runs that the campaign no longer has, and the states that a job in the queue may have.
ORPHANED = "orphaned"
STATES = {
    "hold": (RunState.IDLE.value, RunState.RUNNING.value, ORPHANED),
    "release": (RunState.HELD.value,),
    "remove": (RunState.IDLE.value, RunState.RUNNING.value, RunState.HELD.value, ORPHANED),
    "retry": (RunState.HELD.value, RunState.FAILED.value, RunState.LOST.value),
}
WHY = "osgrepro: {} of {}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """The jobs of a campaign that are in the queue, whatever the journal knows of them.

    Parameters
    ----------
    jobs : mapping
        By run_id: the cluster and the job.
    orphans : tuple of (int, int)
        ClusterId and ProcId of jobs that the folder sent for runs that the campaign no longer has.
    abroad : mapping
        By another folder: ClusterId and ProcId of the campaign's jobs whose results go there.
    unknown : tuple of int
        Clusters with jobs still to be made, of which nobody knows the runs any more.
    avoided : tuple of str
        Machines that get no more jobs.
    """

    jobs: Mapping[str, tuple[int, LiveJob]] = field(default_factory=dict)
    orphans: tuple[tuple[int, int], ...] = ()
    abroad: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    unknown: tuple[int, ...] = ()
    avoided: tuple[str, ...] = ()


def look(matrix: Matrix, workspace: Workspace, queue: Queue) -> Queued:
    """Ask the queue for the jobs of the campaign of ``matrix``, which may be a selection of it."""
    wanted = {run.run_id for run in matrix.runs}
    jobs: dict[str, tuple[int, LiveJob]] = {}
    strangers: list[tuple[str, tuple[int, int]]] = []
    abroad: dict[str, list[tuple[int, int]]] = {}
    unknown = []
    in_queue = clusters(matrix.campaign.name, workspace, queue)
    for cluster in sorted(in_queue.values(), key=lambda known: is_own(workspace, known)):
        runs = rows(workspace, cluster)
        if None in runs.values():
            unknown.append(cluster.cluster)
        own = is_own(workspace, cluster)
        for proc, run_id in runs.items():
            job, place = cluster.job(proc), (cluster.cluster, proc)
            if run_id in wanted and job is not None:
                jobs[run_id] = (cluster.cluster, job)
                if not own:
                    abroad.setdefault(str(home(cluster)), []).append(place)
            elif run_id is not None and job is not None and own:
                strangers.append((run_id, place))
    known_runs = _every_run(matrix) if strangers else set()
    return Queued(
        jobs=jobs,
        orphans=tuple(sorted(place for run_id, place in strangers if run_id not in known_runs)),
        abroad={folder: tuple(sorted(places)) for folder, places in sorted(abroad.items())},
        unknown=tuple(sorted(unknown)),
        avoided=tuple(sorted({name for known in in_queue.values() for name in known.avoided})),
    )


def clusters(campaign: str, workspace: Workspace, queue: Queue) -> dict[str, LiveCluster]:
    """Return the clusters of a campaign that are in the queue, by batch.

    Where it was renamed they are also those that the folder sent under its former names.
    """
    in_queue = dict(queue.of_campaign(campaign))
    for former in workspace.names():
        if former != campaign:
            by_batch = queue.of_campaign(former)
            in_queue |= {key: sent for key, sent in by_batch.items() if is_own(workspace, sent)}
    return in_queue


def rows(workspace: Workspace, cluster: LiveCluster) -> dict[int, str | None]:
    """Return the runs of a cluster's jobs by ProcId; None for those of which nobody knows.

    A job says itself which run it is; rows that are no jobs yet stand in the items file alone.
    """
    own = is_own(workspace, cluster)
    source = workspace if own else Workspace(home(cluster))
    listed: list[str] = []
    with suppress(OSError):  # another user's, perhaps
        listed = run_ids(source, cluster.batch)
    # A file that was cut off may end within a run's id.
    whole = len(listed) == (cluster.count or len(listed)) and len(set(map(len, listed))) < 2
    runs: dict[int, str | None] = {
        proc: job.run_id or (listed[proc] if proc < len(listed) else None)
        for proc, job in sorted(cluster.jobs.items())
    }
    if cluster.next_proc is not None:
        for proc in range(cluster.next_proc, cluster.count or len(listed)):
            runs[proc] = listed[proc] if whole else None
    return runs


def is_own(workspace: Workspace, cluster: LiveCluster) -> bool:
    """Whether the results of a cluster come back into this folder."""
    return not cluster.folder or home(cluster) == Path(os.path.realpath(workspace.root))


def home(cluster: LiveCluster) -> Path:
    """Return the campaign's folder from which a cluster was submitted."""
    return Path(os.path.realpath(cluster.folder)).parent.parent


def _every_run(matrix: Matrix) -> set[str]:
    whole = expand(matrix.campaign, code=matrix.code, data=matrix.data)
    return {run.run_id for run in whole.runs}


@dataclass(frozen=True, kw_only=True, slots=True)
class Acted:
    """What was done: the jobs (``cluster.proc``) with their runs.

    ``unmade`` is how many of the selected runs are rows that are no jobs yet: HTCondor can only
    act on those together with their whole cluster.
    """

    verb: str
    jobs: Mapping[str, str]
    unmade: int = 0


def act(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    verb: str,
    *,
    states: Collection[str] = (),
    codes: Collection[HoldCode] = (),
) -> Acted:
    """Hold, release or remove the jobs of the runs of ``loaded`` that are in the queue.

    Parameters
    ----------
    loaded : Loaded
        The campaign, or a selection of it.
    place, access, verb : Workspace, Access, str
        Its folder and its access point: jobs that were sent from another folder are left alone;
        ``hold``, ``release`` or ``remove``.
    states : collection of str
        Only jobs in these; none takes all that the verb makes sense for, but not ``orphaned``.
    codes : collection of HoldCode
        Only jobs that are held with one of these HoldReasonCodes, some with their subcodes.

    Raises
    ------
    UsageError
        If the verb can't be used on jobs in such a state.
    PoolError
        If the access point refuses.
    """
    check(verb, states)
    wanted = set(states) or set(STATES[verb]) - {ORPHANED}
    with place.lock():
        acted, targets = select(loaded.matrix, place, access.schedd, verb, wanted, set(codes))
        access.schedd.act(verb, targets, WHY.format(verb, loaded.campaign.name))
    return acted


def check(verb: str, states: Collection[str]) -> None:
    """Refuse states in which a job or run can't be, or for which the verb makes no sense."""
    for state in states:
        if state not in STATES[verb]:
            raise UsageError(
                f"--state {state}: {verb} is for {'runs' if verb == 'retry' else 'jobs'} that are "
                f"{', '.join(STATES[verb])}{did_you_mean(state, STATES[verb])}"
            )


def select(
    matrix: Matrix,
    place: Workspace,
    queue: Queue,
    verb: str,
    wanted: Collection[str],
    codes: Collection[HoldCode],
) -> tuple[Acted, list[str]]:
    """Return what will have been done, and the jobs and clusters to name for it."""
    runs = {run.run_id for run in matrix.runs}
    orphans = look(matrix, place, queue).orphans if ORPHANED in wanted else ()
    jobs: dict[str, str] = {}
    targets: list[str] = []
    unmade = 0
    for cluster in clusters(matrix.campaign.name, place, queue).values():
        if not is_own(place, cluster):
            continue
        listed = rows(place, cluster)
        chosen = {
            proc: run_id or ""
            for proc, run_id, state in standing(cluster, listed)
            if ((run_id in runs and state in wanted) or (cluster.cluster, proc) in orphans)
            and (not codes or _held_for(cluster, proc, codes))
        }
        made = {
            f"{cluster.cluster}.{proc}": chosen[proc] for proc in chosen if proc in cluster.jobs
        }
        if len(made) < len(chosen) == len(listed):
            made |= {f"{cluster.cluster}.{proc}": chosen[proc] for proc in chosen}
            targets.append(str(cluster.cluster))
        else:
            unmade += len(chosen) - len(made)
            targets.extend(made)
        jobs |= made
    return Acted(verb=verb, jobs=jobs, unmade=unmade), targets


def standing(
    cluster: LiveCluster, rows: Mapping[int, str | None]
) -> Iterator[tuple[int, str | None, str]]:
    """Yield what stands in the queue of a cluster: ProcId, run and state."""
    for proc, run_id in rows.items():
        job = cluster.job(proc)
        if job is not None and job.state is not RunState.LOST:
            yield proc, run_id, job.state.value


def _held_for(cluster: LiveCluster, proc: int, codes: Collection[HoldCode]) -> bool:
    job = cluster.job(proc)
    return job is not None and condor.is_held_for(job.hold_code, job.hold_subcode, codes)
