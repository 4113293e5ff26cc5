"""Claims put to the test, and the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from osgrepro.analysis.findings.common import Interval, NotAssessable
from osgrepro.analysis.findings.outcome_names import Answer


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimCell:
    """A claim in one environment: the difference a − b (a without b), and whether it holds there.

    ``p`` is the test's p-value, None where the means decide.
    """

    software: str
    hardware: str
    a: float
    b: float | None
    difference: float
    holds: bool
    p: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimFindings:
    """A declared claim, a − b > ``delta`` (a < ``delta`` where ``below``), in every environment.

    Differences are of ``metric``, in its unit.

    ``flips`` of ``environments`` contradict the majority's answer; ``share`` = q with its interval;
    two laboratories disagree with probability ``disagree`` = 2q(1−q); ``needed`` environments show
    a flip with 95 % probability. ``distinct`` of the environments differ in their outcome classes.
    ``alternatives`` are the same question under other declared metrics and tests (interpretation):
    name → whether each environment gives the same answer. ``unjudged`` environments have no run
    that can judge the claim.
    """

    name: str
    statement: str
    answer: Answer
    holds: int
    environments: int
    distinct: int
    flips: int
    share: float | None
    interval: Interval | NotAssessable
    disagree: float | None
    needed: int | None
    cells: tuple[ClaimCell, ...]
    alternatives: Mapping[str, bool | None]
    text: str
    delta: float = 0.0
    below: bool = False
    test: str = "difference"
    unjudged: int = 0
    metric: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The answer at one level of reproducibility, in one word and one sentence.

    ``says`` is what the answer is about, where the word alone would be taken for another: that a
    claim has the same answer everywhere does not say that it holds.
    """

    level: Literal["repeatability", "outcome", "analysis", "interpretation"]
    answer: Answer
    text: str
    says: str = ""
