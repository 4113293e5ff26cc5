"""Claims put to the test, and the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from osgrepro.analysis.findings.common import Interval, NotAssessable
from osgrepro.analysis.findings.outcome_names import Answer, SameAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimCell:
    """A claim in one environment: the difference a − b (a without b), and whether it holds there.

    Where it neither ``holds`` nor ``contradicts``, it is undecided. ``p`` is the test's p-value,
    None where the means decide; ``p_holm`` is that of all tests together, and ``p_against`` the one
    of the contrary. The true difference is between ``low`` and ``high``, with α on each side.
    Single runs differ by ``lowest`` to ``highest``, the most extreme of a and of b. Where it is
    ``divided`` they are on both sides, and their mean decides.
    """

    software: str
    hardware: str
    a: float
    b: float | None
    difference: float
    holds: bool
    p: float | None = None
    contradicts: bool = False
    p_holm: float | None = None
    p_against: float | None = None
    low: float | None = None
    high: float | None = None
    lowest: float | None = None
    highest: float | None = None
    divided: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Heterogeneity:
    """Whether the environments' effects differ by more than their errors.

    ``q`` is Cochran's Q, or k − 1 times the ratio of variances that another ``test`` takes, None
    where effects without an error differ; ``degrees`` are its own, ``p`` is that of the ``test``,
    and ``i_squared`` is the share of what varies that is no error. Empty: of findings from before
    the test was named.
    """

    q: float | None
    degrees: int
    p: float
    i_squared: float
    test: Literal["", "exact", "Welch", "Brown-Forsythe", "blocks", "signs"] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeanEffect:
    """The mean of the environments' effects, its interval with α on each side, and its p-values.

    ``p_holm`` is for the claim and ``p_against`` for its contrary, of all claims together.
    """

    value: float
    low: float
    high: float
    p_holm: float
    p_against: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimFindings:
    """A declared claim, a − b > ``delta`` (a < ``delta`` where ``below``), in every environment.

    Where it has a ``margin`` it is that a − b, or a, is no further than that from ``delta``.
    Differences are of ``metric``, in its unit. It ``holds`` in some ``environments``, ``against``
    contradict it, and the others are undecided: their interval lies on both sides.

    ``flips`` contradict what most say of those that decide; ``share`` = q with its interval, for as
    many draws as ``machines``; two laboratories disagree with probability ``disagree`` = 2q(1−q);
    ``needed`` environments show a flip with 95 % probability. ``distinct`` of the environments
    differ in their outcome classes. ``alternatives`` are the same question under other declared
    metrics and tests (interpretation): name → whether the environments give the same answer.
    ``unjudged`` environments have no run that can judge the claim. ``tests`` are those that p_holm
    is of, of all claims together. In ``divided`` environments single runs are on both sides, and
    their mean decides.
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
    alternatives: Mapping[str, SameAnswer]
    text: str
    delta: float = 0.0
    below: bool = False
    test: str = "difference"
    unjudged: int = 0
    metric: str = ""
    against: int = 0
    machines: int = 0
    heterogeneity: Heterogeneity | None = None
    together: MeanEffect | None = None
    alpha: float = 0.05
    tests: int = 0
    margin: float | None = None
    divided: int = 0


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
