"""``osgrepro render``: a campaign's texts, to read; or a DAG of its missing runs, to submit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from osgrepro.cli import console, tables
from osgrepro.cli.arguments import (
    CampaignFile,
    Limit,
    Only,
    PoolChoice,
    PoolName,
    Unseen,
    Workspace,
)
from osgrepro.cli.runs.slots import look_for_slots
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command, counted
from osgrepro.workflow import pools
from osgrepro.workflow.campaign import planning
from osgrepro.workflow.loading import Loaded, load, select
from osgrepro.workflow.runs import dag, retries, workspaces


def render(
    source: CampaignFile,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where to write; must be empty or new.",
            show_default=False,
        ),
    ] = None,
    as_dag: Annotated[
        bool,
        typer.Option(
            "--dag",
            help="Write the missing runs into the campaign's folder, as a DAG for DAGMan.",
        ),
    ] = False,
    only: Only = None,
    limit: Limit = None,
    pool: PoolChoice = None,
    unseen: Unseen = False,
    workspace: Workspace = None,
) -> None:
    """Write the submit descriptions, items files and image definitions, without any pool.

    With --dag it writes what an access point takes: a DAG that checks, runs, collects and reports.
    """
    loaded = select(load(source), tuple(only or ()), limit)
    if as_dag:
        if out is not None:
            raise UsageError(
                "a DAG lies in the campaign's folder, and --out is for descriptions alone",
                hint="leave out --out, or name the folder with --workspace",
            )
        _render_dag(loaded, pool, workspace, unseen=unseen)
        return
    if out is None:
        raise UsageError("where to write is not said", hint="add --out DIR, or --dag")
    for path in planning.write(planning.plan(loaded), out):
        console.say(str(path))


def _render_dag(
    loaded: Loaded, pool: PoolName | None, workspace: Path | None, *, unseen: bool
) -> None:
    access = pools.access(pool.value if pool else None)
    place = workspaces.look(loaded, workspace)
    unmatched, waiting_runs = look_for_slots(
        loaded.matrix, access, strict=False, requests=retries.unfulfilled(place)
    )
    with console.progress() as notify:
        made = dag.write(
            loaded,
            place,
            access,
            unseen=unseen,
            unmatched=[*unmatched, *waiting_runs],
            notify=notify,
        )
    console.say(f"{counted(made.runs, 'run')} of {tables.totals(made.before)}")
    if made.file is None:
        console.say("nothing was written")
        return
    console.say(f"wrote {made.file}")
    words = ("condor_submit_dag", made.file)
    if made.whole:
        console.note(f"next: {command(*words)}; it checks, runs, collects and reports")
        return
    console.note(
        "on the mini-pool the DAG only runs: its user can't write into this folder, so collect and "
        "report are yours"
    )
    console.note(f"next: {command('osgrepro', 'pool', 'shell', *words)}")
