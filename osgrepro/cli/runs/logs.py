"""``osgrepro logs``: the events, results and output of one run, in the order of its attempts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Annotated

import typer

from osgrepro.cli import console
from osgrepro.cli.arguments import CampaignFile, Json, Workspace
from osgrepro.common.models import JobEvent
from osgrepro.common.models import Json as JsonObject
from osgrepro.workflow.loading import load
from osgrepro.workflow.runs import workspaces
from osgrepro.workflow.runs.monitoring import run_logs, usage
from osgrepro.workflow.runs.monitoring.run_logs import JobLog, Output, RunLog

_FACTS = {"ReturnValue": "exit code {}", "HoldReasonCode": "code {}"}
_REASONS = ("HoldReason", "Reason", "LogNotes")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(logs)


def logs(
    source: CampaignFile,
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="A run's id, or as many of its first digits as no other run has.",
            show_default=False,
        ),
    ],
    tail: Annotated[
        int | None,
        typer.Option(
            "--tail",
            metavar="N",
            min=1,
            help="Only the last N lines of what each job wrote on stdout and on stderr.",
            show_default=False,
        ),
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Show the events, the results and the output of a run, of every attempt, in their order."""
    loaded = load(source)
    place = workspaces.look(loaded, workspace)
    run_log = run_logs.of_run(loaded, place, run)
    if as_json:
        console.json(_as_json(run_log, tail))
        return
    console.say(_heading(run_log))
    if not run_log.jobs:
        console.say("no job was submitted for it from this folder")
    for job in run_log.jobs:
        console.say("")
        console.styled(f"job {job.name} ({job.batch.name})", "bold")
        _show_events(job)
        for path in job.results:
            console.say(f"result: {path}")
        for output in job.outputs:
            _show_output(output, tail)


def _heading(run_log: RunLog) -> str:
    if run_log.run is None:
        return f"run {run_log.run_id}: the campaign no longer has it"
    run = run_log.run
    return f"run {run_log.run_id}: {', '.join(run.cell)}, seed {run.seed}, repeat {run.repeat}"


def _show_events(job: JobLog) -> None:
    console.say(f"events: {job.event_log}")
    if not job.attempts:
        console.say("  the event log does not tell of it")
    for attempt in job.attempts:
        if attempt.number:
            machine = attempt.events[0].facts
            slot = f" ({machine['Name']})" if machine.get("Name") else ""
            console.say(f"attempt {attempt.number} on {usage.machine_name(machine)}{slot}")
        for event in attempt.events:
            moment = datetime.fromtimestamp(event.at_s, timezone.utc)
            console.say(f"  {moment:%Y-%m-%d %H:%M:%S} UTC  {', '.join(_described(event))}")


def _described(event: JobEvent) -> Iterator[str]:
    """Yield what an event says: HTCondor's name of it, and its facts."""
    yield event.kind.replace("_", " ").lower()
    if event.kind == "EXECUTE":
        return
    for name, words in _FACTS.items():
        if name in event.facts:
            yield words.format(event.facts[name])
    for name in _REASONS:
        if event.facts.get(name):
            yield str(event.facts[name])


def _as_json(run_log: RunLog, tail: int | None) -> JsonObject:
    run = run_log.run
    definition = None
    if run is not None:
        names = ("experiment", "hardware", "software", "seed", "repeat")
        definition = {name: getattr(run, name) for name in names}
    return {
        "run_id": run_log.run_id,
        "run": definition,
        "jobs": [_job_json(job, tail) for job in run_log.jobs],
    }


def _job_json(job: JobLog, tail: int | None) -> JsonObject:
    return {
        "job": job.name,
        "batch": job.batch.name,
        "event_log": str(job.event_log),
        "attempts": [
            {
                "attempt": attempt.number,
                "machine": usage.machine_name(attempt.events[0].facts) if attempt.number else None,
                "events": [
                    {"event": event.kind, "at_s": event.at_s, "facts": dict(event.facts)}
                    for event in attempt.events
                ],
            }
            for attempt in job.attempts
        ],
        "results": [str(path) for path in job.results],
        **{output.stream: _output_json(output, tail) for output in job.outputs},
    }


def _output_json(output: Output, tail: int | None) -> JsonObject:
    try:
        lines: list[str] | None = list(output.lines(tail))
    except OSError:
        lines = None
    return {"file": str(output.path), "lines": lines}


def _show_output(output: Output, tail: int | None) -> None:
    """Print what a job wrote, set in, so that no line of it looks like one of ours."""
    console.say(f"{output.stream}: {output.path}")
    empty = True
    try:
        for line in output.lines(tail):
            empty = False
            console.raw(f"  {line}\n")
    except FileNotFoundError:
        console.say("  (not here: it comes back when an attempt ends)")
        return
    except OSError as error:
        console.say(f"  (can't be read: {error.strerror or error})")
        return
    if empty:
        console.say("  (empty)")
