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


Folder = Annotated[
    Path,
    typer.Argument(
        metavar="PATH", help="A folder of SOFTWARE/[cpu/ or gpu/]CLUSTER/EXPERIMENT.csv."
    ),
]
Target = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="DATASET",
        help="The dataset to make; by default the folder's name with .parquet, here.",
        show_default=False,
    ),
]
TestSets = Annotated[
    list[str] | None,
    typer.Option(
        "--test-set",
        metavar="EXPERIMENT=ITEMS[:SHARE]",
        help="The size of an experiment's test set, and the share of its most frequent class: "
        "an archive doesn't say, and spreads are compared with both. May be repeated.",
        show_default=False,
    ),
]


def import_(
    path: Folder,
    out: Target = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    test_sets: TestSets = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial", help="Pass over files that are not part of an archive, and name them."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read an archive of results, laid out like the study of 2022, into a dataset.

    If a file below the folder is not part of it, the file is named, nothing is written, and the
    exit code is 1, unless --partial says to take the rest.
    """
    sizes = [test_set(text) for text in test_sets or ()]
    imported = import_archive(path, out, force=force, partial=partial, test_sets=sizes)
    if as_json:
        console.json(_as_json(imported))
    else:
        _show(imported)


def _show(imported: Imported) -> None:
    repeats = " or ".join(map(str, imported.repeats))
    console.say(f"{imported.rows} rows in {imported.cells} cells, with {repeats} repeats each")
    for label, names in _names(imported).items():
        console.say(f"{label:<12}{len(names):>4}  {', '.join(names)}")
    for file, gap in imported.gaps:
        console.say(f"filled      {file}: {gap}")
    for file, why in imported.passed_over:
        console.warn(f"passed over {file}: {why}")
    if imported.failed:
        console.warn(
            f"{imported.failed} rows with a number that can't be read: they count as failed"
        )
    console.note(f"wrote {imported.path}")
    console.note(f"next: {command('osgrepro', 'analyze', imported.path)}")


def _names(imported: Imported) -> dict[str, tuple[str, ...]]:
    return {
        "software": imported.software,
        "hardware": imported.hardware,
        "experiments": imported.experiments,
    }


def _as_json(imported: Imported) -> JsonObject:
    return {
        "dataset": str(imported.path),
        "rows": imported.rows,
        "failed": imported.failed,
        "cells": imported.cells,
        "repeats": list(imported.repeats),
        **{label: list(names) for label, names in _names(imported).items()},
        "passed_over": [{"file": file, "why": why} for file, why in imported.passed_over],
        "filled": [{"file": file, "what": gap} for file, gap in imported.gaps],
    }
