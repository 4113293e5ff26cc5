"""``osgrepro watch``: the screen of ``status``, live, until nothing moves any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from enum import Enum
from typing import Annotated

import typer

from osgrepro.cli import console, tables
from osgrepro.cli.arguments import CampaignFile, Json, Only, PoolChoice, Workspace
from osgrepro.cli.console import Table
from osgrepro.cli.runs import overview
from osgrepro.cli.runs.acting import named
from osgrepro.cli.runs.status import status_json
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Json as JsonObject
from osgrepro.common.texts import command
from osgrepro.workflow import pools
from osgrepro.workflow.loading import load, select
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.monitoring import status, watching
from osgrepro.workflow.runs.monitoring.event_logs import Logs
from osgrepro.workflow.runs.monitoring.status import Status

# What was waited for has happened, can't happen any more, or the time is over, as timeout(1) says.
EXIT_CODES = {True: 0, False: 1, None: 124}


class Until(str, Enum):
    """When to stop watching."""

    DONE = "done"
    FAILED = "failed"
    HELD = "held"


def watch(
    source: CampaignFile,
    pool: PoolChoice = None,
    only: Only = None,
    until: Annotated[
        Until,
        typer.Option(
            "--until",
            help="Wait until every submitted run has returned a result, or until the first run "
            "failed, or the first job is held; exit with 1 if no job is on its way before that.",
        ),
    ] = Until.DONE,
    timeout_s: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=0,
            help="Stop after so long in any case, and exit with 124 if jobs are on their way.",
            show_default=False,
        ),
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Show where every run stands, live, until every run has a result, or another event."""
    loaded = select(load(source), tuple(only or ()))
    place = workspaces.of(loaded, workspace, create=False)
    pools.access(pool.value if pool else None)  # told of at once if there is none

    def look() -> Status:
        try:
            access = pools.access(pool.value if pool else None)
            return status.of_campaign(loaded, place, access)
        except PoolError:  # it restarts, perhaps: go on by the event logs
            return status.of_campaign(loaded, place, None)

    words = command(*named(source, workspace))
    looks = watching.looks(place, look, until=until.value, timeout_s=timeout_s)
    with _shown(words, as_json=as_json) as draw:
        for now, logs in looks:
            happened = watching.outcome(place, now, logs, until.value)
            draw(now, logs, happened)
    raise typer.Exit(EXIT_CODES[happened])


@contextmanager
def _shown(
    campaign: str, *, as_json: bool
) -> Iterator[Callable[[Status, Logs, bool | None], None]]:
    """Yield what draws a look: a screen, or a line of JSON."""
    if as_json:
        yield lambda now, logs, happened: console.json(
            line(now, logs, campaign, happened), line=True
        )
        return
    with console.live() as draw:
        yield lambda now, logs, _happened: draw(list(screen(now, logs, campaign)))


def line(now: Status, logs: Logs, campaign: str, happened: bool | None) -> JsonObject:
    """Return a look for programs: that of ``status``, but for the list of all runs."""
    shown = status_json(now, logs, campaign)
    del shown["runs"]
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return {"at": at, "happened": happened, **shown}


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
