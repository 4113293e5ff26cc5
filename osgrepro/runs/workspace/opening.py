"""Opens a campaign's folder, or makes it: whose it is stands in it, and nobody else's is touched.

Called by the workflow. A process may be killed at any moment, also while it makes the folder: what
it had made by then counts as an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from osgrepro.common.errors import WorkspaceError
from osgrepro.common.files import whole
from osgrepro.common.models import Json
from osgrepro.runs.workspace.files import complaining, make_folder, write
from osgrepro.runs.workspace.folder import Workspace


def nobodys(_workspace: Workspace) -> bool:
    """Say of no folder that it has runs of the campaign."""
    return False


def open_workspace(
    root: Path,
    campaign: str,
    source: str,
    *,
    create: bool = True,
    has_runs_of_it: Callable[[Workspace], bool] = nobodys,
) -> Workspace:
    """Open a campaign's folder, or make it.

    Parameters
    ----------
    root : Path
        The folder.
    campaign, source : str
        The campaign's name, and its file's name: together the folder's owner.
    create : bool
        Whether to make it if it is not there, and to note a new name in it.
    has_runs_of_it : callable
        Takes a folder of another name and says whether it has runs of this campaign: then the
        campaign was renamed.

    Raises
    ------
    WorkspaceError
        If it belongs to another campaign, is something else, or can't be made.
    """
    workspace = Workspace(whole(root))
    identity = {"schema_version": 1, "campaign": campaign, "source": source}
    if workspace.identity_file.exists():
        _take(workspace, identity, has_runs_of_it, create=create)
    elif not create:
        raise WorkspaceError(
            f"{root}: nothing has been submitted yet", hint="`osgrepro submit CAMPAIGN` begins"
        )
    else:
        _make(workspace, root, identity)
    if create:
        with complaining(workspace.inputs):
            make_folder(workspace.inputs)
    return workspace


def _make(workspace: Workspace, root: Path, identity: Json) -> None:
    with complaining(root):
        make_folder(root)
        foreign = sorted(path.name for path in root.iterdir() if not _is_begun(path))
        if foreign:
            raise WorkspaceError(
                f"{root}: this folder contains other files ({foreign[0]}, …)",
                hint="name an empty or new folder with --workspace",
            )
        _write_identity(workspace, identity)


def _is_begun(path: Path) -> bool:
    """Whether ``path`` is of a folder that was being made, or hidden."""
    if path.name == "inputs":
        return path.is_dir() and not any(path.iterdir())
    return path.name == "lock" or path.name.startswith(".")


def _take(
    workspace: Workspace,
    identity: Json,
    has_runs_of_it: Callable[[Workspace], bool],
    *,
    create: bool,
) -> None:
    """Refuse the folder if it is another campaign's, and note where this one has a new name."""
    try:
        recorded = json.loads(workspace.identity_file.read_bytes())
        former = {name: recorded[name] for name in ("campaign", "source")}
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise WorkspaceError(
            f"{workspace.identity_file}: can't be read: {error}",
            hint="restore it from a backup, or remove it if the folder is this campaign's own and "
            "move the folder's content into a new one",
        ) from None
    if former == {name: identity[name] for name in former}:
        return
    if not has_runs_of_it(workspace):
        raise WorkspaceError(
            f"{workspace.root}: belongs to another campaign, {former['campaign']!r} of "
            f"{former['source']!r}",
            hint="name another folder with --workspace; a campaign may be renamed, but none of the "
            "runs in this folder is one of this campaign's",
        )
    if create:
        known = [former, *recorded.get("former", ())]
        _write_identity(workspace, {**identity, "former": known})


def _write_identity(workspace: Workspace, identity: Json) -> None:
    write(workspace.identity_file, json.dumps(identity, indent=1).encode() + b"\n")
