"""All jobs of a campaign that are in the queue, known by the campaign that their ads name.

So ``hold``, ``release`` and ``remove`` with ``--all`` reach jobs of which nobody knows the run any
more, because the folder has lost its journal, its lists of runs, or all it had.
"""

from __future__ import annotations

from contextlib import nullcontext

from osgrepro.common.models import RunState
from osgrepro.pool.condor import LiveCluster
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs.jobs import STATES, Acted, home, is_own, rows


def act_on_all(
    loaded: Loaded, place: Workspace, access: Access, verb: str
) -> tuple[Acted, dict[str, int]]:
    """Hold, release or remove all jobs of a campaign, and the rows that are no jobs yet.

    Parameters
    ----------
    loaded : Loaded
        The campaign.
    place, access : Workspace, Access
        Its folder, which need not be there any more, and its access point.
    verb : str
        ``hold``, ``release`` or ``remove``.

    Returns
    -------
    Acted
        What was done; a job of which nobody knows the run has an empty one.
    dict of str to int
        By another folder: how many jobs were left alone, since their results go there.

    Raises
    ------
    PoolError
        If the access point refuses.
    """
    jobs: dict[str, str] = {}
    targets: list[str] = []
    abroad: dict[str, int] = {}
    with place.lock() if place.root.is_dir() else nullcontext():
        clusters = access.schedd.of_campaign(loaded.campaign.name).values()
        for cluster in sorted(clusters, key=lambda live: live.cluster):
            runs, states = rows(place, cluster), _states(place, cluster)
            if not is_own(place, cluster):
                abroad[str(home(cluster))] = abroad.get(str(home(cluster)), 0) + len(states)
                continue
            acted_on = {
                f"{cluster.cluster}.{proc}": runs[proc] or ""
                for proc, state in states.items()
                if state.value in STATES[verb]
            }
            # Rows that are no jobs yet are reached through their cluster alone.
            targets += acted_on if cluster.next_proc is None else [str(cluster.cluster)]
            jobs |= acted_on
        access.schedd.act(verb, targets, f"osgrepro: {verb} of {loaded.campaign.name}")
    return Acted(verb=verb, jobs=jobs), abroad


def _states(place: Workspace, cluster: LiveCluster) -> dict[int, RunState]:
    """Return the state of each job that stands in the queue, by ProcId; rows to come wait."""
    jobs = {proc: cluster.job(proc) for proc in rows(place, cluster)}
    return {
        proc: job.state
        for proc, job in jobs.items()
        if job is not None and job.state is not RunState.LOST
    }
