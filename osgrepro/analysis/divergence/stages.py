"""Two recordings, stage by stage, in the order in which training happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from osgrepro.analysis.divergence.floats import distance
from osgrepro.analysis.divergence.operations import Operation, computed_by
from osgrepro.analysis.divergence.recorded import Recorded, Step
from osgrepro.analysis.divergence.values import Gradient, Point, Stage
from osgrepro.analysis.findings import DIFFERS, NOT_RECORDED, SAME, StageStatus

INPUTS = ("script", "parameters", "data files", "seed")

_NOTHING = Step(batch=None, outputs=None, gradients=(), weights=None)
_INPUT = Operation("none: it is an input", "input")
_PREPARED = Operation("the script's preparation of the data", "input")
_INITIALIZER = Operation("the initializers' random numbers", "initialization")
_PIPELINE = Operation("the order or preparation of the batches", "input")
_FORWARD = Operation("the forward pass", "forward pass")
_UPDATE = Operation("the optimizer's update, or a moving average", "update")
_EPOCH = Operation("unknown: any operation of the epoch", "unknown")
_EVALUATION = Operation("the evaluation after the epoch", "evaluation")
_REST = Operation("unknown: any operation since then", "unknown")
_PREDICTION = Operation("the forward pass of prediction", "evaluation")
_LABELS = Operation("the predictions' largest, or those above one half", "evaluation")
_METRIC = Operation("the evaluation", "evaluation")


def stages(a: Recorded, b: Recorded) -> Iterator[Stage]:
    """Yield all that can be compared, in the order of training."""
    yield _single("script", a.code, b.code, _INPUT)
    yield _named("parameters", a.settings, b.settings, _INPUT, empty=SAME)
    yield _named("data files", a.data, b.data, _INPUT, empty=SAME)
    yield _single("seed", a.seed, b.seed, _INPUT)
    yield _named("prepared data", a.prepared, b.prepared, _PREPARED)
    yield _single("initial weights", a.initial_weights, b.initial_weights, _INITIALIZER)
    for number, (first, second) in enumerate(
        zip_longest(a.steps, b.steps, fillvalue=_NOTHING), start=1
    ):
        yield from _step(number, first, second)
    yield _losses(a.losses, b.losses)
    yield _single("final weights", a.final_weights, b.final_weights, _REST)
    if a.probe or b.probe:
        yield _probe(a.probe, b.probe)
    yield _single("predictions", a.predictions, b.predictions, _PREDICTION)
    yield _single("labels", a.labels, b.labels, _LABELS)
    yield _metrics(a.metrics, b.metrics)


def _single(
    name: str, a: str | None, b: str | None, operation: Operation, step: int | None = None
) -> Stage:
    """Compare two hashes or settings."""
    if a is None or b is None:
        return Stage(name=name, step=step, status=NOT_RECORDED, text=_lacking(a, b))
    if a == b:
        return Stage(name=name, step=step, status=SAME)
    point = Point(stage=name, step=step, operation=operation.name, kind=operation.kind, a=a, b=b)
    return Stage(name=name, step=step, status=DIFFERS, point=point)


def _named(
    name: str,
    a: Mapping[str, str],
    b: Mapping[str, str],
    operation: Operation,
    *,
    empty: StageStatus = NOT_RECORDED,
) -> Stage:
    """Compare named hashes or settings, where a missing one is a difference."""
    if empty != SAME and not (a and b):
        return Stage(name=name, status=empty, text=_lacking(a or None, b or None))
    differing = [key for key in {**a, **b} if a.get(key) != b.get(key)]
    if not differing:
        return Stage(name=name, status=SAME)
    key = differing[0]
    point = Point(
        stage=name,
        variable=key,
        operation=operation.name,
        kind=operation.kind,
        a=a.get(key),
        b=b.get(key),
    )
    return Stage(name=name, status=DIFFERS, text=", ".join(differing), point=point)


def _step(number: int, a: Step, b: Step) -> Iterator[Stage]:
    yield _single("batch", a.batch, b.batch, _PIPELINE, number)
    if a.outputs or b.outputs:
        yield _single("outputs", a.outputs, b.outputs, _FORWARD, number)
    yield _gradients(number, a.gradients, b.gradients)
    yield _single("weights", a.weights, b.weights, _UPDATE, number)


def _gradients(
    number: int, a: tuple[tuple[str, str], ...], b: tuple[tuple[str, str], ...]
) -> Stage:
    """Compare a step's gradients, from the last variable, which back-propagation reaches first."""
    name = "gradients"
    if not (a and b):
        text = _lacking(a or None, b or None)
        return Stage(name=name, step=number, status=NOT_RECORDED, text=text)
    if len(a) != len(b):
        text = f"{len(a)} variables in A, {len(b)} in B"
        return Stage(name=name, step=number, status=NOT_RECORDED, text=text)
    pairs = [
        (_gradient(variable, SAME if ours == theirs else DIFFERS), ours, theirs)
        for (variable, ours), (_, theirs) in reversed(list(zip(a, b, strict=True)))
    ]
    gradients = tuple(gradient for gradient, _, _ in pairs)
    differing = [compared for compared in pairs if compared[0].status == DIFFERS]
    if not differing:
        return Stage(name=name, step=number, status=SAME, gradients=gradients)
    gradient, ours, theirs = differing[0]
    point = Point(
        stage=name,
        step=number,
        variable=gradient.variable,
        operation=gradient.operation,
        kind=gradient.kind,
        a=ours,
        b=theirs,
    )
    text = f"{len(differing)} of {len(pairs)}"
    return Stage(
        name=name, step=number, status=DIFFERS, text=text, point=point, gradients=gradients
    )


