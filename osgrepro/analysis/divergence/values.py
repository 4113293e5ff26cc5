"""What a comparison of two runs finds, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from osgrepro.analysis.findings import DivergenceAnswer, StageStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two runs, by what people know it."""

    run_id: str
    experiment: str
    hardware: str
    software: str
    repeat: int
    status: str
    machine: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Gradient:
    """A variable's gradient at the step at which the runs part, and what computes it."""

    variable: str
    operation: str
    kind: str
    status: StageStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """Where the runs part.

    Parameters
    ----------
    stage : str
        The stage's name, as in :class:`Stage`.
    step, epoch : int or None
        From 1; None where the stage has none.
    variable : str or None
        The variable, file, series of losses, metric or operation of a probe that differs.
    operation, kind : str
        What computes it, and what kind of work that is; ``unknown`` where its name doesn't tell.
    a, b : str or None
        What either run recorded: a hash, a hexadecimal float or a setting.
    ulps : int or None
        How many floats of ``precision`` apart two numbers are; None for all else.
    precision : str or None
        ``float32`` where both numbers are float32's, else ``float64``.
    """

    stage: str
    step: int | None = None
    epoch: int | None = None
    variable: str | None = None
    operation: str = "unknown"
    kind: str = "unknown"
    a: str | None = None
    b: str | None = None
    ulps: int | None = None
    precision: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One thing that both runs may have recorded, in the order of training.

    ``point`` is what of it differs first; None unless ``status`` is ``differs``.
    """

    name: str
    status: StageStatus
    text: str = ""
    step: int | None = None
    point: Point | None = None
    gradients: tuple[Gradient, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Something about the machine or the software that differs: it may be the cause."""

    what: str
    a: str
    b: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Divergence:
    """Where two runs part, and what may be the cause.

    Parameters
    ----------
    answer : str
        ``same`` if nothing that both recorded of the training differs, ``differs``, or ``not
        assessable`` if nothing of it was recorded by both.
    text : str
        The answer as one sentence.
    explanation : tuple of str
        How far the answer reaches: what can be told of the operation, and what can't.
    first : Point or None
        Where they part; None unless they do.
    stages : tuple of Stage
        All that was compared, in the order of training.
    candidates : tuple of Candidate
        What differs of the machines and the software.
    notes : tuple of str
        What a reader should know of either run: failed, not traced, another payload.
    """

    answer: DivergenceAnswer
    text: str
    explanation: tuple[str, ...]
    a: Side
    b: Side
    first: Point | None
    stages: tuple[Stage, ...]
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]
