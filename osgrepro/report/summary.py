"""The answer in numbers: a line for each experiment and software environment.

Called by the sections, for what a terminal shows of each experiment and for a page's first table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from osgrepro.analysis.findings import (
    NONDETERMINISTIC,
    NOT_ASSESSABLE,
    TIED,
    Cell,
    Components,
    ExperimentFindings,
    Findings,
    NotAssessable,
    Precision,
)
from osgrepro.report import words
from osgrepro.report.questions import causes, chances, precision
from osgrepro.report.values import Section, Table

# A share of the variance that is worth a word on the screen.
_LEAST = 0.0005
_MEANINGS = {
    "software": "",
    "range": "",
    "spread": "",
    "s_r": "s_r between repeats",
    "s_R": "s_R between runs on different hardware",
    "s_R, 95 %": "its 95 % interval",
    "sampling": "sampling: the test set's sampling error",
    "classes": "classes: the outcome classes of all runs",
    "on CPUs": "on CPUs: those of runs on CPUs",
    "distinct": "distinct: how many hardware environments differ in them",
    "moving": "moving: on how many of those that repeat the repeats disagree",
}
_COLUMNS = tuple(_MEANINGS)
_TIED = (
    " Tied: all repeats agree, so that s_r is not known; a further one differs with a probability "
    "of at most p, at 95 % confidence."
)


def glance(findings: Findings, most: int | None) -> Section | None:
    """Return the primary metric of every experiment in every software environment, as one table."""
    # A page is too narrow for the interval.
    made = numbers(findings, without=("s_R, 95 %",), most=most)
    if made is None:
        return None
    line, table = made
    return Section(title="At a glance", level=1, lines=(line,), table=table, name="glance")


def numbers(
    findings: Findings, without: Collection[str] = (), most: int | None = None
) -> tuple[str, Table] | None:
    """Return what the columns of that table say, and the table; None if there is no experiment."""
    lines = [
        (experiment, _line(experiment, name))
        for experiment in findings.experiments
        for name in _software(experiment)
    ]
    if not lines:
        return None
    metrics = sorted({experiment.primary or "none" for experiment, _ in lines})
    # A page is too narrow for a column that says the same everywhere.
    several = len(metrics) > 1
    kept = [place for place, name in enumerate(_COLUMNS) if name not in without]
    rows = [
        (
            experiment.name,
            *([experiment.primary or words.NONE] if several else []),
            *(line[place] for place in kept),
        )
        for experiment, line in lines
    ]
    what = "the primary metric" if several else metrics[0]
    shown = [_COLUMNS[place] for place in kept]
    meanings = [f"Range and spread of {what} over all hardware"]
    meanings += [meaning for name in shown if (meaning := _MEANINGS[name])]
    said = f"{'; '.join(meanings)}. Spreads of accuracies are in percentage points."
    place = _COLUMNS.index("s_r")
    said += _TIED if any(line[place].startswith(TIED) for _, line in lines) else ""
    columns = ("experiment", *(["metric"] if several else []), *shown)
    return said, words.table(columns, rows, right=_COLUMNS[1:], most=most)


def summary(experiment: ExperimentFindings) -> Section:
    """Return a line for each software environment, and what decides the class."""
    unit = words.unit_of(experiment)
    title = f"{experiment.name}, {experiment.primary}" if experiment.primary else experiment.name
    spreads = f" Spreads are in {unit.of_spreads}." if unit.of_spreads else ""
    moving = [cell for cell in experiment.cells if cell.repeatability == NONDETERMINISTIC]
    lines = [
        causes.explained(table)
        for table in causes.own_scopes(experiment.attribution)
        if not isinstance(table.causes, NotAssessable)
    ]
    lines += chances.unlike(causes.own_scopes(experiment.attribution))
    lines += _seeds(experiment)
    lines += precision.pooled(experiment, experiment.primary)
    lines += words.reasons(
        (f"s_r and s_R, {measured.software}", measured.precision)
        for measured in experiment.precision
        if measured.metric == experiment.primary
    )
    if moving:
        where = words.names([f"{cell.hardware} ({cell.software})" for cell in moving])
        lines.append(f"Repeats disagree on {where}.")
    rows = [_line(experiment, name) for name in _software(experiment)]
    return Section(
        title=f"{title}.{spreads}",
        level=2,
        lines=tuple(lines),
        table=words.table(_COLUMNS, rows, right=_COLUMNS[1:]),
    )


def _software(experiment: ExperimentFindings) -> list[str]:
    return list(dict.fromkeys(cell.software for cell in experiment.cells))


def _seeds(experiment: ExperimentFindings) -> Iterator[str]:
    """Yield how much of the primary metric's variance is the seed's, where it varied."""
    for component in experiment.components:
        if isinstance(component, Components) and component.metric == experiment.primary:
            ranked = sorted(component.components, key=lambda part: -part.share)
            if any(part.factor == "seed" for part in ranked) and ranked[0].share > 0:
                shares = [
                    f"{part.factor} {words.percent(part.share)}"
                    for part in ranked[:4]
                    if part.share >= _LEAST
                ]
                yield f"Of the variance: {', '.join(shares)}."


def _line(experiment: ExperimentFindings, software: str) -> tuple[str, ...]:
    cells = [cell for cell in experiment.cells if cell.software == software]
    reach = next((reach for reach in experiment.adequacy if reach.software == software), None)
    unit = words.unit_of(experiment)
    own = next(
        (
            p
            for p in experiment.precision
            if (p.software, p.metric) == (software, experiment.primary)
        ),
        None,
    )
    measured = own.precision if own else None
    error = own.scale.sampling_error if own else None
    cpus = [
        table
        for table in experiment.attribution
        if (table.software, table.scope) == (software, "CPU")
    ]
    moving = sum(cell.repeatability == NONDETERMINISTIC for cell in cells)
    repeated = sum(not isinstance(cell.repeatability, NotAssessable) for cell in cells)
    if isinstance(measured, Precision):
        numbers: tuple[str, ...] = (
            unit.extent(measured.minimum, measured.maximum),
            unit.spread(measured.maximum - measured.minimum),
            precision.repeatability(measured, unit),
            unit.spread(measured.s_R),
            unit.interval(measured.s_R_interval),
        )
    else:
        numbers = (*_extent(cells, unit), *[words.NONE] * 3)
    return (
        software,
        *numbers,
        words.NONE if error is None or isinstance(error, NotAssessable) else unit.spread(error),
        str(len({letter for cell in cells for letter in cell.classes})),
        str(cpus[0].classes) if cpus else words.NONE,
        words.NONE
        if reach is None or reach.different is None
        else f"{reach.different} of {reach.hardware}",
        f"{moving} of {repeated}" if repeated else NOT_ASSESSABLE,
    )


def _extent(cells: Sequence[Cell], unit: words.Unit) -> tuple[str, str]:
    """Return from where to where the metric reaches, and how far that is."""
    low = [cell.minimum for cell in cells if cell.minimum is not None]
    high = [cell.maximum for cell in cells if cell.maximum is not None]
    if not low or not high:
        return NOT_ASSESSABLE, words.NONE
    return unit.extent(min(low), max(high)), unit.spread(max(high) - min(low))
