"""Label churn: on how many test examples two runs of an experiment predict different labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osgrepro.analysis.findings.common import Interval, NotAssessable

UNLABELLED = NotAssessable(
    why="no run recorded its labels",
    missing="runs of this version whose script calls context.predictions(array, truth)",
)
ChurnFactor = Literal["repeats", "hardware", "software", "environments", "seeds"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChurnLevel:
    """Churn between runs that differ in one thing alone.

    ``repeats``: of one environment and seed; ``hardware`` and ``software``: under one seed and with
    the other the same; ``environments``: any two under one seed; ``seeds``: of one environment. Of
    ``pairs``, ``differing`` have different labels somewhere; ``mean`` and ``largest`` are numbers
    of examples, the mean over all pairs.
    """

    between: ChurnFactor
    pairs: int
    differing: int
    mean: float
    largest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ChurnPair:
    """Two environments, each as (software, hardware), under ``seeds`` seeds that both ran with.

    ``churn`` is the number of examples with different labels and ``kappa`` Cohen's κ, the means
    over these seeds; ``interval`` is of the share of examples. ``alike`` counts the environments
    that predict as the first and as the second one. Accuracies are None without true labels.
    """

    first: tuple[str, str]
    second: tuple[str, str]
    alike: tuple[int, int]
    seeds: int
    churn: float
    share: float
    interval: Interval
    kappa: float | None
    accuracies: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassChurn:
    """How often two environments disagree on the ``examples`` whose true label is ``label``."""

    label: int
    examples: int
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Flip:
    """A test example, by its place from 0, on which a ``share`` of environment pairs disagrees."""

    example: int
    truth: int | None
    labels: tuple[int, ...]
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Examples:
    """What an experiment's runs predict, example by example.

    ``items`` is the number of test examples, ``vectors`` that of different predictions of all of
    them by ``runs`` runs; ``left_out`` runs have labels of other examples, or none. ``pairs`` and
    ``flips`` are the largest alone. ``equal`` is the pair with the same number of right labels
    under one seed that disagrees most. ``flipping`` examples divide environments under some seed,
    ``always`` under every one; None with a single seed. ``tied`` counts
    environments (by seed) of whose repeats no prediction is the most frequent.
    """

    items: int
    classes: int
    runs: int
    vectors: int
    left_out: int
    levels: tuple[ChurnLevel, ...]
    pairs: tuple[ChurnPair, ...]
    equal: ChurnPair | None
    by_class: tuple[ClassChurn, ...]
    flipping: int
    always: int | None
    flips: tuple[Flip, ...]
    tied: int = 0
