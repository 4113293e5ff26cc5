"""The arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CampaignFile = Annotated[
    str,
    typer.Argument(
        metavar="CAMPAIGN",
        help="A campaign file, or a shipped campaign by name: demo, osg-2022.",
        show_default=False,
    ),
]
Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        envvar="OSGREPRO_WORKSPACE",
        help="The campaign's folder; by default NAME.runs beside the campaign file NAME.toml.",
        show_default=False,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="KEY=VALUE",
        help="Only these runs; KEY is experiment, hardware, software or repeat. May be repeated.",
        show_default=False,
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most N runs.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
StarvedAfter = Annotated[
    float,
    typer.Option(
        "--starved-after",
        metavar="HOURS",
        min=0,
        help="With --coverage: a job that no slot matched for so long is starved.",
    ),
]
