"""The commands around the runs themselves: run, submit, status, collect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from osgrepro import report
from osgrepro.cli import console, tables
from osgrepro.cli.arguments import (
    Anywhere,
    CampaignFile,
    Json,
    Limit,
    Only,
    PoolChoice,
    Strict,
    Unseen,
    Workspace,
)
from osgrepro.cli.runs import documents
from osgrepro.cli.runs.acting import named, say_queued
from osgrepro.cli.runs.doctor import doctor
from osgrepro.cli.runs.slots import look_for_slots, say_avoided
from osgrepro.cli.runs.status import access_if_any, status, status_json
from osgrepro.cli.runs.watch import watch
from osgrepro.common.models import Json as JsonObject
from osgrepro.common.models import RunState
from osgrepro.common.texts import command
from osgrepro.results import dataset
from osgrepro.workflow import pools
from osgrepro.workflow.loading import load, select
from osgrepro.workflow.results import analyzing, collecting
from osgrepro.workflow.results.collecting import Harvest
from osgrepro.workflow.runs import local, retries, submitting, workspaces
from osgrepro.workflow.runs.delivery import Submitted
from osgrepro.workflow.runs.monitoring import waiting
from osgrepro.workflow.runs.monitoring.event_logs import glance
from osgrepro.workflow.runs.monitoring.status import Status
from osgrepro.workflow.runs.submitting import Rehearsal

if TYPE_CHECKING:
    from osgrepro.analysis import Preview

# As timeout(1) ends.
_TIMED_OUT = 124
Wait = Annotated[bool, typer.Option("--wait", help="Wait until no job can end by itself any more.")]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0,
        help="With --wait: collect after so long in any case, and exit with 124 if jobs are left.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``, in the order in which one uses them."""
    for verb in (run, submit, status, watch, collect, doctor):
        app.command()(verb)


