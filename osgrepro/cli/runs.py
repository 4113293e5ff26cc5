"""The commands around the runs themselves: run, submit, status, collect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import CampaignFile, Workspace
from osgrepro.models import Json as JsonObject
from osgrepro.workflow import local, workspaces
from osgrepro.workflow.loading import load


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``, in the order in which one uses them."""
    for command in (run,):
        app.command()(command)


def run(
    source: CampaignFile,
    cell: Annotated[
        str,
        typer.Option("--cell", metavar="EXPERIMENT/HARDWARE/SOFTWARE", help="Which cell to run."),
    ],
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Which repeat.")] = 1,
    native: Annotated[
        bool,
        typer.Option("--native", help="Use this Python's own TensorFlow instead of the image."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where the result goes; by default the folder `local` of the workspace.",
            show_default=False,
        ),
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Execute one run on this machine, without a pool: what one does before submitting."""
    loaded = load(source)
    target = out or workspaces.folder(loaded, workspace) / "local"
    with console.progress() as notify:
        done = local.run(loaded, cell, out=target, repeat=repeat, native=native, notify=notify)
    _show_result(done.result)
    console.say(f"result: {done.file}")
    if done.exit_code:
        raise typer.Exit(1)


def _show_result(result: JsonObject) -> None:
    definition: dict[str, Any] = result["definition"]
    software = result["provenance"].get("tensorflow") or {}
    console.say(f"{definition['experiment']} {result['run_id']}: {result['status']}")
    if software.get("version"):
        console.say(f"TensorFlow {software['version']}")
    for name, metric in sorted(result["metrics"].items()):
        console.say(f"{name} = {metric['value']}  ({metric['hex']})")
    if result["exception"]:
        console.warn(f"{result['exception']['type']}: {result['exception']['message']}")
    if result["provenance"].get("sample_data"):
        console.note("trained on sample data: the numbers mean nothing but that it works")
