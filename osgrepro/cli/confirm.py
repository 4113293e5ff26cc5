"""The command that puts remote results to the test on emulated hardware: confirm."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.findings import Confirmation
from osgrepro.workflow import confirming

_ANSWERS: tuple[Literal["confirmed", "refuted", "not emulable"], ...] = (
    "confirmed",
    "refuted",
    "not emulable",
)


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(confirm)


def confirm(
    remote: Annotated[
        Path,
        typer.Argument(metavar="REMOTE.parquet", help="The dataset of the remote runs."),
    ],
    with_: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="EMULATED.parquet",
            help="A dataset of emulated runs, where they are not in the first. May be repeated.",
            show_default=False,
        ),
    ] = None,
    twin: Annotated[
        str | None,
        typer.Option(
            "--twin",
            metavar="TWIN",
            help="A twin's file, or a shipped twin by name, such as osg-2022: says why hardware "
            "without an emulated run can't be emulated here.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say of each remote hardware environment whether emulation confirms its results, or not.

    Exits with 1 if any is refuted.
    """
    found = confirming.confirm(remote, with_ or (), twin)
    counts = Counter(one.answer for one in found)
    if as_json:
        told = {answer.replace(" ", "_"): counts[answer] for answer in _ANSWERS}
        console.json({"confirmations": [asdict(one) for one in found], **told})
    else:
        _show(found)
        console.say(", ".join(f"{counts[answer]} {answer}" for answer in _ANSWERS))
    if counts["refuted"]:
        raise typer.Exit(1)


def _show(found: tuple[Confirmation, ...]) -> None:
    shown = console.table("experiment", "software", "hardware", "class", "answer", "why")
    for one in found:
        words = (one.experiment, one.software, ", ".join(one.remote), one.remote_class)
        shown.add_row(*map(console.clean, (*words, one.answer, one.text)))
    console.show(shown)