def run(
    source: CampaignFile,
    cell: Annotated[
        str,
        typer.Option("--cell", metavar="EXPERIMENT/HARDWARE/SOFTWARE", help="Which cell to run."),
    ],
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Which seed; by default the first.", show_default=False),
    ] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Which repeat.")] = 1,
    native: Annotated[
        bool,
        typer.Option("--native", help="Use this Python's own framework instead of the image."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where the result goes; by default the folder `local` of the workspace.",
            show_default=False,
        ),
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Execute one run on this machine, without a pool, before you submit any."""
    loaded = load(source)
    target = out or workspaces.of(loaded, workspace).root / "local"
    with console.progress() as notify:
        done = local.run(
            loaded, cell, out=target, seed=seed, repeat=repeat, native=native, notify=notify
        )
    _show_result(done.result)
    console.say(f"result: {done.file}")
    if done.failed:
        raise typer.Exit(1)


def submit(
    source: CampaignFile,
    pool: PoolChoice = None,
    only: Only = None,
    limit: Limit = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, and submit nothing.")
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Also submit again the runs whose training failed.")
    ] = False,
    anywhere: Anywhere = False,
    strict: Strict = False,
    unseen: Unseen = False,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Submit the runs that have neither a result nor a job in the queue."""
    loaded = select(load(source), tuple(only or ()), limit)
    access = pools.access(pool.value if pool else None)
    place, of = workspaces.look(loaded, workspace), (len(loaded.matrix.runs), access.schedd.name)
    unmatched, waiting_runs = look_for_slots(
        loaded.matrix, access, strict=strict, requests=retries.unfulfilled(place)
    )
    for doubt in submitting.doubts(loaded, access, unseen=unseen):
        console.warn(doubt)
    asked = _Asked(
        again=(RunState.FAILED,) if failed else (),
        unseen=unseen,
        unmatched=[*unmatched, *waiting_runs],
        anywhere=anywhere,
    )
    if dry_run:
        rehearsal = submitting.rehearse(loaded, place, access, **asked)
        if as_json:
            console.json(documents.of_rehearsed(rehearsal, *of, unmatched))
            return
        _say_rehearsed(rehearsal)
        say_queued(rehearsal.before, named(source, workspace))
        return
    with console.progress() as notify:
        done = submitting.submit(loaded, place, access, **asked, notify=notify)
    if as_json:
        console.json(documents.of_submitted(done, *of, unmatched))
        return
    _say_submitted(done, *of)
    _say_next(done, source, workspace)


class _Asked(TypedDict):
    """What ``submit`` and its dry run are asked for alike."""

    again: tuple[RunState, ...]
    unseen: bool
    unmatched: list[str]
    anywhere: bool


def _say_next(done: Submitted, source: str, workspace: Path | None) -> None:
    say_queued(done.before, named(source, workspace))
    words = named(source, workspace)
    look, take = (command("osgrepro", verb, *words) for verb in ("status", "collect"))
    console.note(f"next: {look}, then {take} --wait")


def _say_rehearsed(rehearsal: Rehearsal) -> None:
    for cluster in rehearsal.clusters:
        console.say(f"would submit {len(cluster.runs)} runs: {cluster.name}")
    console.say(f"would submit {rehearsal.runs} of {tables.totals(rehearsal.before)}")
    _say_why_none(rehearsal.runs, rehearsal.before)
    say_avoided(rehearsal.avoided if rehearsal.runs else ())
    console.say("nothing was submitted")


def _say_submitted(done: Submitted, runs: int, schedd: str | None) -> None:
    for batch in done.recovered:
        console.note(
            f"cluster {batch.cluster} was submitted before: {batch.count} runs, {batch.name}"
        )
    for batch in done.adopted:
        console.note(
            f"cluster {batch.cluster} was submitted from this folder, whose journal had lost it: "
            f"{batch.count} runs, {batch.name}"
        )
    for batch in done.batches:
        console.say(f"cluster {batch.cluster}: {batch.count} runs, {batch.name}")
    console.say(f"submitted {done.runs} of {runs} runs to {schedd}")
    say_avoided(done.avoided if done.runs else ())
    if not done.runs:
        console.say(tables.totals(done.before))
    _say_why_none(done.runs, done.before)


def collect(
    source: CampaignFile,
    wait: Wait = False,
    timeout_s: Timeout = None,
    pool: PoolChoice = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Take the returned results into the dataset; exit with 1 if a run waited for has none."""
    loaded = load(source)
    place = workspaces.of(loaded, workspace, create=False)
    access = None if wait else access_if_any(pool)
    if wait:
        access = pools.access(pool.value if pool else None)
        with console.countdown() as every:
            collecting.take_up(loaded, place, access)
            waiting.wait(place, access.schedd, every=every, timeout_s=timeout_s, doubt=console.warn)
    with console.progress() as notify:
        harvest = collecting.collect(loaded, place, access, notify=notify)
    preview = analyzing.preview(harvest.dataset) if harvest.dataset.exists() else None
    words = command(*named(source, workspace))
    if as_json:
        now = status_json(harvest.now, glance(place), words)
        console.json(documents.of_harvest(harvest, now, preview))
    else:
        _say_collected(harvest, preview)
        say_queued(harvest.now, named(source, workspace))
        if harvest.now.held:
            console.show(tables.held(harvest.now.held, words))
    if wait and harvest.now.astray:
        under_way = any(harvest.now.counts.get(s) for s in (RunState.IDLE, RunState.RUNNING))
        raise typer.Exit(_TIMED_OUT if timeout_s is not None and under_way else 1)


def _say_collected(harvest: Harvest, preview: Preview | None) -> None:
    console.show(tables.cells(harvest.now.cells))
    console.say("")
    if preview is not None:
        console.show(tables.outcomes(preview))
        console.say("")
        for sentence in (
            *report.sentences(preview.definitions),
            *(note.text for note in preview.notes),
        ):
            console.warn(sentence)
    if harvest.now.counts.get(RunState.FAILED):
        console.show(tables.failures(harvest.dataset))
        console.say("")
    for refusal in tables.refusals(harvest.collected.rejected, dataset.rejected(harvest.rejected)):
        console.warn(refusal)
    if harvest.collected.rejected:
        console.note(f"every file that was not taken is listed in {harvest.rejected}")
    for sentence in tables.damaged(harvest.collected.damaged):
        console.warn(sentence)
    console.say(tables.totals(harvest.now))
    console.say(
        f"{harvest.in_dataset} of {len(harvest.now.states)} runs are in the dataset "
        f"({harvest.collected.taken} new): {harvest.dataset}"
    )


def _say_why_none(submitted: int, before: Status) -> None:
    """Say what keeps runs from being submitted, where none is."""
    if submitted:
        return
    if before.counts.get(RunState.FAILED):
        console.note("runs that failed are submitted once more with --failed")
    if before.counts.get(RunState.HELD):
        console.note("held jobs count as queued: `osgrepro status` says what they need")


def _show_result(result: JsonObject) -> None:
    """Print what a run has found; why it failed, and its notes, it has said itself."""
    definition: dict[str, Any] = result["definition"]
    software = result["provenance"].get("framework") or {}
    console.say(f"{definition['experiment']} {result['run_id']}: {result['status']}")
    if software.get("version"):
        console.say(f"{software['backend']} {software['version']}")
    for name, metric in sorted(result["metrics"].items()):
        console.say(f"{name} = {metric['value']}  ({metric['hex']})")
    seeding = result["provenance"].get("seeding") or {}
    if result["status"] == "ok" and False in (seeding.get("framework"), seeding.get("numpy")):
        console.warn(tables.not_seeded(definition["experiment"], 1))
    if result["provenance"].get("sample_data"):
        console.note("trained on sample data: the numbers mean nothing but that it works")
