"""All sections of a report, in the order in which they are read: the answer first."""

from __future__ import annotations

from collections.abc import Iterator

from osgrepro.findings import (
    Attribution,
    Components,
    ExperimentFindings,
    Findings,
    NotAssessable,
    Note,
    Precision,
)
from osgrepro.report import causes, claims, outcomes, precision, words
from osgrepro.report.values import Section


def sections(found: Findings, most: int | None = None) -> tuple[Section, ...]:
    """Return everything that was found; tables have at most ``most`` rows."""
    return tuple(_sections(found, most))


def brief(found: Findings) -> tuple[Section, ...]:
    """Return the answer and what it rests on: what fits a terminal."""
    return tuple(_brief(found))


def _sections(found: Findings, most: int | None) -> Iterator[Section]:
    yield claims.verdicts(found)
    yield from claims.claims(found.claims, most)
    if (confirmed := causes.confirmations(found.confirmations, most)) is not None:
        yield confirmed
    for one in found.experiments:
        yield Section(title=one.name, level=1, lines=(primary(one),), name="experiment")
        yield outcomes.classes(one, most)
        yield outcomes.matrix(one, most)
        yield outcomes.repeatability(one, most)
        yield precision.precision(one, most)
        yield precision.components(one, most)
        yield causes.attribution(one, most)
        yield claims.adequacy(one, most)
    if found.threads:
        yield claims.notes("Threads", found.threads, "")
    yield claims.notes("Design", found.design, "Nothing in the design limits what can be said.")
    yield claims.notes("Notes", found.notes, "None.")


def _brief(found: Findings) -> Iterator[Section]:
    yield claims.verdicts(found)
    if found.claims:
        yield from claims.claims(found.claims, 5)
    if (confirmed := causes.confirmations(found.confirmations, 5)) is not None:
        yield confirmed
    for one in found.experiments:
        yield _summary(one)
    remarks = (*_unscaled(found), *found.threads, *found.design)
    if remarks:
        yield claims.notes("Limits", remarks[:_LIMITS], "", len(remarks) - _LIMITS)


def _unscaled(found: Findings) -> Iterator[Note]:
    """Yield once why spreads have no sampling error beside them."""
    errors = {
        one.scale.sampling_error: None
        for experiment in found.experiments
        for one in experiment.precision
        if one.metric == experiment.primary
    }
    for error in errors:
        if isinstance(error, NotAssessable):
            yield Note(kind="sampling", text=f"Sampling errors are {words.unknown(error)}.")


def primary(experiment: ExperimentFindings) -> str:
    """Return which metric the experiment is judged by."""
    if experiment.primary is None:
        return f"No primary metric; recorded are {words.names(experiment.metrics, 8) or 'none'}."
    return f"Its primary metric is {experiment.primary}."


_LIMITS = 8
# A share of the variance that is worth a word on the screen.
_LEAST = 0.0005
_COLUMNS = (
    *("software", "range", "spread", "s_r", "s_R", "s_R, 95 %", "sampling"),
    *("classes", "on CPUs", "distinct", "moving"),
)


def _summary(one: ExperimentFindings) -> Section:
    """Return a line for each software environment, and what decides the class."""
    software = list(dict.fromkeys(cell.software for cell in one.cells))
    unit = words.unit(one.primary or "")
    title = f"{one.name}, {one.primary}" if one.primary else one.name
    spreads = f" Spreads are in {unit.of_spreads}." if unit.of_spreads else ""
    moving = [cell for cell in one.cells if cell.repeatability == "nondeterministic"]
    lines = [line for each in _told(one.attribution) for line in _short(each)]
    lines += _seeds(one)
    lines += precision.pooled(one, one.primary)
    if moving:
        where = words.names([f"{cell.hardware} ({cell.software})" for cell in moving])
        lines.append(f"Repeats disagree on {where}.")
    return Section(
        title=f"{title}.{spreads}",
        level=2,
        lines=tuple(lines),
        table=words.table(_COLUMNS, [_line(one, name) for name in software], right=_COLUMNS[1:]),
    )


def _seeds(one: ExperimentFindings) -> Iterator[str]:
    """Yield how much of the primary metric's variance is the seed's, where it varied."""
    for found in one.components:
        if isinstance(found, Components) and found.metric == one.primary:
            ranked = sorted(found.components, key=lambda each: -each.share)
            if any(each.factor == "seed" for each in ranked) and ranked[0].share > 0:
                told = [
                    f"{each.factor} {words.percent(each.share)}"
                    for each in ranked[:4]
                    if each.share >= _LEAST
                ]
                yield f"Of the variance: {', '.join(told)}."


def _told(found: tuple[Attribution, ...]) -> list[Attribution]:
    """Return for each software environment the scopes that say something of their own."""
    several = {(one.software, one.scope) for one in found}
    return [
        one
        for one in found
        if one.scope != "all" or not {(one.software, "CPU"), (one.software, "GPU")} & several
    ]


def _short(one: Attribution) -> Iterator[str]:
    first, *others = causes.explained(one)
    yield first
    if one.next_run is not None:
        yield others[-1]


def _line(one: ExperimentFindings, software: str) -> tuple[str, ...]:
    cells = [cell for cell in one.cells if cell.software == software]
    unit = words.unit(one.primary or "")
    own = next(
        (p for p in one.precision if (p.software, p.metric) == (software, one.primary)), None
    )
    found = own.precision if own else None
    error = own.scale.sampling_error if own else None
    cpus = [each for each in one.attribution if (each.software, each.scope) == (software, "CPU")]
    moving = sum(cell.repeatability == "nondeterministic" for cell in cells)
    if isinstance(found, Precision):
        numbers: tuple[str, ...] = (
            f"{unit.value(found.minimum)} to {unit.value(found.maximum)}",
            unit.spread(found.maximum - found.minimum),
            precision.repeatability(found, unit),
            unit.spread(found.s_R),
            words.interval(found.s_R_interval, unit.factor),
        )
    else:
        numbers = ("not assessable", *[words.NONE] * 4)
    return (
        software,
        *numbers,
        words.NONE if error is None or isinstance(error, NotAssessable) else unit.spread(error),
        str(len({letter for cell in cells for letter in cell.classes})),
        str(cpus[0].classes) if cpus else words.NONE,
        f"{len({frozenset(cell.classes) for cell in cells})} of {len(cells)}",
        f"{moving} of {len(cells)}",
    )
