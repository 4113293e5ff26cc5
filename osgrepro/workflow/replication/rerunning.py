"""The verb ``verify --rerun``: a crate's campaign again, on this machine's pool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from osgrepro import analysis
from osgrepro.campaign import select
from osgrepro.common import files
from osgrepro.common.errors import PoolError, UsageError
from osgrepro.common.models import Campaign, Notify, silent
from osgrepro.common.texts import command
from osgrepro.results import crate, dataset
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow import loading
from osgrepro.workflow.campaign import feasibility
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results import collecting, rerun_preview, untrusted_campaigns
from osgrepro.workflow.results.rerun_preview import Outline
from osgrepro.workflow.runs import submitting, workspaces
from osgrepro.workflow.software import images

if TYPE_CHECKING:
    from osgrepro.analysis import CellAgreement


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """What was submitted: of what was asked for, the part that this pool can take, and why not all.

    ``place`` is the new runs' folder.
    """

    asked: Loaded
    loaded: Loaded
    place: Workspace
    no_slot: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rerun:
    """What running a crate's campaign again said.

    ``cells`` are those that were asked for; ``no_slot`` says of hardware environments why this pool
    could not take them; ``strangers`` counts runs that the crate's dataset doesn't know by id:
    their code or data is not what the crate's runs had. ``dataset`` has the new results.
    """

    cells: tuple[CellAgreement, ...]
    no_slot: dict[str, str]
    strangers: int
    dataset: Path


def load(folder: Path, only: tuple[str, ...] = (), limit: int | None = None) -> Loaded:
    """Return the runs of a crate's campaign, or the part of them that is asked for.

    Raises
    ------
    UsageError
        If the crate has no campaign, it can't be understood here, names what lies outside of the
        crate, or uses what no sha256 of the crate vouches for.
    """
    sealed = {file.path for file in crate.sealed(folder)}
    if (why := files.outside(folder, crate.CAMPAIGN)) is not None:
        raise UsageError(f"{folder / crate.CAMPAIGN}: {why}", hint=untrusted_campaigns.HINT)

    def check(campaign: Campaign) -> list[str]:
        faults = list(untrusted_campaigns.problems(campaign, folder))
        return faults or list(untrusted_campaigns.unsealed(campaign, folder, sealed))

    loaded = loading.load(str(folder / crate.CAMPAIGN), check=check)
    return loading.select(loaded, only, limit)


def home(folder: Path) -> Path:
    """Return where the new runs live by default: beside the crate, which stays as it is."""
    whole = files.whole(folder)
    return whole.with_name(f"{whole.name}.rerun")


def start(
    folder: Path,
    loaded: Loaded,
    access: Access,
    chosen: Path | None = None,
    *,
    agreed: Outline,
    notify: Notify = silent,
) -> Started:
    """Submit all runs of ``loaded`` that this pool has slots for and that were not done before.

    Parameters
    ----------
    folder : Path
        The crate.
    loaded : Loaded
        Its campaign, or a part of it.
    access : Access
        Whose pool runs it.
    chosen : Path, optional
        The folder of the new runs; by default :func:`home`.
    agreed : Outline
        What somebody looked at and agreed to: a stranger's code is executed.
    notify : Notify
        Takes the progress of images and jobs.

    Raises
    ------
    UsageError
        If no slot of the pool can take any of it, or it is not what was agreed to.
    PoolError
        If the pool does not answer.
    """
    if rerun_preview.outline(folder, loaded) != agreed:
        raise UsageError(
            f"{folder}: it has changed since you agreed to it; nothing was run",
            hint="look at it again: `osgrepro verify CRATE --rerun`",
        )
    no_slot = feasibility.notes(feasibility.of_pool(loaded.matrix, access))
    here = _feasible(folder, loaded, no_slot)
    images.build(here.campaign, here.path.parent, notify=notify)
    place = workspaces.of(here, chosen or home(folder))
    submitting.submit(here, place, access, notify=notify)
    return Started(asked=loaded, loaded=here, place=place, no_slot=no_slot)


def _feasible(folder: Path, loaded: Loaded, no_slot: dict[str, str]) -> Loaded:
    """Return the part of a campaign whose hardware this pool has."""
    here = replace(loaded, matrix=select(loaded.matrix, lambda run: run.hardware not in no_slot))
    if not here.matrix.runs:
        why = "; ".join(f"{name}: {text}" for name, text in no_slot.items())
        raise UsageError(
            f"{folder}: no slot of this pool can take any of its runs: {why}",
            hint="`osgrepro hardware list` shows what the pool has",
        )
    return here


def finish(folder: Path, started: Started, access: Access, *, notify: Notify = silent) -> Rerun:
    """Collect what the new runs returned, and compare its outcome classes with the crate's.

    Raises
    ------
    PoolError
        If no run returned a result that could be taken.
    """
    harvest = collecting.collect(started.loaded, started.place, access, notify=notify)
    if not harvest.dataset.is_file():
        asked_of = (started.loaded.source, "--workspace", started.place.root)
        status = command("osgrepro", "status", *asked_of)
        raise PoolError(
            f"{folder}: none of its runs returned a valid result",
            hint=f"`{status}` says why",
        )
    first, again = dataset.frame(folder / crate.DATASET), dataset.frame(harvest.dataset)
    asked = {(run.experiment, run.software, run.hardware) for run in started.asked.matrix.runs}
    return Rerun(
        cells=tuple(
            cell
            for cell in analysis.agreement(first, again)
            if (cell.experiment, cell.software, cell.hardware) in asked
        ),
        no_slot=started.no_slot,
        strangers=len(set(again["run_id"]) - set(first["run_id"])),
        dataset=harvest.dataset,
    )
