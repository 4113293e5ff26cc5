"""The commands that hand a campaign on, and check one that was handed on: export and verify."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from osgrepro import report
from osgrepro.analysis.findings import AGREE, DISAGREE, NOT_ASSESSABLE, RERUN_ANSWERS
from osgrepro.cli import console
from osgrepro.cli.arguments import CampaignFile, Json, Limit, Only, PoolChoice, Workspace
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Json as JsonObject
from osgrepro.common.texts import command
from osgrepro.workflow import pools
from osgrepro.workflow.loading import Loaded, load
from osgrepro.workflow.replication import rerunning
from osgrepro.workflow.replication.rerunning import Rerun
from osgrepro.workflow.results import exporting, rerun_preview, verifying
from osgrepro.workflow.results.authors import author_of
from osgrepro.workflow.results.rerun_preview import Outline
from osgrepro.workflow.results.verifying import Verified
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.monitoring import waiting

_SHOWN = 20
# Letters of a difference, which may be whole lists.
_LONGEST = 300

Crate = Annotated[
    Path, typer.Argument(metavar="CRATE", help="The folder of a crate.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(export)
    app.command()(verify)


def export(
    source: CampaignFile,
    ro_crate: Annotated[
        Path,
        typer.Option(
            "--ro-crate",
            metavar="DIR",
            help="The crate to make: a new folder.",
            show_default=False,
        ),
    ],
    license_: Annotated[
        str | None,
        typer.Option(
            "--license",
            metavar="SPDX|URL",
            help="The licence it is published under, such as CC-BY-4.0.",
            show_default=False,
        ),
    ] = None,
    author: Annotated[
        list[str] | None,
        typer.Option(
            "--author",
            metavar='"NAME <URL>"',
            help="Who made it; the URL, such as an ORCID, may be left out. May be repeated.",
            show_default=False,
        ),
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Put a campaign, its images' definitions, data, results and findings into an RO-Crate."""
    loaded = load(source)
    place = workspaces.of(loaded, workspace, create=False)
    authors = [author_of(text) for text in author or ()]
    made = exporting.export(loaded, place, ro_crate, license_=license_, authors=authors)
    if as_json:
        left_out = list(made.left_out)
        console.json({"crate": str(made.folder), "files": made.files, "left_out": left_out})
        return
    console.say(f"{made.folder}: {made.files} files")
    for line in made.left_out:
        console.warn(f"not in the crate, and needed for a rerun: {line}")
    if license_ is None:
        console.note("no licence is stated; --license states one")
    console.note(f"next: {command('osgrepro', 'verify', made.folder)}")


