"""``osgrepro watch``: the screen of ``status``, live, until nothing moves any more."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

import typer

from osgrepro.cli import console, tables
from osgrepro.cli.arguments import CampaignFile, Only, PoolChoice, Workspace
from osgrepro.cli.console import Table
from osgrepro.cli.runs import overview
from osgrepro.cli.runs.acting import named
from osgrepro.common.errors import PoolError
from osgrepro.common.texts import command
from osgrepro.workflow import pools
from osgrepro.workflow.loading import load, select
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.monitoring import status, watching
from osgrepro.workflow.runs.monitoring.event_logs import Logs
from osgrepro.workflow.runs.monitoring.status import Status


class Until(str, Enum):
    """When to stop watching."""

    DONE = "done"
    HELD = "held"


def watch(
    source: CampaignFile,
    pool: PoolChoice = None,
    only: Only = None,
    until: Annotated[
        Until,
        typer.Option("--until", help="Stop when no job is on its way, or when one is held."),
    ] = Until.DONE,
    workspace: Workspace = None,
) -> None:
    """Show where every run stands, live; exit with 1 if a run ends up without a result."""
    loaded = select(load(source), tuple(only or ()))
    place = workspaces.of(loaded, workspace, create=False)
    pools.access(pool.value if pool else None)  # told of at once if there is none

    def look() -> Status:
        try:
            access = pools.access(pool.value if pool else None)
            return status.of_campaign(loaded, place, access)
        except PoolError:  # it restarts, perhaps: go on by the event logs
            return status.of_campaign(loaded, place, None)

    with console.live() as draw:
        for now, logs in watching.looks(place, look, until=until.value):
            draw(list(screen(now, logs, command(*named(source, workspace)))))
    if now.astray:
        raise typer.Exit(1)


def screen(now: Status, logs: Logs, campaign: str) -> Iterator[Table | str]:
    """Yield what stands on the screen, from top to bottom.

    ``campaign`` are the words that name it in a command.
    """
    yield tables.cells(now.cells)
    yield from overview.parts(now, logs)
    if not now.asked:
        yield "the access point does not answer: this is what the event logs say"
    for jobs, state in ((now.held, "held"), (now.vacated, "waits again")):
        if jobs:
            yield ""
            yield tables.held(jobs, campaign, state)
    yield ""
