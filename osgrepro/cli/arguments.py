"""The arguments and options that several commands share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from osgrepro import pool

CampaignFile = Annotated[
    str,
    typer.Argument(
        metavar="CAMPAIGN",
        help="A campaign file, or a shipped campaign by name, such as demo.",
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
        metavar="KEY=VALUE[,VALUE]",
        help="Only these runs; KEY is experiment, hardware, software, seed or repeat. "
        "May be repeated; values of one key are alternatives.",
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
        help="With --coverage: a job that no slot has matched for this long is starved.",
    ),
]
Ads = Annotated[
    Path | None,
    typer.Option(
        "--ads",
        metavar="FILE",
        help="Machine ads saved with condor_status -json or -l, instead of those of a pool.",
        show_default=False,
    ),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Refuse hardware that no slot of the pool offers."),
]
Anywhere = Annotated[
    bool,
    typer.Option("--anywhere", help="Also on machines that fail what succeeds elsewhere."),
]
Unseen = Annotated[
    bool,
    typer.Option(
        "--unseen",
        help="Trust that images in OSDF and CVMFS are there where this machine can't see them.",
    ),
]


class PoolName(str, Enum):
    """Where a campaign can be submitted."""

    LOCAL = pool.LOCAL
    AP = pool.AP


PoolChoice = Annotated[
    PoolName | None,
    typer.Option(
        "--pool",
        help="local: the mini-pool of this machine; ap: this machine's own access point. "
        "By default the mini-pool if it is up, else the access point.",
        show_default=False,
    ),
]
