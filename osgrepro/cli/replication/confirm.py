"""The command that puts remote results to the test on emulated hardware: confirm."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from osgrepro.analysis.findings import Confirmation
from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.common.errors import UsageError
from osgrepro.workflow.loading import load
from osgrepro.workflow.replication import confirming, replay_plan, replaying
from osgrepro.workflow.replication.replay_plan import Plan, Replay

_ANSWERS: tuple[Literal["confirmed", "refuted", "not emulable"], ...] = (
    "confirmed",
    "refuted",
    "not emulable",
)
_CELL = ("experiment", "software", "hardware")


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
    told: Annotated[
        list[str] | None,
        typer.Option(
            "--as",
            metavar="REMOTE=HERE",
            help="What a remote experiment, software or hardware is called here, where the rows "
            "don't prove it. May be repeated.",
            show_default=False,
        ),
    ] = None,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="First run on the mini-pool, up as the twin, what this machine can stand in for: "
            "one run for each outcome class and emulation. Needs --campaign and --twin.",
        ),
    ] = False,
    campaign: Annotated[
        str | None,
        typer.Option(
            "--campaign",
            metavar="CAMPAIGN",
            help="With --replay: the campaign that has the experiments, software and data.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help="With --replay: at most N runs."),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            metavar="DIR",
            help="With --replay: the folder of its runs; by default CAMPAIGN.TWIN.replay beside "
            "the campaign file.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say of each remote hardware environment whether emulation confirms its results, or not.

    Exits with 1 if any is refuted.
    """
    if replay:
        if campaign is None or twin is None:
            raise UsageError("--replay needs --campaign CAMPAIGN and --twin TWIN")
        planned = replay_plan.plan(
            load(campaign),
            remote,
            twin,
            others=with_ or (),
            told=told or (),
            limit=limit,
            folder=workspace,
        )
        found = _replay(planned, quiet=as_json)
    elif campaign is not None or limit is not None or workspace is not None:
        raise UsageError("--campaign, --limit and --workspace are for --replay")
    else:
        found = confirming.confirm(remote, with_ or (), twin, told or ())
    counts = Counter(one.answer for one in found)
    if as_json:
        many: dict[str, Any] = {answer.replace(" ", "_"): counts[answer] for answer in _ANSWERS}
        if replay:
            many["replays"] = [_replay_json(one) for one in planned.replays]
        console.json({"confirmations": [asdict(one) for one in found], **many})
    else:
        _show(found)
        console.say(", ".join(f"{counts[answer]} {answer}" for answer in _ANSWERS))
    if counts["refuted"]:
        raise typer.Exit(1)


def _replay(planned: Plan, *, quiet: bool) -> tuple[Confirmation, ...]:
    """Say what will be run and why not the rest, and run it."""
    if not quiet:
        _show_plan(planned)
    with console.progress() as notify:
        submitted = replaying.submit(planned, notify=notify)
    if submitted:
        with console.countdown() as every:
            replaying.wait(planned, every=every)
    return replaying.judge(planned)


def _show_plan(planned: Plan) -> None:
    shown = console.table("replayed", "software", "as", "emulation", "class", "stands for")
    for one in planned.replays:
        there = ", ".join(dict.fromkeys(cell[2] for cell in one.remote))
        told = (one.run.experiment, one.run.software, one.run.hardware, " + ".join(one.emulation))
        shown.add_row(*told, one.remote_class, there)
    if planned.replays:
        console.show(shown)
    for reasons, cells in planned.left_out.items():
        names = ", ".join(dict.fromkeys(cell[2] for cell in cells))
        console.say(f"not replayed: {names}: {'; '.join(reasons)}")
    total = sum(len(one.remote) for one in planned.replays)
    runs = len({one.run.run_id for one in planned.replays})
    console.say(f"runs: {runs}, for {total} of {len(planned.counterparts)} remote cells")
    console.say("")


def _replay_json(one: Replay) -> dict[str, Any]:
    return {
        "run_id": one.run.run_id,
        "experiment": one.run.experiment,
        "software": one.run.software,
        "machine": one.run.hardware,
        "emulation": one.emulation,
        "remote_class": one.remote_class,
        "remote": [dict(zip(_CELL, cell, strict=True)) for cell in one.remote],
    }


def _show(found: tuple[Confirmation, ...]) -> None:
    shown = console.table("experiment", "software", "hardware", "class", "answer", "why")
    for one in found:
        words = (one.experiment, one.software, ", ".join(one.remote), one.remote_class)
        shown.add_row(*words, one.answer, one.text)
    console.show(shown)
