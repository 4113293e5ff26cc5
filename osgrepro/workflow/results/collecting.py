"""The verb ``collect``: a campaign's returned results are taken, and how all runs stand then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from osgrepro.common import parts
from osgrepro.common.models import Notify, silent
from osgrepro.pool import condor
from osgrepro.results import dataset
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results import collection, places
from osgrepro.workflow.results.collection import Collected
from osgrepro.workflow.runs import adopting
from osgrepro.workflow.runs.monitoring import status
from osgrepro.workflow.runs.monitoring.status import Status
from osgrepro.workflow.software import images, pinned_images


@dataclass(frozen=True, kw_only=True, slots=True)
class Harvest:
    """What was collected, how all runs stand now, and where the dataset is.

    ``in_dataset`` counts the campaign's runs that have a row; jobs of theirs may be queued again.
    """

    collected: Collected
    now: Status
    in_dataset: int
    dataset: Path
    rejected: Path


def take_up(loaded: Loaded, place: Workspace, access: Access | None) -> None:
    """Put the folder's clusters that its journal lacks into it again: their logs are wanted.

    Files that a killed command did not finish are removed.
    """
    with place.lock():
        parts.remove(place.abandoned_parts())
        adopting.adopt(loaded.campaign.name, place, access.schedd if access else None)


def collect(
    loaded: Loaded, place: Workspace, access: Access | None, *, notify: Notify = silent
) -> Harvest:
    """Take what has returned into the dataset, and return how all runs stand then."""
    take_up(loaded, place, access)
    known = images.placeholders(images.states(loaded.campaign, loaded.path.parent))
    known = pinned_images.settled(place, known)
    job_ads = partial(condor.starts, access.schedd) if access else places.nobody
    collected = collection.collect(loaded.matrix, known, place, job_ads=job_ads, notify=notify)
    rows = dataset.taken(place.dataset_file)
    return Harvest(
        collected=collected,
        now=status.of_campaign(loaded, place, access),
        in_dataset=sum(run.run_id in rows for run in loaded.matrix.runs),
        dataset=place.dataset_file,
        rejected=place.rejected_file,
    )
