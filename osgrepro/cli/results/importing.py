"""``osgrepro import``: an archive of results becomes a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.common.models import Json as JsonObject
from osgrepro.common.texts import command
from osgrepro.workflow.results.importing import Imported, import_archive, test_set


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_)


def import_(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A folder of SOFTWARE/[cpu/ or gpu/]CLUSTER/EXPERIMENT.csv.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="DATASET",
            help="The dataset to make; by default the folder's name with .parquet, here.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    test_sets: Annotated[
        list[str] | None,
        typer.Option(
            "--test-set",
            metavar="EXPERIMENT=ITEMS[:SHARE]",
            help="The size of an experiment's test set, and the share of its most frequent class: "
            "an archive doesn't tell, and spreads are held against both. May be repeated.",
            show_default=False,
        ),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial", help="Pass over files that are no part of an archive, and name them."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read an archive of results, laid out like the study of 2022, into a dataset.

    Every file below the folder must be part of it, or is named; then nothing is written, and the
    exit code is 1, unless --partial says to take the rest.
    """
    told = [test_set(text) for text in test_sets or ()]
    found = import_archive(path, out, force=force, partial=partial, test_sets=told)
    if as_json:
        console.json(_as_json(found))
        return
    repeats = " or ".join(map(str, found.repeats))
    console.say(f"{found.rows} rows in {found.cells} cells, with {repeats} repeats each")
    for label, names in _names(found).items():
        console.say(f"{label:<12}{len(names):>4}  {', '.join(names)}")
    for file, what in found.gaps:
        console.say(f"filled      {file}: {what}")
    for file, why in found.passed_over:
        console.warn(f"passed over {file}: {why}")
    if found.failed:
        console.warn(f"{found.failed} rows with a number that can't be read: they are failed")
    console.note(f"wrote {found.path}")
    console.note(f"next: {command('osgrepro', 'analyze', found.path)}")


def _names(found: Imported) -> dict[str, tuple[str, ...]]:
    return {
        "software": found.software,
        "hardware": found.hardware,
        "experiments": found.experiments,
    }


def _as_json(found: Imported) -> JsonObject:
    return {
        "dataset": str(found.path),
        "rows": found.rows,
        "failed": found.failed,
        "cells": found.cells,
        "repeats": list(found.repeats),
        **{label: list(names) for label, names in _names(found).items()},
        "passed_over": [{"file": file, "why": why} for file, why in found.passed_over],
        "filled": [{"file": file, "what": what} for file, what in found.gaps],
    }
