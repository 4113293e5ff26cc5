"""The verbs that need an access point, put together: submit, status and collect of a campaign."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from osgrepro import dataset, pyz, render
from osgrepro.errors import PoolError
from osgrepro.models import Image, Notify, RunState, silent
from osgrepro.progress import Tally
from osgrepro.workflow import (
    collection,
    data,
    feasibility,
    identity,
    images,
    rehearsing,
    staging,
    standing,
    submission,
    waiting,
)
from osgrepro.workflow import coverage as covering
from osgrepro.workflow.collection import Collected
from osgrepro.workflow.coverage import CellCoverage, Suggestion
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.standing import Standing
from osgrepro.workflow.submission import Delivery, Submitted
from osgrepro.workspace import Workspace

# How long a run whose slot was bad waits for another machine. A mini-pool has none.
LOCAL_PATIENCE_S, AP_PATIENCE_S = 60, 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """What ``submit`` would do now: the clusters that it would make, and how all runs stand."""

    clusters: tuple[render.Submission, ...]
    before: Standing

    @property
    def runs(self) -> int:
        """How many runs would be submitted."""
        return sum(len(cluster.runs) for cluster in self.clusters)


@dataclass(frozen=True, kw_only=True, slots=True)
class Harvest:
    """What was collected, how all runs stand now, and where the dataset is.

    ``in_dataset`` counts the campaign's runs that have a row; jobs of theirs may be queued again.
    """

    collected: Collected
    now: Standing
    in_dataset: int
    dataset: Path
    rejected: Path


def rehearse(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    *,
    again: Collection[RunState] = (),
    unseen: bool = False,
) -> Rehearsal:
    """Check all that can be checked before a submission, and submit nothing.

    ``again`` and ``unseen`` are as for :func:`submit`.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, or something can only fail.
    """
    found = _rehearsed(loaded, access, unseen=unseen)
    identity.compare(place, found)
    before = standing.standing(loaded.matrix, place, access.schedd)
    wanted = submission.due(loaded.matrix, before, again)
    return Rehearsal(clusters=render.submissions(wanted, found), before=before)


def submit(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    *,
    again: Collection[RunState] = (),
    unseen: bool = False,
    notify: Notify = silent,
) -> Submitted:
    """Submit every run of ``loaded`` that has neither a result nor a job.

    ``again`` names further states whose runs are submitted once more, such as FAILED; ``unseen``
    takes images in OSDF and CVMFS on trust that this machine has no way to see.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, or something can only fail; nothing was submitted.
    PoolError
        If the access point refuses; what was submitted before that stays so.
    """
    found = _rehearsed(loaded, access, unseen=unseen)
    access.expose(place.root, *{Path(i.file).parent for i in found.values() if i.file})
    return submission.submit(
        loaded.matrix,
        found,
        Delivery(
            workspace=place,
            queue=access.schedd,
            stage=lambda part, folder: data.stage(
                replace(loaded, matrix=part), folder, notify=notify
            ),
            build_payload=pyz.build_pyz,
            owner=access.owner,
            patience_s=LOCAL_PATIENCE_S if access.pool else AP_PATIENCE_S,
            common_files=access.pool is not None,
        ),
        again=again,
        notify=notify,
    )


def status(loaded: Loaded, place: Workspace, access: Access | None) -> Standing:
    """Return where every run of ``loaded`` stands, from folder and queue, if there is one."""
    return standing.standing(loaded.matrix, place, access.schedd if access else None)


def coverage(
    loaded: Loaded,
    place: Workspace,
    access: Access | None,
    now: Standing,
    starved_after_h: float,
) -> tuple[tuple[CellCoverage, ...], tuple[Suggestion, ...]]:
    """Return what every cell of ``loaded`` has, why it is empty, and what the pool has instead."""
    notes: dict[str, str] = {}
    slots: feasibility.Slots = ()
    if access is not None:
        with suppress(PoolError):  # a pool without machines now says nothing of what can match
            slots = feasibility.slots(loaded.matrix, access)
            notes = feasibility.notes(feasibility.of_slots(loaded.matrix, slots))
    cells = covering.coverage(
        loaded.matrix, place, now, now_s=time.time(), starved_after_h=starved_after_h, notes=notes
    )
    if not slots:
        return cells, ()
    return cells, covering.suggestions(loaded.matrix, cells, notes, slots)


def collect(
    loaded: Loaded, place: Workspace, access: Access | None, *, notify: Notify = silent
) -> Harvest:
    """Take what has returned into the dataset, and return how all runs stand then."""
    known = images.placeholders(images.states(loaded.campaign, loaded.path.parent))
    known = identity.settled(place, known)
    collected = collection.collect(loaded.matrix, known, place, notify=notify)
    rows = dataset.taken(place.dataset_file)
    return Harvest(
        collected=collected,
        now=status(loaded, place, access),
        in_dataset=sum(run.run_id in rows for run in loaded.matrix.runs),
        dataset=place.dataset_file,
        rejected=place.rejected_file,
    )


def wait(
    place: Workspace,
    access: Access,
    *,
    every: Callable[[Tally], None] = lambda _tally: None,
) -> Tally:
    """Return when no job of the campaign is on its way any more."""
    return waiting.wait(place, access.schedd, every=every)


def astray(now: Standing) -> int:
    """Return how many runs were submitted and have no result that was taken."""
    settled = (RunState.DONE, RunState.FAILED, RunState.NEW)
    return len(now.states) - sum(now.counts.get(state, 0) for state in settled)


def _rehearsed(loaded: Loaded, access: Access, *, unseen: bool) -> dict[str, Image]:
    """Return the images of ``loaded``, once all that can be checked was."""
    found = _images(loaded, access, unseen=unseen)
    rehearsing.refuse(loaded, render.submissions(loaded.matrix, found))
    rehearsing.require_data(loaded)
    return found


def _images(loaded: Loaded, access: Access, *, unseen: bool) -> dict[str, Image]:
    """Return the images of ``loaded`` where the pool finds them."""
    used = {run.software for run in loaded.matrix.runs}
    found = images.ready(loaded.campaign, loaded.path.parent, used)
    if access.pool is not None:
        return {name: images.here(image) for name, image in found.items()}
    staging.require(found.values(), unseen=unseen)
    return found
