"""What determines the outcome class, and what emulation says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from osgrepro.analysis.findings.common import NotAssessable
from osgrepro.analysis.findings.outcome_names import EmulationAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The hardware environments that share the values of a set of attributes, and their class."""

    values: Mapping[str, str]
    letter: str
    hardware: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One of the smallest sets of attributes whose values determine the outcome class.

    ``aliases`` maps an attribute of the set to those that could stand in its place.
    """

    attributes: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    groups: tuple[Group, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterexample:
    """Two hardware environments that refute ``attributes`` as the whole cause."""

    attributes: tuple[str, ...]
    first: str
    second: str
    why: Literal["same values, different class"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NextRun:
    """The cheapest further run that would tell two explanations apart."""

    text: str
    between: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """What determines the outcome class in one software environment, among ``hardware``.

    ``scope`` is ``CPU`` (runs without a GPU), ``GPU`` or ``all``. ``causes`` are the smallest sets,
    and before them those of one attribute more that divide the environments less finely;
    ``considered`` are the attributes that vary, ``constant`` those that can't be judged here.
    """

    software: str
    scope: Literal["CPU", "GPU", "all"]
    classes: int
    hardware: int
    causes: tuple[Cause, ...] | NotAssessable
    counterexamples: tuple[Counterexample, ...]
    next_run: NextRun | None
    considered: tuple[str, ...]
    constant: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """What an emulated environment says of a remote one: the same class or another.

    ``answer`` is ``confirmed`` to the last bit, ``refuted``, or ``not emulable``; ``emulation``
    says what was emulated, ``not_emulated`` what was not like the remote. ``p_upper`` bounds the
    probability that a further emulated run differs, where it is confirmed (95 % confidence).
    """

    experiment: str
    software: str
    remote: tuple[str, ...]
    remote_class: str
    emulated: str | None
    emulated_class: str | None
    answer: EmulationAnswer
    emulation: tuple[str, ...]
    not_emulated: tuple[str, ...]
    text: str
    p_upper: float | None = None