def verify(
    crate: Crate,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Run the campaign again on this machine's pool, too.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="With --rerun: don't ask before the crate's code is executed."),
    ] = False,
    only: Only = None,
    limit: Limit = None,
    pool: PoolChoice = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            metavar="DIR",
            help="With --rerun: the folder of the new runs; by default CRATE.rerun.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a crate: its files, whether its findings follow from its data, whether runs agree.

    Exits with 1 if not. A rerun shows what it would execute, and asks.
    """
    verified = verifying.verify(crate)
    if not as_json:
        _show(verified)
    again = None
    if rerun and not verified.damaged:
        loaded = rerunning.load(crate, tuple(only or ()), limit)
        agreed = _agreed(crate, rerun_preview.outline(crate, loaded), yes=yes, show=not as_json)
        access = pools.access(pool.value if pool else None)
        again = _again(crate, loaded, access, agreed, workspace)
        if not as_json:
            _show_again(again)
    if as_json:
        console.json({**_as_json(verified), "rerun": _again_as_json(again) if again else None})
    if not verified.sound or (again is not None and not _agrees(again)):
        raise typer.Exit(1)


def _agreed(crate: Path, plan: Outline, *, yes: bool, show: bool) -> Outline:
    """Show what would be executed, and return it when somebody has agreed."""
    if show:
        for line in _outlined(plan):
            console.say(line)
    if yes:
        return plan
    if not sys.stdin.isatty():
        raise UsageError(
            f"{crate}: a rerun executes a stranger's code, and there is no terminal to ask on",
            hint="look at the scripts and images that are named, then give --yes",
        )
    if not console.confirm("execute this?"):
        raise typer.Exit(2)
    return plan


def _outlined(plan: Outline) -> Iterator[str]:
    for used in plan.used:
        yield f"{used.kind:<9} {used.name}  sha256 {used.sha256 or 'not known'}"
    timed = plan.runs - plan.untimed
    time = f"{_duration(plan.compute_s)} of computing, by the crate's own results"
    if not timed:
        time = "the crate does not say how long they took"
    elif plan.untimed:
        time += f" for {timed} of them; it says nothing of the others"
    yield f"runs      {plan.runs}: {time}"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {whole % 60} s"


def _again(
    crate: Path, loaded: Loaded, access: pools.Access, agreed: Outline, workspace: Path | None
) -> Rerun:
    with console.progress() as notify:
        started = rerunning.start(crate, loaded, access, workspace, agreed=agreed, notify=notify)
    with console.countdown() as every:
        waiting.wait(started.place, access.schedd, every=every)
    with console.progress() as notify:
        return rerunning.finish(crate, started, access, notify=notify)


def _agrees(again: Rerun) -> bool:
    """Return whether something was compared and all of it agrees."""
    answers = {cell.answer for cell in again.cells}
    return AGREE in answers and DISAGREE not in answers


def _show(verified: Verified) -> None:
    for line in verified.damaged:
        console.warn(line)
    whole = verified.files - len(verified.damaged)
    console.say(f"files     {whole} of {verified.files} are intact")
    if not verified.differences:
        console.say("findings  follow from the dataset: the analysis finds the same again")
        return
    console.say(f"findings  differ in {len(verified.differences)} places from a new analysis:")
    for difference in verified.differences[:_SHOWN]:
        both = f"the crate has {difference.first!r}, the analysis {difference.second!r}"
        text = f"{difference.where}: {both}"
        short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        console.say(f"          {short}")
    if len(verified.differences) > _SHOWN:
        console.say(f"          and {len(verified.differences) - _SHOWN} more: --json shows all")


def _show_again(again: Rerun) -> None:
    shown = console.table("experiment", "software", "hardware", "runs", "answer", "p ≤", "why")
    for cell in again.cells:
        why = again.no_slot.get(cell.hardware, cell.text) if not cell.runs else cell.text
        words = (cell.experiment, cell.software, cell.hardware, str(cell.runs), cell.answer)
        shown.add_row(*words, report.percent(cell.p_upper), why)
    console.show(shown)
    if again.strangers:
        console.warn(
            f"{again.strangers} runs have ids that the crate doesn't know: code or data is not "
            "what the crate's runs had"
        )
    counts = _counts(again)
    console.say(
        f"rerun     cells: {counts[AGREE]} agree, {counts[DISAGREE]} disagree, "
        f"{counts[NOT_ASSESSABLE]} not assessable"
    )
    console.note(f"the new results are in {again.dataset}")


def _counts(again: Rerun) -> dict[str, int]:
    answers = [cell.answer for cell in again.cells]
    return {answer: answers.count(answer) for answer in RERUN_ANSWERS}


def _as_json(verified: Verified) -> JsonObject:
    return {
        "sound": verified.sound,
        "files": verified.files,
        "damaged": list(verified.damaged),
        "differences": [asdict(difference) for difference in verified.differences],
    }


def _again_as_json(again: Rerun) -> JsonObject:
    return {
        "agrees": _agrees(again),
        "cells": [asdict(cell) for cell in again.cells],
        "no_slot": again.no_slot,
        "strangers": again.strangers,
        "dataset": str(again.dataset),
        **{answer.replace(" ", "_"): n for answer, n in _counts(again).items()},
    }
