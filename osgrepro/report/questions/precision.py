"""Precision by ISO 5725-2 and variance components, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from osgrepro.analysis.findings import (
    NOT_ASSESSABLE,
    TIED,
    AgainstSeeds,
    Components,
    ExperimentFindings,
    MetricPrecision,
    NotAssessable,
    Precision,
    is_share,
)
from osgrepro.common.texts import counted
from osgrepro.report import words
from osgrepro.report.values import Section

_COLUMNS = (
    "metric",
    "software",
    "labs",
    "range",
    "s_r",
    "s_R",
    "s_R, 95 %",
    "r",
    "R",
    "sampling",
    "baseline",
)


def precision(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return s_r, s_R and their limits beside the sampling error and the trivial baseline."""
    units = {metric: words.unit_of(experiment, metric) for metric in experiment.metrics}
    rows = [_row(measured, units[measured.metric]) for measured in experiment.precision]
    lines = [
        *against_seeds(experiment),
        "In the words of ISO 5725, hardware environments are the laboratories. s_r is the standard "
        "deviation of repeats, s_R that of runs on different hardware; r and R are 2.8 times s_r "
        "and s_R: two runs differ by more than that in one of twenty cases. Spreads of accuracies "
        "are in percentage points; only accuracies have a sampling error and a baseline.",
        "The interval of s_R takes the environments for a random sample: a kind of machine that "
        "is not among them is in no interval.",
        *words.reasons(_asked(experiment)),
        *pooled(experiment),
        *_outliers(experiment),
    ]
    table = words.table(_COLUMNS, rows, right=_COLUMNS[2:], most=most)
    return Section(name="precision", title="Precision", level=2, lines=tuple(lines), table=table)


def _asked(experiment: ExperimentFindings) -> Iterator[tuple[str, object]]:
    """Yield what was asked and its answer: once where all metrics and software have the same."""
    answers: dict[str, dict[str, object]] = {}
    for measured in experiment.precision:
        of = f"{measured.metric}, {measured.software}"
        answers.setdefault("precision", {})[of] = measured.precision
        answers.setdefault("machines against seeds", {})[of] = measured.against_seeds
        # What is no accuracy has neither, and nobody misses them.
        if is_share(measured.metric):
            answers.setdefault("sampling error", {})[of] = measured.scale.sampling_error
            answers.setdefault("baseline", {})[of] = measured.scale.baseline
    for what, by_place in answers.items():
        several = list(by_place.values())
        if all(answer == several[0] for answer in several):
            yield what, several[0]
        else:
            yield from ((f"{what} of {of}", answer) for of, answer in by_place.items())


def _row(metric_precision: MetricPrecision, unit: words.Unit) -> tuple[str, ...]:
    known, scale = metric_precision.precision, metric_precision.scale
    error = None if isinstance(scale.sampling_error, NotAssessable) else scale.sampling_error
    baseline = None if isinstance(scale.baseline, NotAssessable) else scale.baseline
    last = (unit.spread(error), unit.value(baseline))
    if isinstance(known, NotAssessable):
        return (metric_precision.metric, metric_precision.software, *[NOT_ASSESSABLE] * 7, *last)
    return (
        metric_precision.metric,
        metric_precision.software,
        str(known.laboratories),
        unit.extent(known.minimum, known.maximum),
        repeatability(known, unit),
        unit.spread(known.s_R),
        unit.interval(known.s_R_interval),
        words.NONE if known.tied else unit.spread(known.r),
        unit.spread(known.R),
        *last,
    )


def repeatability(known: Precision, unit: words.Unit) -> str:
    """Return s_r; where all repeats agree it is not 0 but bounded by the chance of another one."""
    if not known.tied:
        return unit.spread(known.s_r)
    bound = "" if known.p_upper is None else f" (p ≤ {words.percent(known.p_upper)})"
    return f"{TIED}{bound}"