def _gradient(variable: str, status: StageStatus) -> Gradient:
    operation = computed_by(variable)
    return Gradient(variable=variable, operation=operation.name, kind=operation.kind, status=status)


def _losses(a: Mapping[str, tuple[str, ...]], b: Mapping[str, tuple[str, ...]]) -> Stage:
    """Compare the epochs' losses; within an epoch, training comes before evaluation."""
    name = "losses"
    both = sorted(set(a) & set(b), key=lambda series: (series.startswith("val_"), series))
    if not any(a[series] and b[series] for series in both):
        return Stage(name=name, status=NOT_RECORDED, text=_lacking(a or None, b or None))
    epochs = max(max(len(a[series]), len(b[series])) for series in both)
    for epoch in range(epochs):
        for series in both:
            if epoch >= min(len(a[series]), len(b[series])) or a[series][epoch] == b[series][epoch]:
                continue
            point = _numbers(
                name,
                series,
                a[series][epoch],
                b[series][epoch],
                _EVALUATION if series.startswith("val_") else _EPOCH,
                epoch + 1,
            )
            text = f"from epoch {epoch + 1} of {epochs}, {series}"
            return Stage(name=name, status=DIFFERS, text=text, point=point)
    if any(len(a[series]) != len(b[series]) for series in both):
        return Stage(name=name, status=SAME, text="one has more epochs; the others are the same")
    return Stage(name=name, status=SAME, text=f"{epochs} epochs")


def _probe(a: Mapping[str, str], b: Mapping[str, str]) -> Stage:
    """Compare the operations of a probe: each stands for itself, so all that differ are named."""
    name = "probe"
    both = [operation for operation in a if operation in b]
    if not both:
        return Stage(name=name, status=NOT_RECORDED, text=_lacking(a or None, b or None))
    differing = [operation for operation in both if a[operation] != b[operation]]
    if not differing:
        return Stage(name=name, status=SAME, text=f"{len(both)} operations")
    first = differing[0]
    point = Point(stage=name, variable=first, operation=first, kind="probe", a=a[first], b=b[first])
    return Stage(name=name, status=DIFFERS, text=", ".join(differing), point=point)


def _metrics(a: Mapping[str, str], b: Mapping[str, str]) -> Stage:
    name = "metrics"
    both = sorted(set(a) & set(b))
    if not both:
        return Stage(name=name, status=NOT_RECORDED, text=_lacking(a or None, b or None))
    differing = [metric for metric in both if a[metric] != b[metric]]
    if not differing:
        return Stage(name=name, status=SAME, text=", ".join(both))
    first = differing[0]
    point = _numbers(name, first, a[first], b[first], _METRIC)
    return Stage(name=name, status=DIFFERS, text=", ".join(differing), point=point)


def _numbers(
    stage: str, variable: str, a: str, b: str, operation: Operation, epoch: int | None = None
) -> Point:
    apart = distance(a, b)
    return Point(
        stage=stage,
        epoch=epoch,
        variable=variable,
        operation=operation.name,
        kind=operation.kind,
        a=a,
        b=b,
        ulps=apart.ulps if apart else None,
        precision=apart.precision if apart else None,
    )


def _lacking(a: object, b: object) -> str:
    """Say which side recorded nothing."""
    if a is None and b is None:
        return "by neither"
    if a is not None and b is not None:
        return "nothing that both have"
    return "not by A" if a is None else "not by B"
