"""``osgrepro status``: where every run stands, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from osgrepro.cli import console, tables
from osgrepro.cli.arguments import (
    CampaignFile,
    Json,
    Only,
    PoolChoice,
    PoolName,
    StarvedAfter,
    Workspace,
)
from osgrepro.cli.runs import coverage, overview
from osgrepro.cli.runs.acting import named, queued_json, say_queued
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Json as JsonObject
from osgrepro.common.models import RunState
from osgrepro.common.texts import command, counted
from osgrepro.pool.condor import addressed
from osgrepro.results import dataset
from osgrepro.workflow import pools
from osgrepro.workflow.loading import Loaded, load, select
from osgrepro.workflow.runs import retries, workspaces
from osgrepro.workflow.runs.monitoring import transfers, usage
from osgrepro.workflow.runs.monitoring.coverage import STARVED_AFTER_H
from osgrepro.workflow.runs.monitoring.coverage import of_campaign as coverage_of
from osgrepro.workflow.runs.monitoring.event_logs import Logs, glance
from osgrepro.workflow.runs.monitoring.status import Held, Status
from osgrepro.workflow.runs.monitoring.status import of_campaign as status_of
from osgrepro.workflow.runs.monitoring.transfers import Moved

# What is advised twice of where nobody knows what a run asked for.
_MEMORY_MB = 4096


def status(
    source: CampaignFile,
    pool: PoolChoice = None,
    only: Only = None,
    with_transfers: Annotated[
        bool,
        typer.Option("--transfers", help="Also say how many bytes were moved for each cluster."),
    ] = False,
    with_coverage: Annotated[
        bool, typer.Option("--coverage", help="Draw the matrix: which cells are empty, and why.")
    ] = False,
    starved_after_h: StarvedAfter = STARVED_AFTER_H,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Say where every run stands; held jobs with the reason and what to do."""
    whole = load(source)
    loaded = select(whole, tuple(only or ()))
    place = workspaces.of(loaded, workspace, create=False)
    if with_transfers:
        access: pools.Access | None = pools.access(pool.value if pool else None)
    else:
        access = access_if_any(pool)
    now = status_of(loaded, place, access)
    covered = coverage_of(loaded, place, access, now, starved_after_h) if with_coverage else None
    moved = None
    if with_transfers and access is not None:
        moved = transfers.transfers(place, access.schedd, set(now.states) if only else None)
    logs = glance(place)
    if as_json:
        shown = status_json(now, logs, command(*named(source, workspace)))
        if covered is not None:
            shown["coverage"] = coverage.as_json(covered[0])
            shown["substitutes"] = coverage.suggested_json(covered[1])
        if moved is not None:
            shown["transfers"] = _transfers_json(moved)
        console.json(shown)
        _end_in_doubt(now)
        return
    if covered is not None:
        coverage.show(*covered)
    else:
        console.show(tables.cells(now.cells))
    for part in overview.parts(now, logs):
        console.show(part) if isinstance(part, console.Table) else console.say(part)
    _say_former(whole, place.dataset_file if now.settled else None)
    _show_what_to_do(now, logs, whole, place.dataset_file, named(source, workspace))
    if moved is not None:
        _show_transfers(moved)
    _end_in_doubt(now)


def _end_in_doubt(now: Status) -> None:
    """Exit with 1 where the access point should have been asked, and did not answer."""
    if now.in_doubt:
        runs = "1 run is" if now.in_doubt == 1 else f"{now.in_doubt} runs are"
        console.warn(f"{runs} on the way as far as event logs say: ask again once it answers")
        raise typer.Exit(1)


def _say_former(whole: Loaded, data: Path | None) -> None:
    """Say how many results are of definitions that the campaign no longer has."""
    former = set(dataset.taken(data) if data else ()) - {run.run_id for run in whole.matrix.runs}
    if former:
        count = "1 result is" if len(former) == 1 else f"{len(former)} results are"
        console.note(
            f"{count} of former definitions: the script, its parameters, its data or the campaign "
            "have changed since; `osgrepro analyze --definition list` names them"
        )