def against_seeds(experiment: ExperimentFindings, metric: str | None = None) -> Iterator[str]:
    """Yield whether another machine changes a metric more than another seed does."""
    for measured in experiment.precision:
        answer, unit = measured.against_seeds, words.unit_of(experiment, measured.metric)
        if metric not in (None, measured.metric) or not isinstance(answer, AgainstSeeds):
            continue
        machines, seeds = unit.spread(answer.environments), unit.spread(answer.seeds)
        yield (
            f"{measured.metric}, {measured.software}: the standard deviation between machines is "
            f"{machines}, that between seeds {seeds}{_times(answer)}."
        )


def _times(answer: AgainstSeeds) -> str:
    """Return how many times as large the one is, from where to where, and which is larger."""
    if answer.ratio is None or (not answer.ratio and answer.high is None):
        return ""
    sure = words.percent(answer.confidence)
    most = "no limit" if answer.high is None else f"{answer.high:.2g}"
    text = f": {answer.ratio:.2g} times as large ({answer.low:.2g} to {most}, {sure} confidence)"
    if answer.low > 1:
        return f"{text}, so that machines change more"
    if answer.high is not None and answer.high < 1:
        return f"{text}, so that seeds change more"
    return f"{text}, which does not tell which of the two changes more"


def pooled(experiment: ExperimentFindings, metric: str | None = None) -> Iterator[str]:
    """Yield where s_r is of environments that repeat and of others together, and both values."""
    for measured in experiment.precision:
        known, unit = measured.precision, words.unit_of(experiment, measured.metric)
        if metric not in (None, measured.metric) or not isinstance(known, Precision):
            continue
        if known.s_r_moving is not None:
            yield (
                f"{measured.metric}, {measured.software}: s_r {unit.spread(known.s_r)} is over "
                f"all {counted(known.laboratories, 'hardware environment')}; over the "
                f"{'only one' if known.moving == 1 else known.moving} whose "
                f"repeats disagree it is {unit.spread(known.s_r_moving)}."
            )


def _outliers(experiment: ExperimentFindings) -> Iterator[str]:
    for measured in experiment.precision:
        if isinstance(measured.precision, Precision) and measured.precision.outliers:
            flags = words.names(
                [
                    f"{outlier.hardware} ({outlier.test}, {outlier.level})"
                    for outlier in measured.precision.outliers
                ],
                6,
            )
            yield (
                f"{measured.metric}, {measured.software}: outlier tests flag {flags}; nothing was "
                "taken out."
            )


def components(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return the variance components of each metric: the share of variation of each factor."""
    rows: list[tuple[str, ...]] = []
    lines: list[str] = []
    if any(isinstance(answer, Components) for answer in experiment.components):
        lines.append(_ESTIMATES)
    for metric, answer in zip(experiment.metrics, experiment.components, strict=False):
        if isinstance(answer, Components):
            rows += _components(answer, words.unit_of(experiment, metric))
        else:
            lines.append(f"{metric}: {words.unknown(answer)}")
    columns = ("metric", "factor", "share", "sd", "variance, 95 %", "raw variance")
    table = words.table(columns, rows, right=columns[2:], most=most) if rows else None
    return Section(
        name="components", title="Variance components", level=2, lines=tuple(lines), table=table
    )


_ESTIMATES = (
    "Estimates are by REML, none below 0, with profile-likelihood intervals; that of an estimate "
    "of 0 is an upper limit. The raw variance is ANOVA's, which may be below 0 and exists only "
    "where no run is missing. Of accuracies the standard deviation (sd) is in percentage points, "
    "and variances are in squared percentage points."
)


def _components(estimated: Components, unit: words.Unit) -> Iterator[tuple[str, ...]]:
    for component in estimated.components:
        yield (
            estimated.metric,
            component.factor,
            words.percent(component.share),
            unit.spread(component.variance**0.5),
            words.interval(component.interval, unit.factor**2),
            words.NONE if component.raw is None else f"{component.raw * unit.factor**2:.3g}",
        )
