"""``osgrepro retry``: runs that are held, failed or lost are sent again, with more if need be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import (
    Anywhere,
    CampaignFile,
    Json,
    Only,
    PoolChoice,
    Strict,
    Unseen,
    Workspace,
)
from osgrepro.cli.runs.acting import All, Reasons, chosen, listed, named
from osgrepro.cli.runs.slots import look_for_slots, say_avoided
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command, counted
from osgrepro.pool.condor import codes_of
from osgrepro.runs.render import Requests, Shape, Submission
from osgrepro.workflow import pools
from osgrepro.workflow.loading import load, select
from osgrepro.workflow.runs import retrying, submitting, workspaces
from osgrepro.workflow.runs.retrying import Chosen, Retried, Selection

States = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="STATE,…",
        help="Only runs in these states: held, failed, lost. By default those that are held.",
        show_default=False,
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="MB",
        help="Request so much memory, if that is more than the campaign says; also 8GB.",
        show_default=False,
    ),
]
Disk = Annotated[
    str | None,
    typer.Option(
        "--disk",
        metavar="MB",
        help="Request so much disk, if that is more than the campaign says; also 8GB.",
        show_default=False,
    ),
]
Duration = Annotated[
    str | None,
    typer.Option(
        "--duration",
        metavar="SECONDS",
        help="Let them execute so long, if that is more than the campaign says; also 90m or 20h.",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, and change nothing.")]

_MB = {"": 1, "m": 1, "g": 1024, "t": 1024**2}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOST = 10**9
_NONE = "no run is selected: `osgrepro status` says where they stand"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(retry)


def retry(
    source: CampaignFile,
    only: Only = None,
    state: States = None,
    reason: Reasons = None,
    everything: All = False,
    memory: Memory = None,
    disk: Disk = None,
    duration: Duration = None,
    pool: PoolChoice = None,
    anywhere: Anywhere = False,
    dry_run: DryRun = False,
    strict: Strict = False,
    unseen: Unseen = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Take held jobs out of the queue and send their runs again, with more resources if need be."""
    chosen("retry", only, state or reason, everything)
    selection = Selection(
        states=tuple(state.split(",")) if state else (),
        codes=codes_of(reason or ()),
        requests=_requests(memory, disk, duration),
        anywhere=anywhere,
    )
    selection.wanted()
    loaded = select(load(source), tuple(only or ()))
    place = workspaces.of(loaded, workspace, create=False)
    access = pools.access(pool.value if pool else None)
    chosen_runs = retrying.choose(loaded, place, access, selection)
    unmatched, _ = look_for_slots(chosen_runs.asking, access, strict=strict)
    for doubt in submitting.doubts(loaded, access, unseen=unseen):
        console.warn(doubt)
    say_avoided(chosen_runs.avoided if chosen_runs.matrix.runs else ())
    for sentence in _no_more(chosen_runs, selection.requests):
        console.warn(sentence)
    if dry_run:
        clusters = retrying.rehearse(
            loaded, place, access, chosen_runs, unseen=unseen, unmatched=unmatched
        )
        _say_rehearsed(chosen_runs, clusters, as_json=as_json)
        return
    with console.progress() as notify:
        done = retrying.retry(
            loaded, place, access, selection, unseen=unseen, unmatched=unmatched, notify=notify
        )
    _say_retried(done, access.schedd.name, as_json=as_json)
    _say_next(done, source, workspace)


def megabytes(option: str, text: str | None) -> int | None:
    """Return an amount in MB that was typed as HTCondor takes it: a number, or 8GB and the like."""
    hint = "write a number of MB, or one with a unit, such as 8GB"
    return _amount(option, text, r"(\d+)\s*([mgt]?)i?b?", _MB, hint)


def seconds(option: str, text: str | None) -> int | None:
    """Return a duration in seconds that was typed as a number, or with s, m, h or d behind it."""
    hint = "write a number of seconds, or one with a unit, such as 90m or 20h"
    return _amount(option, text, r"(\d+)\s*([smhd]?)", _SECONDS, hint)


