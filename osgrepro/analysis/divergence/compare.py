"""Two results → where they part: the answer, in words that claim no more than was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from osgrepro.analysis.divergence.machines import candidates, machine
from osgrepro.analysis.divergence.recorded import read
from osgrepro.analysis.divergence.stages import INPUTS, stages
from osgrepro.analysis.divergence.values import Divergence, Point, Side, Stage
from osgrepro.analysis.findings import DIFFERS, NOT_ASSESSABLE, NOT_RECORDED, SAME, DivergenceAnswer
from osgrepro.common.errors import InputError


def diverge(a: Mapping[str, Any], b: Mapping[str, Any]) -> Divergence:
    """Return the first point at which two runs part.

    Parameters
    ----------
    a, b : mapping
        Two results, parsed and validated.

    Raises
    ------
    InputError
        If they are of two experiments: neither the same entry nor the same code.
    """
    ours, theirs = read(a), read(b)
    if ours.entry != theirs.entry and ours.code != theirs.code:
        raise InputError(
            f"the runs are of two experiments: A of {ours.entry}, B of {theirs.entry}",
            hint="name two runs of one experiment",
        )
    compared = tuple(stages(ours, theirs))
    first = next((stage for stage in compared if stage.point is not None), None)
    differing = candidates(a, b)
    answer, text = _answer(compared, first)
    return Divergence(
        answer=answer,
        text=text,
        explanation=tuple(_explanation(compared, first, bool(differing))),
        a=_side(a),
        b=_side(b),
        first=first.point if first else None,
        stages=compared,
        candidates=differing,
        notes=tuple(_notes(a, b)),
    )


def _side(result: Mapping[str, Any]) -> Side:
    definition = result["definition"]
    return Side(
        run_id=result["run_id"],
        experiment=definition["experiment"],
        hardware=definition["hardware"],
        software=definition["software"],
        repeat=definition["repeat"],
        status=result["status"],
        machine=machine(result),
    )


def _answer(compared: tuple[Stage, ...], first: Stage | None) -> tuple[DivergenceAnswer, str]:
    if first is not None and first.point is not None:
        return DIFFERS, f"they part {_where(first.point)}"
    if any(stage.status == SAME for stage in compared if stage.name not in INPUTS):
        return SAME, "no divergence in all that was recorded"
    return NOT_ASSESSABLE, "not assessable: both recorded nothing of the training"


_SENTENCES = {
    "script": "before training: the script is another one",
    "parameters": "before training: the parameter {variable} is {a} in A, {b} in B",
    "data files": "before training: the data file {variable} is another one",
    "seed": "before training: the seed is {a} in A, {b} in B",
    "prepared data": "before training: the prepared array {variable} differs",
    "initial weights": "before training: the initial weights differ",
    "batch": "at step {step}: the batch differs",
    "outputs": "at step {step}: the model's outputs, in the forward pass",
    "gradients": "at step {step}: the gradient of {variable}, computed by {operation}",
    "weights": "at step {step}: the weights after it, in the optimizer's update",
    "losses": "in epoch {epoch}: {variable} is {a} in A, {b} in B{apart}",
    "final weights": "during training: the final weights differ",
    "probe": "at the operation {variable} of the probe",
    "predictions": "after training: the predictions differ",
    "labels": "after training: the predicted labels differ",
    "metrics": "after training: the metric {variable} is {a} in A, {b} in B{apart}",
}


def _where(point: Point) -> str:
    apart = "" if point.ulps is None else f" ({point.ulps} ulp of {point.precision})"
    shown = {"a": point.a or "not set", "b": point.b or "not set", "apart": apart}
    operation = "an unknown operation" if point.operation == "unknown" else point.operation
    return _SENTENCES[point.stage].format(
        step=point.step,
        epoch=point.epoch,
        variable=point.variable,
        operation=operation,
        **shown,
    )


def _explanation(
    compared: tuple[Stage, ...], first: Stage | None, differing: bool
) -> Iterator[str]:
    """Yield how far the answer reaches."""
    if first is None:
        return
    before = compared[: compared.index(first)]
    if first.name == "gradients":
        yield from _gradient_reach(first, before)
    elif first.name == "losses" and first.point is not None and first.point.kind == "evaluation":
        yield "only the evaluation after the epoch differs; what was trained with is still the same"
    elif first.name in ("losses", "final weights"):
        traced = [stage.step or 0 for stage in before if stage.status == SAME]
        yield (
            f"the traced steps, {max(traced)} of them, are the same: they part later"
            if max(traced, default=0)
            else "no step was traced by both: set trace = true in the campaign to see which step"
        )
    elif first.name == "weights":
        yield "every gradient that was recorded is the same"
    if not differing and first.name not in INPUTS:
        yield (
            "nothing that was recorded of the machines differs: compare repeats on one machine, "
            "the run may not repeat at all"
        )


def _gradient_reach(first: Stage, before: tuple[Stage, ...]) -> Iterator[str]:
    """Say whether it is this gradient's own operation, or something before it.

    A weight's gradient feeds no other gradient; so where one nearer the input is the same, what
    flows back through the layers was still the same, and this operation made the difference.
    """
    statuses = [gradient.status for gradient in first.gradients]
    at = statuses.index(DIFFERS)
    outputs = next(
        (s.status for s in before if s.name == "outputs" and s.step == first.step), NOT_RECORDED
    )
    differing = statuses.count(DIFFERS)
    yield (
        f"{differing} of {len(statuses)} gradients of the step differ; this one is the first in "
        "back-propagation"
    )
    if SAME in statuses[at:]:
        yield (
            "gradients nearer the input are the same, so what flows back through the layers had "
            "not parted: in a chain of layers it is this operation itself"
        )
    elif at > 0:
        yield (
            "gradients nearer the loss are the same: it is this operation, or what flows back to "
            "it from the layer above"
        )
    elif outputs == SAME:
        yield "the model's outputs are the same: it is this operation, or the loss's own gradient"
    else:
        yield (
            "it is the nearest to the loss, and all gradients differ: the forward pass may have "
            "parted before it, which these results did not record"
        )


def _notes(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    for name, result in (("A", a), ("B", b)):
        if result["status"] != "ok":
            failure = result.get("exception") or {}
            yield (f"{name} failed ({failure.get('type')}); what it recorded before is compared")
        problem = (result["provenance"].get("errors") or {}).get("trace")
        if problem:
            yield f"{name} has no whole trace: {problem}"
    if a["payload"] != b["payload"]:
        yield "the payloads differ: another version may seed or record differently"
    if a["definition"]["experiment"] != b["definition"]["experiment"]:
        yield "the experiments have two names, but the same entry or code"
    if len({bool(side["provenance"]["sample_data"]) for side in (a, b)}) == 2:
        yield "one was trained on sample data, the other was not"
