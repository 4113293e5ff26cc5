"""All jobs of a campaign that are in the queue, known by the campaign that their ads name.

So ``hold``, ``release`` and ``remove`` with ``--all`` reach jobs of which nobody knows the run any
more, because the folder has lost its journal, its lists of runs, or all it had.
"""

from __future__ import annotations

from contextlib import nullcontext

from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import jobs
from osgrepro.workflow.runs.jobs import Acted


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
    acted_on: dict[str, str] = {}
    targets: list[str] = []
    abroad: dict[str, int] = {}
    campaign = loaded.campaign.name
    with place.lock() if place.root.is_dir() else nullcontext():
        in_queue = jobs.clusters(campaign, place, access.schedd).values()
        for cluster in sorted(in_queue, key=lambda live: live.cluster):
            standing = list(jobs.standing(cluster, jobs.rows(place, cluster)))
            if not jobs.is_own(place, cluster):
                home = str(jobs.home(cluster))
                abroad[home] = abroad.get(home, 0) + len(standing)
                continue
            chosen = {
                f"{cluster.cluster}.{proc}": run_id or ""
                for proc, run_id, state in standing
                if state in jobs.STATES[verb]
            }
            # Rows that are no jobs yet are reached through their cluster alone.
            targets += chosen if cluster.next_proc is None else [str(cluster.cluster)]
            acted_on |= chosen
        access.schedd.act(verb, targets, jobs.WHY.format(verb, campaign))
    return Acted(verb=verb, jobs=acted_on), abroad
