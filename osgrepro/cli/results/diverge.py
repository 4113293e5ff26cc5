"""The command that names the first point at which two runs part: diverge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer

from osgrepro.analysis.divergence import Divergence, Side, Stage
from osgrepro.analysis.findings import DIFFERS, NOT_ASSESSABLE, SAME
from osgrepro.cli import console
from osgrepro.cli.arguments import Json, Workspace
from osgrepro.workflow.results import diverging

# As cmp and diff: 1 is the answer "they differ", 2 that there is none.
_EXIT = {SAME: 0, DIFFERS: 1, NOT_ASSESSABLE: 2}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(diverge)


def diverge(
    run_a: Annotated[
        str,
        typer.Argument(metavar="RUN_A", help="A run id, its beginning, or the path of a result."),
    ],
    run_b: Annotated[str, typer.Argument(metavar="RUN_B", help="The other run, likewise.")],
    campaign: Annotated[
        list[str] | None,
        typer.Option(
            "--campaign",
            metavar="CAMPAIGN",
            help="The campaign that run ids are looked up in. May be repeated.",
            show_default=False,
        ),
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Name the first step, variable and operation at which two runs part.

    Exits as cmp does: 0 if all that was recorded is the same, 1 if they part, 2 if that
    can't be told.
    """
    done = diverging.diverge(run_a, run_b, campaign or (), workspace)
    if as_json:
        files = {"file_a": str(done.a), "file_b": str(done.b)}
        console.json({**asdict(done.divergence), **files})
    else:
        _show(done.divergence)
    if code := _EXIT[done.divergence.answer]:
        raise typer.Exit(code)


def _show(divergence: Divergence) -> None:
    console.say(divergence.text)
    for sentence in divergence.explanation:
        console.say(f"  {sentence}")
    console.say("")
    for name, side in (("A", divergence.a), ("B", divergence.b)):
        console.say(f"{name}: {_side(side)}")
    console.say("")
    shown = console.table("stage", "result", "what")
    for words in _rows(divergence):
        shown.add_row(*words)
    console.show(shown)
    if divergence.candidates:
        console.say("")
        differing = console.table("what else differs", "A", "B")
        for candidate in divergence.candidates:
            differing.add_row(candidate.what, _short(candidate.a), _short(candidate.b))
        console.show(differing)
    for note in divergence.notes:
        console.warn(note)


def _side(side: Side) -> str:
    cell = f"{side.experiment}/{side.hardware}/{side.software}"
    return f"{side.run_id}, {cell}, repeat {side.repeat}; {side.machine}"


def _rows(divergence: Divergence) -> Iterable[tuple[str, str, str]]:
    """Yield a row a stage; later steps than the one at which they part only follow from it."""
    first = divergence.first
    last = first.step if first else None
    for stage in divergence.stages:
        if last is not None and stage.step is not None and stage.step > last:
            continue
        yield (_name(stage), stage.status, stage.text)
        if first is not None and stage.point is first:
            for gradient in stage.gradients:
                yield (f"    {gradient.variable}", gradient.status, gradient.operation)


def _name(stage: Stage) -> str:
    return stage.name if stage.step is None else f"step {stage.step}: {stage.name}"


def _short(text: str) -> str:
    """Return a hash by its beginning, anything else whole."""
    is_hash = len(text) == 64 and set(text) <= set("0123456789abcdef")
    return f"{text[:12]}…" if is_hash else text
