"""The verb ``submit`` and its dry run: all checks, and then the missing runs of a campaign."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from osgrepro.common.models import Image, Notify, RunState, silent
from osgrepro.runs import pyz, render
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.campaign import rehearsing
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import data, delivery, retries, sending, workspaces
from osgrepro.workflow.runs.delivery import Submitted
from osgrepro.workflow.runs.monitoring import braked, status
from osgrepro.workflow.runs.monitoring.moments import Moment
from osgrepro.workflow.runs.monitoring.status import Status
from osgrepro.workflow.runs.sending import Delivery
from osgrepro.workflow.software import images, pinned_images, staging

# How long a run whose slot was bad waits for another machine. A mini-pool has few, or none.
LOCAL_PATIENCE_S, AP_PATIENCE_S = 300, 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """What ``submit`` would do now: the clusters that it would make, and how all runs stand.

    ``avoided`` are the machines that would get none of the runs.
    """

    clusters: tuple[render.Submission, ...]
    before: Status
    avoided: tuple[str, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs would be submitted."""
        return sum(len(cluster.runs) for cluster in self.clusters)


def rehearse(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    *,
    again: Collection[RunState] = (),
    unseen: bool = False,
    unmatched: Collection[str] = (),
    anywhere: bool = False,
) -> Rehearsal:
    """Check all that can be checked before a submission, and submit nothing.

    All options are as for :func:`submit`.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, or something can only fail.
    """
    ready_images = rehearsed(loaded, place, access, unseen=unseen)
    pinned_images.compare(place, ready_images)
    queue = Moment(access.schedd)
    delivery.refuse_dags(loaded.campaign.name, queue)
    before = status.of_runs(loaded.matrix, place, queue)
    wanted = delivery.due(loaded.matrix, before, again)
    noted = retries.read(place).requests
    clusters = render.submissions(wanted, ready_images, unmatched=unmatched, requests=noted)
    avoided = () if anywhere else braked.avoided(place, before)
    return Rehearsal(clusters=clusters, before=before, avoided=avoided)


def submit(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    *,
    again: Collection[RunState] = (),
    unseen: bool = False,
    unmatched: Collection[str] = (),
    anywhere: bool = False,
    notify: Notify = silent,
) -> Submitted:
    """Submit every run of ``loaded`` that has neither a result nor a job.

    ``again`` names further states whose runs are submitted once more, such as FAILED; ``unseen``
    takes images in OSDF and CVMFS on trust that this machine has no way to see; ``unmatched`` names
    the hardware environments, and single runs, that no slot matches now and that come last.
    ``anywhere`` also sends runs to machines that a brake of the campaign avoids. The folder
    ``place`` is made if it isn't there, once nothing was refused.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, or something can only fail; nothing was submitted.
    PoolError
        If the access point refuses; what was submitted before that stays so.
    """
    ready_images = rehearsed(loaded, place, access, unseen=unseen)
    place = workspaces.of(loaded, place.root)
    access.expose(place.root, *{Path(i.file).parent for i in ready_images.values() if i.file})
    return delivery.submit(
        loaded.matrix,
        ready_images,
        delivery_of(loaded, place, access, notify),
        again=again,
        unmatched=unmatched,
        anywhere=anywhere,
        notify=notify,
    )


def restore(
    loaded: Loaded, place: Workspace, access: Access, *, notify: Notify = silent
) -> list[int]:
    """Write again what jobs in the queue read and the folder has lost; return their clusters.

    Raises
    ------
    OsgreproError
        If their inputs can't be had, or another process is at work in the folder.
    """
    states = images.states(loaded.campaign, loaded.path.parent)
    known = pinned_images.settled(place, images.placeholders(states))
    with place.lock():
        made = delivery.restore(loaded.matrix, known, delivery_of(loaded, place, access, notify))
    return sorted(made)


def delivery_of(loaded: Loaded, place: Workspace, access: Access, notify: Notify) -> Delivery:
    """Return what a submission of ``loaded`` needs on this access point."""
    return Delivery(
        workspace=place,
        queue=access.schedd,
        stage=lambda part, folder: data.stage(replace(loaded, matrix=part), folder, notify=notify),
        build_payload=pyz.build_pyz,
        owner=access.owner,
        patience_s=LOCAL_PATIENCE_S if access.pool else AP_PATIENCE_S,
        common_files=access.pool is not None,
        brake=access.environment,
    )


def doubts(loaded: Loaded, access: Access, *, unseen: bool = False) -> Iterator[str]:
    """Yield what nobody can vouch for in the images of ``loaded``, and what was said in vain."""
    used = {run.software for run in loaded.matrix.runs}
    states = images.states(loaded.campaign, loaded.path.parent)
    yield from images.doubts(s for s in states.values() if s.software in used and s.image)
    if unseen and access.pool is not None:
        yield "--unseen has no effect on the mini-pool, which fetches no images from OSDF or CVMFS"


def rehearsed(
    loaded: Loaded, place: Workspace, access: Access, *, unseen: bool
) -> dict[str, Image]:
    """Return the images of ``loaded``, once all that can be checked before a submission was.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, or something can only fail.
    """
    ready_images = _images(loaded, access, unseen=unseen)
    submissions = render.submissions(loaded.matrix, ready_images)
    rehearsing.refuse(loaded, submissions, sending.rehearsed_paths(place))
    rehearsing.require_data(loaded)
    return ready_images


def _images(loaded: Loaded, access: Access, *, unseen: bool) -> dict[str, Image]:
    """Return the images of ``loaded`` where the pool finds them."""
    used = {run.software for run in loaded.matrix.runs}
    ready_images = images.ready(loaded.campaign, loaded.path.parent, used)
    if access.pool is not None:
        return {name: images.here(image) for name, image in ready_images.items()}
    staging.require(ready_images.values(), unseen=unseen)
    return ready_images
