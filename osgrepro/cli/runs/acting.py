"""``osgrepro hold``, ``release`` and ``remove``; and what is said of jobs that nobody expected."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import CampaignFile, Json, Only, PoolChoice, PoolName, Workspace
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command, counted
from osgrepro.pool.condor import REASONS, codes_of
from osgrepro.workflow import pools
from osgrepro.workflow.loading import load, select
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.all_jobs import act_on_all
from osgrepro.workflow.runs.jobs import ORPHANED, act, check
from osgrepro.workflow.runs.monitoring.status import Status

_PAST = {"hold": "held", "release": "released", "remove": "removed"}
_NAMED = 8

States = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="STATE,…",
        help="Only jobs in these states: idle, running, held; or orphaned: jobs of runs that the "
        "campaign no longer has.",
        show_default=False,
    ),
]
Reasons = Annotated[
    list[str] | None,
    typer.Option(
        "--reason",
        metavar="REASON",
        help=f"Only jobs held for this: {', '.join(REASONS)}; or a HoldReasonCode, such as 34 or "
        "34/102. May be repeated.",
        show_default=False,
    ),
]
All = Annotated[
    bool,
    typer.Option(
        "--all",
        help="All jobs of the campaign, also those of which the folder has lost the runs.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for verb in (hold, release, remove):
        app.command()(verb)


def hold(
    source: CampaignFile,
    only: Only = None,
    state: States = None,
    everything: All = False,
    pool: PoolChoice = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Hold jobs of a campaign: they neither run nor end until they are released."""
    chosen("hold", only, state, everything)
    _act("hold", source, only, state, (), everything, pool, workspace, as_json)


def release(
    source: CampaignFile,
    only: Only = None,
    reason: Reasons = None,
    everything: All = False,
    pool: PoolChoice = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Release held jobs of a campaign, once what held them is mended."""
    chosen("release", only, reason, everything)
    _act("release", source, only, None, reason, everything, pool, workspace, as_json)


def remove(
    source: CampaignFile,
    only: Only = None,
    state: States = None,
    reason: Reasons = None,
    everything: All = False,
    pool: PoolChoice = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Remove jobs of a campaign from the queue; results stay, and submit sends the runs again."""
    chosen("remove", only, state or reason, everything)
    _act("remove", source, only, state, reason, everything, pool, workspace, as_json)


def named(source: str, workspace: Path | None) -> tuple[str | Path, ...]:
    """Return the words that name a campaign and its folder in a command."""
    return (source, *(() if workspace is None else ("--workspace", workspace)))


def say_queued(now: Status, words: tuple[str | Path, ...]) -> None:
    """Say what of the folder can't be read, which jobs are not its business, and what to do."""
    for sentence in now.damaged:
        console.warn(sentence)
    queued = now.queued
    if queued.orphans:
        drop = command("osgrepro", "remove", *words, "--state", ORPHANED)
        console.warn(
            f"{_jobs(len(queued.orphans))} in the queue for runs that the campaign no longer has "
            f"(such as job {_job(queued.orphans[0])}): its script, parameters or data "
            f"were changed; {drop} removes them"
        )
    for folder, jobs in queued.abroad.items():
        console.warn(
            f"{_jobs(len(jobs))} in the queue whose results go to {folder} (such as job "
            f"{_job(jobs[0])}): collect them with --workspace {folder}"
        )


def chosen(verb: str, only: object, narrower: object, everything: bool) -> None:
    """Refuse to act on all jobs where nobody said so."""
    if not (only or narrower or everything):
        raise UsageError(
            f"{verb}: which jobs?", hint=f"name some with --only or --state, or `{verb} --all`"
        )


def listed(names: Collection[str]) -> str:
    """Return the first of some jobs, to stand behind how many there are."""
    first = list(names)[:_NAMED]
    return f": {', '.join(first)}{', …' if len(names) > _NAMED else ''}" if names else ""


def queued_json(now: Status) -> dict[str, object]:
    """Return the same for programs."""
    queued = now.queued
    return {
        "damaged": list(now.damaged),
        "orphans": [_job(job) for job in queued.orphans],
        "abroad": {folder: [_job(job) for job in jobs] for folder, jobs in queued.abroad.items()},
    }


def _act(
    verb: str,
    source: str,
    only: list[str] | None,
    state: str | None,
    reasons: list[str] | tuple[str, ...] | None,
    everything: bool,
    pool: PoolName | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    states = tuple(state.split(",")) if state else ()
    check(verb, states)
    codes = codes_of(reasons or ())
    loaded = select(load(source), tuple(only or ()))
    access = pools.access(pool.value if pool else None)
    abroad: dict[str, int] = {}
    if everything and not (only or states or reasons):
        acted, abroad = act_on_all(loaded, workspaces.look(loaded, workspace), access, verb)
        if not acted.jobs:  # perhaps since there never was a folder
            workspaces.of(loaded, workspace, create=False)
    else:
        place = workspaces.of(loaded, workspace, create=False)
        acted = act(loaded, place, access, verb, states=states, codes=codes)
    for folder, left in abroad.items():
        there = command("osgrepro", verb, source, "--all", "--workspace", folder)
        console.warn(
            f"{_jobs(left)} in the queue whose results go to {folder}, and left alone: "
            f"{there} is for {'that one' if left == 1 else 'those'}"
        )
    if as_json:
        jobs = [{"job": job, "run_id": run_id or None} for job, run_id in acted.jobs.items()]
        console.json({"verb": verb, "jobs": jobs, "unmade": acted.unmade})
        return
    console.say(f"{_PAST[verb]} {counted(len(acted.jobs), 'job')}{listed(acted.jobs)}")
    if acted.unmade:
        console.warn(
            f"{acted.unmade} of these runs are not jobs yet: they can be {_PAST[verb]} once they "
            "are, or with their whole cluster (--all)"
        )


def _jobs(number: int) -> str:
    return counted(number, "job is", "jobs are")


def _job(place: tuple[int, int]) -> str:
    return f"{place[0]}.{place[1]}"
