"""The verb ``submit``: every run that has neither a result nor a job in the queue, and no other.

Killed at any moment and begun again, it loses no run and submits none twice: what it is about to do
is in the journal before it is done, and what is in doubt is asked of the access point.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from osgrepro.campaign import select
from osgrepro.common import parts
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Image, Matrix, Notify, RunState, silent
from osgrepro.workflow.runs import adopting, rebuilding, retries
from osgrepro.workflow.runs.journal import ITEMS_NAME, Batch, Queue, recover
from osgrepro.workflow.runs.monitoring import braked
from osgrepro.workflow.runs.monitoring.moments import Moment
from osgrepro.workflow.runs.monitoring.status import Status, of_runs
from osgrepro.workflow.runs.sending import Delivery, send, stage_payload

# These runs have neither a result that counts nor a job.
MISSING = frozenset({RunState.NEW, RunState.LOST, RunState.REJECTED, RunState.ELSEWHERE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """What was submitted now, what a killed predecessor had submitted, and what was ``adopted``.

    That are clusters which were in the queue or had ended, and of which the journal knew nothing.
    ``avoided`` are the machines that get none of the runs.
    """

    batches: tuple[Batch, ...]
    recovered: tuple[Batch, ...]
    before: Status
    adopted: tuple[Batch, ...] = ()
    avoided: tuple[str, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs were submitted now."""
        return sum(batch.count for batch in self.batches)


def submit(
    matrix: Matrix,
    images: dict[str, Image],
    delivery: Delivery,
    *,
    again: Collection[RunState] = (),
    unmatched: Collection[str] = (),
    anywhere: bool = False,
    notify: Notify = silent,
) -> Submitted:
    """Submit the runs of ``matrix`` that are missing.

    Parameters
    ----------
    matrix : Matrix
        The runs; may be a selection.
    images, delivery : dict, Delivery
        By software name; where and how.
    again : collection of RunState
        Further states whose runs are submitted once more.
    unmatched, anywhere, notify : collection of str, bool, Notify
        As for :func:`osgrepro.workflow.runs.submitting.submit`.

    Raises
    ------
    OsgreproError
        If something is missing, or the access point refuses; what was submitted stays so.
    """
    workspace = delivery.workspace
    with workspace.lock():
        queue = Moment(delivery.queue)
        refuse_dags(matrix.campaign.name, queue)
        recovered = recover(workspace, queue, delivery.open_log)
        adopted = adopting.adopt(matrix.campaign.name, workspace, queue, delivery.open_log)
        restore(matrix, images, replace(delivery, queue=queue))
        before = of_runs(matrix, workspace, queue)
        wanted = due(matrix, before, again)
        avoided = () if anywhere else braked.avoided(workspace, before, delivery.open_log)
        done = send(
            wanted,
            images,
            delivery,
            requests=retries.read(workspace).requests,
            unmatched=unmatched,
            notify=notify,
            avoided=avoided,
        )
    return Submitted(
        batches=done, recovered=recovered, before=before, adopted=adopted, avoided=avoided
    )


def due(matrix: Matrix, before: Status, again: Collection[RunState] = ()) -> Matrix:
    """Return ``matrix`` with only the runs to submit: the missing ones, and those in ``again``.

    While the dataset can't be read, these are only runs that were never submitted: a run whose
    result is there alone would look as if it were lost.

    Raises
    ------
    PoolError
        While the queue will make jobs of which nobody knows any more which runs they are.
    """
    refuse_unknown(before)
    states = MISSING.union(again) if before.settled else {RunState.NEW}
    return select(matrix, lambda run: before.states[run.run_id] in states)


def refuse_unknown(before: Status) -> None:
    """Refuse to send anything while the queue will make jobs of runs that nobody knows."""
    clusters = " ".join(map(str, before.queued.unknown))
    if clusters:
        raise PoolError(
            f"cluster {clusters}: more of its jobs will be made, and the folder no longer has the "
            "list of their runs",
            hint=f"restore submit/*/{ITEMS_NAME} from a backup, or `osgrepro remove CAMPAIGN "
            "--all` and submit again: no result is lost",
        )


def refuse_dags(campaign: str, queue: Queue) -> None:
    """Refuse to send what DAGMan is about to submit itself.

    Raises
    ------
    PoolError
        While a DAG of the campaign is in the queue.
    """
    if dags := queue.dags(campaign):
        raise PoolError(
            f"cluster {dags[0]} is a DAG of this campaign: DAGMan submits its runs itself",
            hint=f"wait until it has ended, or take it out of the queue with `condor_rm {dags[0]}`",
        )


def restore(matrix: Matrix, images: Mapping[str, Image], delivery: Delivery) -> set[int]:
    """Write again what jobs in the queue need and the folder has lost, and tidy it up.

    Called with the folder's lock; returns the clusters of which something was written.
    """
    workspace = delivery.workspace
    parts.remove(workspace.abandoned_parts())
    restored = set(rebuilding.items(matrix, images, workspace, delivery.queue))
    for cluster, part in rebuilding.specs(matrix, images, workspace, delivery.queue):
        delivery.stage(part, workspace.inputs)
        stage_payload(delivery)
        workspace.prepare(delivery.owner)
        restored.add(cluster)
    return restored
