"""Examines a campaign, its folder and its surroundings, and mends what loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osgrepro.common import folders, parts, texts
from osgrepro.common.errors import OsgreproError, PoolError
from osgrepro.common.models import Notify, silent
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow import pools
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import adopting, journal, submitting, workspaces
from osgrepro.workflow.runs.doctor import folder_checks, surroundings
from osgrepro.workflow.runs.doctor.checks import Check, ok, tried

Named = Sequence[str | Path]


def reach(choice: str | None = None) -> tuple[Access | None, PoolError | None]:
    """Return the access point, or why there is none."""
    try:
        return pools.access(choice), None
    except PoolError as error:
        return None, error


def examine(
    loaded: Loaded,
    chosen: Path | None,
    named: Named,
    access: Access | None,
    refused: PoolError | None = None,
) -> list[Check]:
    """Return what is in order and what is not; nothing is changed.

    Parameters
    ----------
    loaded : Loaded
        The campaign.
    chosen : Path or None
        Its folder, where that is not the usual one.
    named : sequence of str or Path
        The words that name the campaign and its folder in a command.
    access, refused : Access or None, PoolError or None
        What :func:`reach` returned.
    """

    def todo(verb: str, *options: str) -> str:
        return texts.command("osgrepro", verb, *named, *options)

    place = Workspace(workspaces.folder(loaded, chosen))
    runs = f"{len(loaded.matrix.runs)} runs of {loaded.campaign.name!r}"
    checks = [ok("campaign", runs)]
    if not place.identity_file.exists():
        checks.append(ok("folder", f"{place.root}: nothing was submitted yet"))
    else:
        whose = tried("folder", lambda: _whose(loaded, chosen))
        checks += whose
        if all(check.level.value == "ok" for check in whose):
            checks += _of_folder(loaded, place, access, todo)
    checks += tried("space", lambda: folder_checks.room(place.root))
    checks += tried("cache", lambda: folder_checks.room(folders.cache(), "cache"))
    checks += tried("images", lambda: surroundings.of_images(loaded, place))
    checks += tried("data", lambda: surroundings.of_data(loaded, todo))
    checks += tried("pool", lambda: surroundings.of_pool(loaded, place, access, refused))
    checks += surroundings.of_versions(access)
    return checks


def mend(
    loaded: Loaded, place: Workspace, access: Access | None, *, notify: Notify = silent
) -> list[str]:
    """Mend what loses nothing, and return what was done, a sentence each.

    Files that killed commands did not finish and caches that can't be read are removed; lines of
    the journal that are no entries move into a file beside it; clusters that it lacks enter it
    again; and what jobs in the queue read is written again.

    Raises
    ------
    WorkspaceError
        If another process is at work in the folder, or it can't be written to.
    """
    done = []
    with place.lock():
        left = [*place.abandoned_parts(), *folder_checks.broken_caches(place)]
        if removed := parts.remove(left):
            done.append(f"removed {len(removed)} leftovers, such as {removed[0]}")
        if damaged := journal.damaged(place):
            place.mend_journal(damaged)
            lines = texts.counted(len(damaged), "damaged line")
            done.append(f"moved {lines} into {place.damaged_journal_file}")
        adopted = adopting.adopt(loaded.campaign.name, place, access.schedd if access else None)
        done += [f"took cluster {batch.cluster} into the journal again" for batch in adopted]
    if access is not None:
        try:
            rebuilt = submitting.restore(loaded, place, access, notify=notify)
        except OsgreproError as error:
            done.append(f"what jobs in the queue read was not written again: {error.message}")
        else:
            done += [f"wrote again what the jobs of cluster {cluster} read" for cluster in rebuilt]
    return done


def _whose(loaded: Loaded, chosen: Path | None) -> list[Check]:
    return folder_checks.whose(loaded, workspaces.of(loaded, chosen, create=False))


def _of_folder(
    loaded: Loaded, place: Workspace, access: Access | None, todo: folder_checks.Todo
) -> list[Check]:
    return [
        *tried("lock", lambda: folder_checks.of_lock(place)),
        *tried("journal", lambda: folder_checks.of_journal(place, todo)),
        *tried("leftovers", lambda: folder_checks.leftovers(place, todo)),
        *tried("queue", lambda: folder_checks.submissions(loaded, place, access, todo)),
        *tried("dataset", lambda: folder_checks.tables(place, todo)),
        *tried("rights", lambda: folder_checks.rights(place)),
        *tried("quota", lambda: folder_checks.of_quota_and_clock(place)),
    ]
