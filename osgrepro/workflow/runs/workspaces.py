"""Which folder is a campaign's own."""

from __future__ import annotations

from pathlib import Path

from osgrepro.campaign import expand
from osgrepro.common import shipped
from osgrepro.common.files import whole
from osgrepro.results import records
from osgrepro.runs import workspace
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.runs.journal import batches, run_ids


def folder(loaded: Loaded, chosen: Path | None = None) -> Path:
    """Return the campaign's folder: ``chosen``, or ``NAME.runs`` beside the file ``NAME.toml``.

    A campaign that ships inside an installed package has its folder where one stands.
    """
    if chosen is not None:
        return whole(chosen)
    home = loaded.path.parent
    if home == shipped.folder("submit") and "_share" in home.parts:
        home = Path.cwd()
    return home / f"{loaded.path.stem}.runs"


def look(loaded: Loaded, chosen: Path | None = None) -> Workspace:
    """Return the campaign's folder as it is, also where there is none yet; nothing is made.

    One that is empty, or that a killed process was making, is none yet.

    Raises
    ------
    WorkspaceError
        If it belongs to another campaign.
    """
    place = Workspace(folder(loaded, chosen))
    return of(loaded, chosen, create=False) if place.identity_file.exists() else place


def of(loaded: Loaded, chosen: Path | None = None, *, create: bool = True) -> Workspace:
    """Open the campaign's folder, or make it.

    Raises
    ------
    WorkspaceError
        If it belongs to another campaign, can't be made, or isn't there and shan't be made.
    """
    return workspace.open_workspace(
        folder(loaded, chosen),
        loaded.campaign.name,
        loaded.path.name,
        create=create,
        has_runs_of_it=lambda place: _has_runs(place, loaded),
    )


def _has_runs(place: Workspace, loaded: Loaded) -> bool:
    """Whether a folder sent runs of a campaign, or has results of them: their ids name no campaign.

    ``loaded`` may be a selection; all runs of its campaign count.
    """
    whole = expand(loaded.campaign, code=loaded.matrix.code, data=loaded.matrix.data)
    own = {run.run_id for run in whole.runs}
    if any(own.intersection(run_ids(place, batch)) for batch in batches(place)):
        return True
    return any(records.run_of(returned.file) in own for returned in place.returned_files())
