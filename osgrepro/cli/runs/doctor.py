"""``osgrepro doctor``: what of a campaign is in order, what is not, and what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import CampaignFile, Json, PoolChoice, Workspace
from osgrepro.cli.runs.acting import named
from osgrepro.runs.workspace import Workspace as Folder
from osgrepro.workflow.loading import load
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.doctor import examining
from osgrepro.workflow.runs.doctor.checks import Check, Level

_STYLES = {Level.OK: "", Level.WARNING: "yellow", Level.FAULT: "bold red"}


def doctor(
    source: CampaignFile,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="Mend what loses nothing: leftovers of killed commands, caches, the journal, and "
            "what jobs in the queue read.",
        ),
    ] = False,
    pool: PoolChoice = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Check folder, dataset, images, data, pool and disk; exit with 1 if there is a fault."""
    loaded = load(source)
    access, refused = examining.reach(pool.value if pool else None)
    place = Folder(workspaces.folder(loaded, workspace))
    done: list[str] = []
    if fix and place.identity_file.exists():
        with console.progress() as notify:
            own = workspaces.of(loaded, workspace)
            done = examining.mend(loaded, own, access, notify=notify)
    checks = examining.examine(loaded, workspace, named(source, workspace), access, refused)
    if as_json:
        console.json(
            {"checks": [{**asdict(c), "level": c.level.value} for c in checks], "fixed": done}
        )
    else:
        for sentence in done:
            console.say(f"fixed: {sentence}")
        for check in checks:
            _say(check)
    if any(check.level is Level.FAULT for check in checks):
        raise typer.Exit(1)


def _say(check: Check) -> None:
    todo = f" → {check.todo}" if check.todo else ""
    console.styled(
        f"{check.level.value:<8}{check.subject}: {check.text}{todo}", _STYLES[check.level]
    )