def _show_what_to_do(
    now: Status, logs: Logs, whole: Loaded, data: Path, words: tuple[str | Path, ...]
) -> None:
    """Print what failed, is held or waits again, and what each needs.

    ``words`` name the campaign in a command.
    """
    say_queued(now, words)
    for experiment, count in dataset.unseeded(data).items() if now.settled else ():
        console.warn(tables.not_seeded(experiment, count))
    if now.counts.get(RunState.FAILED):
        console.say("")
        console.show(tables.failures(data, now.states))
        again = command("osgrepro", "retry", *words, "--state", "failed")
        if short := retries.short_of_memory(data, now.states):
            places = (place for place in whole.campaign.hardware if place.name in short.values())
            asked = [place.request_memory_mb for place in places]
            more = command("osgrepro", "retry", *words, "--reason", "memory", "--memory")
            console.note(
                f"{counted(len(short), 'run')} failed for lack of memory: {more} "
                f"{2 * max(asked, default=_MEMORY_MB)} sends them again, and what is held for that"
            )
        if unfit := usage.unfit(logs):
            console.note(f"{again} sends them again, and not to {', '.join(unfit)}")
        else:
            console.note(f"fix what made them fail; {again} sends them once more")
    for jobs, state in ((now.held, "held"), (now.vacated, "waits again")):
        if jobs:
            console.say("")
            console.show(tables.held(jobs, command(*words), state))


def access_if_any(choice: PoolName | None) -> pools.Access | None:
    """Return the access point; without one, the folder alone tells what has returned."""
    try:
        return pools.access(choice.value if choice else None)
    except PoolError as error:
        if choice is not None:
            raise
        console.warn(f"{error.message.rstrip('.')}; where jobs stand is what their event logs say")
        return None


def _show_transfers(moved: tuple[Moved, ...]) -> None:
    """Print what was moved, and what of it nothing tells of."""
    console.say("")
    if not moved:
        console.say("no cluster with these runs was submitted")
        return
    console.show(tables.transfers(moved))
    if ways := transfers.by_plugin(moved):
        console.say("")
        console.show(tables.plugins(ways))
    for gap in tables.gaps(moved):
        console.warn(gap)


def _transfers_json(moved: tuple[Moved, ...]) -> JsonObject:
    return {
        "clusters": [
            {
                "name": transfer.name,
                **asdict(transfer.transfers),
                "staged_bytes": transfer.transfers.staged_bytes,
                "received_bytes": transfer.transfers.received_bytes,
                "sent_bytes": transfer.transfers.sent_bytes,
            }
            for transfer in moved
        ],
        "plugins": {way: asdict(plugin) for way, plugin in transfers.by_plugin(moved).items()},
    }


def status_json(now: Status, logs: Logs, campaign: str) -> dict[str, Any]:
    """Return where every run stands, for programs.

    ``campaign`` are the words that name it in a command.
    """
    return {
        "runs": {run_id: state.value for run_id, state in now.states.items()},
        "counts": {state.value: now.counts.get(state, 0) for state in RunState},
        "cells": [
            {
                "experiment": cell.experiment,
                "hardware": cell.hardware,
                "software": cell.software,
                "counts": {state.value: count for state, count in cell.counts.items()},
            }
            for cell in now.cells
        ],
        "held": [_stopped_json(item, campaign) for item in now.held],
        "asked": now.asked,
        **queued_json(now),
        "vacated": [_stopped_json(item, campaign) for item in now.vacated],
        **overview.as_json(now, logs, campaign),
    }


def _stopped_json(item: Held, campaign: str) -> JsonObject:
    return {
        "run_id": item.run_id,
        "job": f"{item.cluster}.{item.proc}",
        "reason": item.reason,
        "code": item.code,
        "subcode": item.subcode,
        "advice": addressed(item.advice, campaign, item.code, [item.asks], item.subcode),
        "last_words": item.last_words,
    }
