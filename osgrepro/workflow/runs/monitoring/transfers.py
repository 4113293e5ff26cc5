"""The verb ``status --transfers``: the bytes that were moved for a campaign, by cluster."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from osgrepro.pool import condor
from osgrepro.pool.condor import ClusterTransfers, JobRecords, Plugin, Sent
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.runs.journal import run_ids, submitted


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What was moved for one cluster; ``name`` is its batch's: the software environment."""

    name: str
    transfers: ClusterTransfers


def transfers(
    workspace: Workspace, records: JobRecords, runs: Collection[str] | None = None
) -> tuple[Moved, ...]:
    """Return what was moved for every cluster of a campaign, in the order of their submission.

    Parameters
    ----------
    workspace, records : Workspace, JobRecords
        The campaign's folder; what its access point recorded.
    runs : collection of str, optional
        Only clusters that have one of these runs; each is told of as a whole.

    Raises
    ------
    PoolError
        If the access point does not say.
    """
    names = {}
    sent = []
    for key, batch in submitted(workspace).items():
        if batch.cluster is None or (runs is not None and not _has(workspace, key, runs)):
            continue
        names[batch.cluster] = batch.name
        sent.append(Sent(cluster=batch.cluster, batch=key, jobs=batch.count))
    return tuple(
        Moved(name=names[moved.cluster], transfers=moved)
        for moved in condor.transfers(records, sent)
    )


def by_plugin(moved: Iterable[Moved]) -> dict[str, Plugin]:
    """Return the bytes of all clusters together, by the way that they went."""
    ways: dict[str, list[Plugin]] = {}
    recorded = True
    for transfer in moved:
        recorded &= transfer.transfers.stagings is not None
        for way, plugin in transfer.transfers.plugins.items():
            ways.setdefault(way, []).append(plugin)
    return {
        way: Plugin(
            staged_bytes=sum(plugin.staged_bytes or 0 for plugin in plugins) if recorded else None,
            received_bytes=sum(plugin.received_bytes for plugin in plugins),
            sent_bytes=sum(plugin.sent_bytes for plugin in plugins),
        )
        for way, plugins in sorted(ways.items())
    }


def _has(workspace: Workspace, batch: str, runs: Collection[str]) -> bool:
    return any(run_id in runs for run_id in run_ids(workspace, batch))
