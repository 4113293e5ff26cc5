"""The commands before anything runs: init, plan, data; and render, which is next door."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import (
    Ads,
    CampaignFile,
    Json,
    Limit,
    Only,
    PoolChoice,
    PoolName,
    Strict,
    Workspace,
)
from osgrepro.cli.campaign.rendering import render
from osgrepro.common.errors import UsageError
from osgrepro.common.models import DataFile, Hardware
from osgrepro.common.models import Json as JsonObject
from osgrepro.common.texts import command
from osgrepro.pool.condor import Feasibility
from osgrepro.runs.workspace import Workspace as CampaignFolder
from osgrepro.workflow import pools
from osgrepro.workflow.campaign import feasibility, planning
from osgrepro.workflow.campaign.init import init as write_first
from osgrepro.workflow.campaign.planning import Plan
from osgrepro.workflow.loading import listed, load, select
from osgrepro.workflow.runs import data as data_verb
from osgrepro.workflow.runs import sending, workspaces
from osgrepro.workflow.software import images
from osgrepro.workflow.software.staging import Staged


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``, in the order in which one uses them."""
    for verb in (init, plan, render, data):
        app.command()(verb)


def init(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Write a commented campaign into DIR, to start from."""
    target = write_first(folder)
    console.say(f"wrote {target}")
    console.note(f"next: edit it, then `{command('osgrepro', 'plan', target)}`")


def plan(
    source: CampaignFile,
    only: Only = None,
    limit: Limit = None,
    pool: PoolChoice = None,
    ads: Ads = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Show the matrix of a campaign and what it would submit; change nothing.

    With --pool or --ads it also says which slots could take each hardware environment.
    """
    if strict and pool is None and ads is None:
        raise UsageError(
            "--strict refuses what no slot of a pool offers, and no pool is named",
            hint="add --pool local, --pool ap or --ads FILE",
        )
    loaded = select(load(source), tuple(only or ()), limit)
    folder = workspaces.folder(loaded)
    planned = planning.plan(loaded, sending.rehearsed_paths(CampaignFolder(folder)))
    feasibilities = _feasibility(planned, pool, ads)
    if feasibilities and strict:
        feasibility.refuse(feasibilities)
    if as_json:
        console.json(_as_json(planned, feasibilities))
        return
    _show_plan(planned, feasibilities)
    for name, attributes in planned.unproved.items():
        console.warn(
            f"hardware {name}: is chosen by {', '.join(attributes)} and has no `proves`: a machine "
            "whose ad is wrong would count"
        )


def _feasibility(planned: Plan, pool: PoolName | None, ads: Path | None) -> tuple[Feasibility, ...]:
    """Return how the hardware stands where the user asks for it, else nothing."""
    if ads is not None:
        return feasibility.of_file(planned.loaded.matrix, ads)
    if pool is not None:
        return feasibility.of_pool(planned.loaded.matrix, pools.access(pool.value))
    return ()


def data(source: CampaignFile, workspace: Workspace = None, as_json: Json = False) -> None:
    """Fetch, verify or make the data that a campaign's experiments read, and stage them."""
    loaded = load(source)
    place = workspaces.of(loaded, workspace)
    with console.progress() as notify:
        files = data_verb.stage(loaded, place.inputs, notify=notify)
    if as_json:
        console.json([_data_json(file) for file in files])
        return
    shown = console.table("data", "MB", "sha256", "staged at", right=("MB",))
    for file in files:
        label = f"{file.spec} (sample)" if file.sample else file.spec
        size = f"{file.path.stat().st_size / 1e6:.1f}" if file.path else ""
        shown.add_row(label, size, (file.sha256 or "")[:12], str(file.path))
    console.show(shown)


def _data_json(file: DataFile) -> JsonObject:
    return {
        "data": file.spec,
        "sample": file.sample,
        "sha256": file.sha256,
        "size_bytes": file.path.stat().st_size if file.path else None,
        "file": str(file.path) if file.path else None,
    }


def _show_plan(planned: Plan, feasibilities: tuple[Feasibility, ...]) -> None:
    campaign, runs = planned.loaded.campaign, planned.loaded.matrix.runs
    whole, seeds = campaign.size, len(campaign.seeds)
    console.say(
        f"{campaign.name}: {len(campaign.experiments)} experiments × "
        f"{len(campaign.hardware)} hardware × {len(campaign.software)} software × "
        f"{f'{seeds} seeds × ' if seeds > 1 else ''}"
        f"{campaign.repeats} repeats = {whole} runs in {campaign.cells} cells"
    )
    if len(runs) != whole:
        console.say(f"selected: {len(runs)} runs in {len({run.cell for run in runs})} cells")
    shown = f"seed{'s' if seeds > 1 else ''} {listed(campaign.seeds)}"
    console.say(f"{shown}, threads {campaign.threads}, trace {campaign.trace}")
    for made in (
        _experiments(planned),
        _hardware(planned, feasibilities),
        _software(planned),
        _clusters(planned),
    ):
        console.say("")
        console.show(made)
    console.say("")
    for kind, several in (("software", campaign.software), ("experiment", campaign.experiments)):
        for entry in several:
            for name, value in entry.environment.items():
                console.say(f"{kind} {entry.name} sets {name}={value}")
    for file in planned.missing_data:
        console.warn(
            f"{file.spec} is not there yet, so the ids of the runs that read it are not final"
        )
    for sentence in (*feasibility.warnings(feasibilities), *images.doubts(planned.images.values())):
        console.warn(sentence)
    for sentence in planned.unseen:
        console.note(sentence)
    console.say("nothing was changed")


def _experiments(planned: Plan) -> Any:
    shown = console.table("experiment", "entry", "data", "params", "primary metric")
    for item in planned.loaded.campaign.experiments:
        params = ", ".join(f"{key}={value}" for key, value in item.params.items())
        shown.add_row(item.name, item.entry, " ".join(item.data), params, item.primary)
    return shown


def _hardware(planned: Plan, feasibilities: tuple[Feasibility, ...]) -> Any:
    """Return the hardware environments; where a pool was asked, with the slots that match."""
    numbers = ("cpus", "MB memory", "MB disk")
    slots = ("slots", "free") if feasibilities else ()
    by_name = {verdict.hardware: verdict for verdict in feasibilities}
    shown = console.table(
        "hardware", "requirements", *numbers, "gpus", *slots, right=(*numbers, *slots)
    )
    for item in planned.loaded.campaign.hardware:
        requests = (item.request_cpus, item.request_memory_mb, item.request_disk_mb)
        verdict = by_name.get(item.name)
        counts = (str(verdict.matching), str(verdict.free)) if verdict else ("",) * len(slots)
        shown.add_row(item.name, item.requirements, *map(str, requests), _gpus(item), *counts)
    return shown


def _gpus(hardware: Hardware) -> str:
    gpus = hardware.gpus
    if gpus is None:
        return ""
    capability = f" ≥ {gpus.minimum_capability}" if gpus.minimum_capability else ""
    return f"{gpus.count}{capability}{f' {gpus.device}' if gpus.device else ''}"


def _software(planned: Plan) -> Any:
    shown = console.table("software", "image", "state")
    for state in planned.images.values():
        shown.add_row(state.software, state.location, images.word(state))
    return shown


def _clusters(planned: Plan) -> Any:
    shown = console.table(
        "would submit: cluster", "runs", "experiments", "hardware", right=("runs",)
    )
    for item in planned.submissions:
        hardware = ", ".join(environment.name for environment in item.hardware)
        shown.add_row(item.name, str(len(item.runs)), str(len(item.experiments)), hardware)
    return shown


def _as_json(planned: Plan, feasibilities: tuple[Feasibility, ...]) -> dict[str, Any]:
    return {
        "feasibility": [asdict(verdict) for verdict in feasibilities],
        "campaign": planned.loaded.campaign.model_dump(mode="json"),
        "runs": [
            {
                "run_id": run.run_id,
                "experiment": run.experiment,
                "hardware": run.hardware,
                "software": run.software,
                "seed": run.seed,
                "repeat": run.repeat,
            }
            for run in planned.loaded.matrix.runs
        ],
        "clusters": [
            {"name": item.name, "runs": len(item.runs), "image": item.image.location}
            for item in planned.submissions
        ],
        "images": [
            {
                "software": state.software,
                "location": state.location,
                "state": (word := images.word(state)),
                "there": word == Staged.THERE.value,
            }
            for state in planned.images.values()
        ],
        "missing_data": [file.spec for file in planned.missing_data],
        "unproved": planned.unproved,
    }
