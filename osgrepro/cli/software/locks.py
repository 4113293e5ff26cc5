"""The command for the catalogue of software environments: lock."""

from __future__ import annotations

from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.common.models import Json as JsonObject
from osgrepro.common.texts import counted
from osgrepro.workflow.software import locks


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(lock)


def lock(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A software environment: its folder, or its name in ./containers or among the "
            "shipped ones.",
        ),
    ],
    upgrade: Annotated[
        bool,
        typer.Option(
            "--upgrade", help="Take the newest versions instead of keeping the locked ones."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Lock the Python packages of a software environment: exact versions with their hashes."""
    with console.progress() as notify:
        made = locks.lock(name, upgrade=upgrade, notify=notify)
    if as_json:
        console.json(_as_json(made))
        return
    if made.changes:
        shown = console.table("package", "was", "is")
        for package, (old, new) in made.changes.items():
            shown.add_row(package, old or "", new or "")
        console.show(shown)
    count = counted(made.packages, "package")
    if made.changes or not made.written:
        done = f"wrote {made.path}: {count}" if made.written else "nothing changed"
    else:
        done = f"wrote {made.path}: {count}, no version changed"
    console.say(done)
    if made.unasked:
        more = " …" if len(made.unasked) > 3 else ""
        console.note(
            f"{counted(len(made.unasked), 'package')} of CUDA came along, gigabytes that only GPUs "
            f"need: {', '.join(made.unasked[:3])}{more}; for CPUs name the build, such as "
            "torch==2.13.0+cpu; for GPUs say `cuda` in container.toml"
        )


def _as_json(made: locks.Locked) -> JsonObject:
    return {
        "file": str(made.path),
        "packages": made.packages,
        "written": made.written,
        "changes": [
            {"package": package, "was": old, "is": new}
            for package, (old, new) in made.changes.items()
        ],
        "unasked": made.unasked,
    }
