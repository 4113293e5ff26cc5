"""The command that puts remote results to the test on emulated hardware: confirm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from osgrepro import report
from osgrepro.analysis.findings import EMULATION_ANSWERS, REFUTED, Confirmation, EmulationAnswer
from osgrepro.cli import console
from osgrepro.cli.arguments import Json
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command, quoted
from osgrepro.workflow.loading import load
from osgrepro.workflow.replication import confirming, replay_plan, replaying
from osgrepro.workflow.replication.replay_plan import Plan, Replay

_CELL = ("experiment", "software", "hardware")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(confirm)


Remote = Annotated[
    Path, typer.Argument(metavar="REMOTE.parquet", help="The dataset of the remote runs.")
]
Emulated = Annotated[
    list[Path] | None,
    typer.Option(
        "--with",
        metavar="EMULATED.parquet",
        help="A dataset of emulated runs, if they are not in the first one. May be repeated.",
        show_default=False,
    ),
]
Twin = Annotated[
    str | None,
    typer.Option(
        "--twin",
        metavar="TWIN",
        help="A twin's file, or a shipped twin by name, such as osg-2022: says why hardware "
        "without an emulated run can't be emulated here.",
        show_default=False,
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--as",
        metavar="REMOTE=HERE",
        help="What a remote experiment, software or hardware is called here, where the rows "
        "don't prove it. May be repeated.",
        show_default=False,
    ),
]
ReplayFirst = Annotated[
    bool,
    typer.Option(
        "--replay",
        help="First run on the mini-pool, up as the twin, what this machine can stand in for: "
        "one run for each outcome class and emulation. Needs --campaign and --twin.",
    ),
]
ReplayCampaign = Annotated[
    str | None,
    typer.Option(
        "--campaign",
        metavar="CAMPAIGN",
        help="With --replay: the campaign that has the experiments, software and data.",
        show_default=False,
    ),
]
ReplayLimit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=1, help="With --replay: at most N runs."),
]
ReplayFolder = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="With --replay: the folder of its runs; by default CAMPAIGN.TWIN.replay beside "
        "the campaign file.",
        show_default=False,
    ),
]


def confirm(
    remote: Remote,
    with_: Emulated = None,
    twin: Twin = None,
    names: Names = None,
    replay: ReplayFirst = False,
    campaign: ReplayCampaign = None,
    limit: ReplayLimit = None,
    workspace: ReplayFolder = None,
    as_json: Json = False,
) -> None:
    """Say of each remote hardware environment whether emulation confirms its results, or not.

    Exits with 1 if any is refuted.
    """
    planned = None
    if replay:
        if campaign is None or twin is None:
            raise UsageError("--replay needs --campaign CAMPAIGN and --twin TWIN")
        planned = replay_plan.plan(
            load(campaign),
            remote,
            twin,
            emulated=with_ or (),
            names=names or (),
            limit=limit,
            folder=workspace,
        )
        answers = _replay(planned, quiet=as_json)
    elif campaign is not None or limit is not None or workspace is not None:
        raise UsageError("--campaign, --limit and --workspace are for --replay")
    else:
        answers = confirming.confirm(remote, with_ or (), twin, names or ())
    counts = Counter(confirmation.answer for confirmation in answers)
    if as_json:
        console.json(_as_json(answers, counts, planned))
    else:
        _show(answers)
        console.say(", ".join(f"{counts[answer]} {answer}" for answer in EMULATION_ANSWERS))
        if planned is None and any(map(_open, answers)):
            for line in _next(remote, with_ or (), twin, names or ()):
                console.say(line)
    if counts[REFUTED]:
        raise typer.Exit(1)


def _open(confirmation: Confirmation) -> bool:
    """Whether there is no emulated run yet, and nothing known that would forbid one."""
    return confirmation.emulated is None and not confirmation.not_emulated


def _next(
    remote: Path, emulated: Sequence[Path], twin: str | None, names: Sequence[str]
) -> Iterator[str]:
    """Yield what makes the emulated runs that are lacking, as a command, and what is to fill in."""
    options = [word for path in emulated for word in ("--with", path)]
    options += [word for name in names for word in ("--as", name)]
    line = command("osgrepro", "confirm", remote, *options, "--replay")
    yield f"next: {line} --campaign CAMPAIGN --twin {'TWIN' if twin is None else quoted(twin)}"
    described = ", TWIN a file or a shipped twin that describes their machines"
    yield (
        "It runs here, on emulated machines, what has no emulated run; CAMPAIGN is the one that "
        f"the remote runs are of{described if twin is None else ''}."
    )


def _as_json(
    answers: tuple[Confirmation, ...], counts: Mapping[EmulationAnswer, int], planned: Plan | None
) -> dict[str, Any]:
    shown: dict[str, Any] = {"confirmations": [asdict(answer) for answer in answers]}
    shown |= {answer.replace(" ", "_"): counts[answer] for answer in EMULATION_ANSWERS}
    if planned is not None:
        shown["replays"] = [_replay_json(replay) for replay in planned.replays]
    return shown


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
    for replay in planned.replays:
        run = replay.run
        there = ", ".join(dict.fromkeys(cell[2] for cell in replay.remote))
        emulation = " + ".join(replay.emulation)
        words = (run.experiment, run.software, run.hardware, emulation)
        shown.add_row(*words, replay.remote_class, there)
    if planned.replays:
        console.show(shown)
    for reasons, cells in planned.left_out.items():
        names = ", ".join(dict.fromkeys(cell[2] for cell in cells))
        console.say(f"not replayed: {names}: {'; '.join(reasons)}")
    total = sum(len(replay.remote) for replay in planned.replays)
    runs = len({replay.run.run_id for replay in planned.replays})
    console.say(f"runs: {runs}, for {total} of {len(planned.counterparts)} remote cells")
    console.say("")


def _replay_json(replay: Replay) -> dict[str, Any]:
    return {
        "run_id": replay.run.run_id,
        "experiment": replay.run.experiment,
        "software": replay.run.software,
        "machine": replay.run.hardware,
        "emulation": replay.emulation,
        "remote_class": replay.remote_class,
        "remote": [dict(zip(_CELL, cell, strict=True)) for cell in replay.remote],
    }


def _show(answers: tuple[Confirmation, ...]) -> None:
    shown = console.table("experiment", "software", "hardware", "class", "answer", "p ≤", "why")
    for confirmation in answers:
        names = ", ".join(confirmation.remote)
        words = (confirmation.experiment, confirmation.software, names, confirmation.remote_class)
        bound = report.percent(confirmation.p_upper)
        shown.add_row(*words, confirmation.answer, bound, confirmation.text)
    console.show(shown)
