"""The values that an analysis ends in: frozen, free of pandas, and the same in every format.

A question that the data can't answer holds :class:`NotAssessable` in the place of its answer, never
a zero and never a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 1

Grade = Literal["O0", "O1", "O2", "O3"]
Answer = Literal["yes", "no", "partly", "not assessable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NotAssessable:
    """No answer: why the data don't suffice, and what is missing for one."""

    why: str
    missing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A two-sided interval at ``confidence`` and how it was made, ``Clopper-Pearson`` say."""

    low: float
    high: float
    confidence: float
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A remark about the data or the design: a stable word, the sentence, and where it applies."""

    kind: str
    text: str
    where: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """What was analysed, counted; ``labels`` says what of it is not what it seems to be.

    ``labels`` maps ``emulated``, ``simulated_gpu``, ``sample_data`` and ``imported`` to how many
    rows are so; ``repeats`` is the smallest and the largest number of runs in a cell.
    """

    rows: int
    ok: int
    failed: int
    campaigns: tuple[str, ...]
    experiments: tuple[str, ...]
    software: tuple[str, ...]
    hardware: tuple[str, ...]
    repeats: tuple[int, int]
    labels: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeClass:
    """The runs whose results are bitwise the same: a letter, unique within the experiment.

    ``digest`` tells it from the others; ``metrics`` are its values, those of its first run in
    grades coarser than the class's own. ``software`` and ``hardware`` are where it was seen.
    """

    letter: str
    digest: str
    runs: int
    software: tuple[str, ...]
    hardware: tuple[str, ...]
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class GradeClasses:
    """How many outcome classes one grade knows, and whether all runs fall into one."""

    grade: Grade
    classes: int | NotAssessable
    same: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """The outcome classes of an experiment, the largest first, at the finest grade recorded."""

    grade: Grade
    classes: tuple[OutcomeClass, ...]
    grades: tuple[GradeClasses, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell: its runs, its outcome classes (letter → runs), and its primary metric.

    ``repeatability`` is ``tied`` where all its repeats agree bitwise, in which case ``p_upper``
    bounds the probability that a run of it disagrees (95 % confidence): 1 − 0.05^(1/k).
    ``emulated`` and ``simulated_gpu`` say that the slot only stood in for the hardware.
    """

    software: str
    hardware: str
    ok: int
    failed: int
    classes: Mapping[str, int]
    repeatability: Literal["tied", "nondeterministic"] | NotAssessable
    p_upper: float | None
    mean: float | None
    minimum: float | None
    maximum: float | None
    sd: float | None
    emulated: bool
    simulated_gpu: bool


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
    agree bitwise and s_r = 0 is only bounded by ``p_upper``.
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
class MetricPrecision:
    """The precision of one metric in one software environment."""

    software: str
    metric: str
    precision: Precision | NotAssessable
    scale: Scale


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One variance component: the estimate (a negative one is 0), the raw value, its share."""

    factor: str
    variance: float
    raw: float
    share: float
    interval: Interval | NotAssessable


@dataclass(frozen=True, kw_only=True, slots=True)
class Components:
    """Variance components of one metric: crossed random effects, by ANOVA or by REML."""

    metric: str
    method: Literal["ANOVA", "REML"]
    components: tuple[Component, ...]
    mean: float


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

    ``scope`` is ``CPU`` (runs without a GPU), ``GPU`` or ``all``. ``causes`` are the smallest sets;
    ``considered`` the attributes that vary, ``constant`` those that can't be judged here.
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
    says what was emulated, ``not_emulated`` what was not like the remote.
    """

    experiment: str
    software: str
    remote: tuple[str, ...]
    remote_class: str
    emulated: str | None
    emulated_class: str | None
    answer: Literal["confirmed", "refuted", "not emulable"]
    emulation: tuple[str, ...]
    not_emulated: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Adequacy:
    """How far the evidence of one experiment in one software environment reaches.

    ``distinct`` outcome classes among ``hardware`` environments, against the 8 laboratories of AOAC
    Appendix D; ``wilks`` is the content of [min, max] at 95 % confidence; ``coverage`` is
    Good-Turing's 1 − f₁/n and ``chao1`` Chao's estimate of all classes.
    """

    software: str
    hardware: int
    distinct: int
    enough_laboratories: bool
    wilks: float | NotAssessable
    coverage: float | NotAssessable
    chao1: float | NotAssessable
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentFindings:
    """Everything about one experiment."""

    name: str
    primary: str | None
    metrics: tuple[str, ...]
    outcomes: Outcomes | NotAssessable
    cells: tuple[Cell, ...]
    precision: tuple[MetricPrecision, ...]
    components: tuple[Components | NotAssessable, ...]
    attribution: tuple[Attribution, ...]
    adequacy: tuple[Adequacy, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimCell:
    """A claim in one environment: the difference a − b, and whether the claim holds there."""

    software: str
    hardware: str
    a: float
    b: float | None
    difference: float
    holds: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimFindings:
    """A declared claim put to the test in every environment.

    ``flips`` of ``environments`` contradict the majority's answer; ``share`` = q with its interval;
    two laboratories disagree with probability ``disagree`` = 2q(1−q); ``needed`` environments show
    a flip with 95 % probability. ``alternatives`` are the same question under other declared
    metrics and tests (interpretation): name → whether the answer is the same everywhere.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The answer at one level of reproducibility, in one word and one sentence."""

    level: Literal["repeatability", "outcome", "analysis", "interpretation"]
    answer: Answer
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """All that an analysis found. ``versions`` are those of what computed it."""

    schema_version: int
    versions: Mapping[str, str]
    data: Data
    verdicts: tuple[Verdict, ...]
    experiments: tuple[ExperimentFindings, ...]
    claims: tuple[ClaimFindings, ...]
    confirmations: tuple[Confirmation, ...]
    threads: tuple[Note, ...]
    design: tuple[Note, ...]
    notes: tuple[Note, ...]
