"""Precision by ISO 5725-2 and variance components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osgrepro.analysis.findings.common import Interval, NotAssessable


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlier:
    """What an outlier test of ISO 5725-2 flags; flagged, never deleted.

    ``test`` is Cochran's C, Grubbs' G or Mandel's h or k; ``level`` is ``straggler`` between the
    5 % and the 1 % critical value and ``outlier`` above the latter.
    """

    test: Literal["Cochran C", "Grubbs", "Mandel h", "Mandel k"]
    hardware: str
    statistic: float
    critical: float
    level: Literal["straggler", "outlier"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Precision:
    """Precision by ISO 5725-2 with hardware environments as laboratories, in the metric's unit.

    ``laboratories`` of them with ``runs`` runs; variances are s_r² (repeatability), s_L² (between)
    and s_R² = s_r² + s_L² (reproducibility); ``r`` and ``R`` are 2.8·s. Where ``tied``, all repeats
    agree bitwise and s_r = 0 is only bounded by ``p_upper``. ``moving`` laboratories have repeats
    that disagree, and ``s_r_moving`` is the repeatability of these alone.
    """

    laboratories: int
    runs: int
    mean: float
    minimum: float
    maximum: float
    s_r: float
    s_L: float  # noqa: N815, the standard's symbol
    s_R: float  # noqa: N815
    r: float
    R: float
    s_R_interval: Interval | NotAssessable  # noqa: N815
    tied: bool
    p_upper: float | None
    outliers: tuple[Outlier, ...]
    moving: int = 0
    s_r_moving: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """What a spread has to be compared with: sampling error and the trivial baseline.

    ``sampling_error`` is √(p(1−p)/N) for a share of ``test_set`` items; ``baseline`` is what a
    model reaches that always says the most frequent class.
    """

    test_set: int | NotAssessable
    sampling_error: float | NotAssessable
    baseline: float | NotAssessable


@dataclass(frozen=True, kw_only=True, slots=True)
class AgainstSeeds:
    """How far another machine moves a metric, against how far another seed does.

    ``environments`` is the standard deviation between hardware environments under the same seed,
    ``seeds`` that between seeds on the same hardware, repeats apart; ``ratio`` is the one by the
    other, from ``low`` to ``high`` at ``confidence``. None: no limit, as no seed may change it.
    """

    environments: float
    seeds: float
    ratio: float | None
    low: float
    high: float | None
    confidence: float
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricPrecision:
    """The precision of one metric in one software environment.

    ``against_seeds`` is None only in findings of before it was computed.
    """

    software: str
    metric: str
    precision: Precision | NotAssessable
    scale: Scale
    against_seeds: AgainstSeeds | NotAssessable | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One variance component: the estimate, never below 0, and its share of all of them.

    ``raw`` is ANOVA's estimate of a full grid, which may be below 0; None where runs are missing.
    """

    factor: str
    variance: float
    raw: float | None
    share: float
    interval: Interval | NotAssessable


@dataclass(frozen=True, kw_only=True, slots=True)
class Components:
    """Variance components of one metric: crossed random effects, by REML (formerly by ANOVA)."""

    metric: str
    method: Literal["ANOVA", "REML"]
    components: tuple[Component, ...]
    mean: float