def _amount(
    option: str, text: str | None, pattern: str, units: dict[str, int], hint: str
) -> int | None:
    if text is None:
        return None
    match = re.fullmatch(pattern, text.strip(), re.IGNORECASE | re.ASCII)
    amount = int(match[1][:12]) * units[match[2].lower()] if match else 0
    if not 0 < amount <= _MOST:
        raise UsageError(f"{option} {text}: is no amount", hint=hint)
    return amount


def _requests(memory: str | None, disk: str | None, duration: str | None) -> Requests:
    return Requests(
        memory_mb=megabytes("--memory", memory),
        disk_mb=megabytes("--disk", disk),
        execute_s=seconds("--duration", duration),
    )


def _no_more(chosen_runs: Chosen, given: Requests) -> Iterator[str]:
    """Yield what was given and is no more than runs ask for by their campaign."""
    own = {hardware.name: hardware for hardware in chosen_runs.matrix.campaign.hardware}
    for option, amount, name in (
        ("--memory", given.memory_mb, "request_memory_mb"),
        ("--disk", given.disk_mb, "request_disk_mb"),
    ):
        if amount is None:
            continue
        asked = [getattr(own[run.hardware], name) for run in chosen_runs.matrix.runs]
        if enough := sum(amount <= asked_mb for asked_mb in asked):
            yield (
                f"{option} {amount} is no more than {counted(enough, 'run')} ask for by the "
                f"campaign ({name} is up to {max(asked)}); those ask for as much as before"
            )


def _say_rehearsed(chosen_runs: Chosen, clusters: Iterable[Submission], *, as_json: bool) -> None:
    if as_json:
        shown = [(None, cluster.name, len(cluster.runs)) for cluster in clusters]
        console.json(_as_json(chosen_runs.jobs, shown, ()))
        return
    console.say(f"would take {counted(len(chosen_runs.jobs), 'job')} out of the queue")
    for cluster in clusters:
        asks = _asks(cluster.shape)
        console.say(f"would send {counted(len(cluster.runs), 'run')} again: {cluster.name}{asks}")
    if not chosen_runs.matrix.runs:
        console.note(_NONE)
    console.say("nothing was changed")


def _say_retried(done: Retried, schedd: str | None, *, as_json: bool) -> None:
    if as_json:
        sent = [(batch.cluster, batch.name, batch.count) for batch in done.batches]
        console.json(_as_json(done.jobs, sent, done.left))
        return
    console.say(f"took {counted(len(done.jobs), 'job')} out of the queue{listed(done.jobs)}")
    for batch in done.batches:
        console.say(f"cluster {batch.cluster}: {counted(batch.count, 'run')}, {batch.name}")
    console.say(f"sent {counted(done.runs, 'run')} again to {schedd}")
    if not done.runs and not done.left:
        console.note(_NONE)


def _say_next(done: Retried, source: str, workspace: Path | None) -> None:
    words = named(source, workspace)
    if done.left:
        console.warn(
            f"{counted(len(done.left), 'run')} still had a job in the queue and were not sent: if "
            f"{command('osgrepro', 'status', *words)} still counts them as held or missing, give "
            "the same command again"
        )
    elif done.runs:
        look, take = (command("osgrepro", verb, *words) for verb in ("status", "collect"))
        console.note(f"next: {look}, then {take} --wait")


def _as_json(
    jobs: Mapping[str, str], clusters: Iterable[tuple[int | None, str, int]], left: Iterable[str]
) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "verb": "retry",
        "jobs": [{"job": job, "run_id": run_id} for job, run_id in jobs.items()],
        "clusters": [
            {"cluster": cluster, "name": name, "runs": count} for cluster, name, count in clusters
        ],
        "left": list(left),
    }


def _asks(shape: Shape) -> str:
    lasting = f", {shape.execute_s} s" if shape.execute_s else ""
    return f" ({shape.memory_mb} MB of memory, {shape.disk_mb} MB of disk{lasting})"
