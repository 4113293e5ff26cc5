"""Which folder is a campaign's own."""

from __future__ import annotations

from pathlib import Path

from osgrepro.common import shipped
from osgrepro.common.files import whole
from osgrepro.runs import workspace
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded


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

    Raises
    ------
    WorkspaceError
        If it belongs to another campaign.
    """
    root = folder(loaded, chosen)
    return of(loaded, chosen, create=False) if root.exists() else Workspace(root)


def of(loaded: Loaded, chosen: Path | None = None, *, create: bool = True) -> Workspace:
    """Open the campaign's folder, or make it.

    Raises
    ------
    WorkspaceError
        If it belongs to another campaign, can't be made, or isn't there and shan't be made.
    """
    return workspace.open_workspace(
        folder(loaded, chosen), loaded.campaign.name, loaded.path.name, create=create
    )
