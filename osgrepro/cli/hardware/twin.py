"""``osgrepro twin``: can this machine stand in for machines elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.cli.helping import Commands
from osgrepro.hardware.twin import Verdict
from osgrepro.workflow.hardware import twins

app = typer.Typer(
    help="Machines elsewhere, for which this one can stand in.", no_args_is_help=True, cls=Commands
)


def register(parent: typer.Typer) -> None:
    """Add these commands to ``parent``."""
    parent.add_typer(app, name="twin")


@app.command()
def check(
    source: Annotated[
        str, typer.Argument(metavar="TWIN", help="A twin's file, or a shipped twin by name.")
    ] = "osg-2022",
    as_json: Json = False,
) -> None:
    """Say for which machines of a twin this one can stand in, and why not for the others."""
    verdicts = twins.check(twins.load(source))
    if as_json:
        console.json([_plain(verdict) for verdict in verdicts])
        return
    shown = console.table("machine", "stands in", "emulated", "not emulated")
    for verdict in verdicts:
        shown.add_row(
            verdict.machine.name,
            "yes" if verdict.stands_in else "no",
            ", ".join(verdict.emulated),
            "; ".join((*verdict.obstacles, *verdict.differences)),
        )
    console.show(shown)
    count = sum(verdict.stands_in for verdict in verdicts)
    console.say(f"this machine can stand in for {count} of {len(verdicts)}")


@app.command(name="from")
def from_result(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="A returned result.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What the machine is called.")
    ] = None,
) -> None:
    """Print a twin's description of the machine that a result was made on."""
    text, missing = twins.from_result(result, name)
    console.document(text.rstrip("\n"))
    if missing:
        console.warn(f"{result} does not tell {', '.join(missing)}: add them by hand")


def _plain(verdict: Verdict) -> dict[str, object]:
    return {
        "machine": verdict.machine.name,
        "stands_in": verdict.stands_in,
        "emulated": verdict.emulated,
        "obstacles": verdict.obstacles,
        "differences": verdict.differences,
    }
