"""Why results differ: between machines the cause with its chance, or that none is known.

Then why repeats differ, where they do on GPUs: no attribute can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osgrepro.analysis.findings import (
    LIKELY,
    NONDETERMINISTIC,
    Attribution,
    Cause,
    Findings,
    NotAssessable,
)
from osgrepro.report import words
from osgrepro.report.questions import causes

# Tables whose cause is named.
_MOST = 2
_DIFFER = "Between hardware environments:"
_TABLE = " (a table: one experiment with one image, on CPUs or on GPUs)"


def why(findings: Findings) -> Iterator[str]:
    """Yield what goes along with the results, where they differ between hardware environments.

    A table is an experiment in one software environment, on CPUs or on GPUs.
    """
    tables = _tables(findings)
    if tables:
        yield f"{_DIFFER} {_machines(tables, named(findings))}."
    yield from _repeats(findings)


def named(findings: Findings) -> list[Explained]:
    """Return the tables whose cause is more than chance among all of them, the surest first."""
    tables = _tables(findings)
    return [own for own in _fitting(tables) if _among(own[1], len(tables)) <= LIKELY]


Explained = tuple[str, Attribution, Cause]


def _tables(findings: Findings) -> list[tuple[str, Attribution]]:
    """Return the tables in which machines differ, with their experiments."""
    return [
        (experiment.name, table)
        for experiment in findings.experiments
        for table in causes.own_scopes(experiment.attribution)
        if table.classes > 1
    ]


def _fitting(tables: Sequence[tuple[str, Attribution]]) -> list[Explained]:
    """Return the tables that something fits better than chance would, each by itself."""
    fitting = [
        (name, table, cause)
        for name, table in tables
        if not table.by_chance and (cause := _smallest(table)) is not None
    ]
    return sorted(fitting, key=lambda own: own[1].chances[0].share)


def _machines(tables: Sequence[tuple[str, Attribution]], explained: Sequence[Explained]) -> str:
    """Return why machines differ, as the rest of a sentence."""
    fitting = _fitting(tables)
    if not explained and fitting:
        return f"{_none(tables)}. {_nearest(*fitting[0], len(tables))}"
    if not explained:
        return _unknown(tables)
    parts = [_named(*own, len(tables)) for own in explained[:_MOST]]
    if further := max(0, len(explained) - _MOST):
        parts.append(f"{words.count(further, 'more table')} below")
    if open_ := len(tables) - len(explained):
        rest = "the other table tells" if open_ == 1 else f"the other {open_} tables tell"
        parts.append(f"{rest} no cause{_TABLE}")
    return "; ".join(parts)


def _repeats(findings: Findings) -> Iterator[str]:
    """Yield that attributes can't tell why repeats differ, where all that do are on GPUs."""
    moving = [
        cell
        for experiment in findings.experiments
        for cell in experiment.cells
        if cell.repeatability == NONDETERMINISTIC
    ]
    if not moving or not all(cell.gpu for cell in moving):
        return
    if all(len(cell.hosts) == 1 for cell in moving):
        why_not = "no attribute explains it, for image and machine are the same"
    else:
        why_not = "not explained; those of a cell are not known to be of one machine"
    yield (
        f"Between repeats ({words.count(len(moving), 'cell')}, on GPUs): {why_not}. GPU operations "
        "that are not deterministic are the usual reason, which was not tested here."
    )


def _none(tables: Sequence[tuple[str, Attribution]]) -> str:
    """Return that no table can tell a cause, and what a table is."""
    if len(tables) == 1:
        name, table = tables[0]
        return f"{_place(name, table)} can't tell"
    return f"none of {len(tables)} tables can tell{_TABLE}"


def _among(table: Attribution, tables: int) -> float:
    """Return how often at most some of so many tables would fit by chance as well as this one.

    Bonferroni's bound: those count, too, that nothing fits, for chance might have made it fit.
    """
    return min(1.0, tables * table.chances[0].share)


def _named(name: str, table: Attribution, cause: Cause, tables: int) -> str:
    """Return a cause with its chance: in its table, and in any of those that were looked at."""
    among = f", in some of {tables} tables in up to {words.percent(_among(table, tables))}"
    return (
        f"{_fit(name, table, cause)} (by chance in {words.percent(table.chances[0].share)} of cases"
        f"{among if tables > 1 else ''})"
    )


def _nearest(name: str, table: Attribution, cause: Cause, tables: int) -> str:
    """Return what fits one table too well for chance, but not the best of so many tables."""
    best = words.percent(_among(table, tables))
    return (
        f"The nearest, {_braced(cause.attributes)} for {_place(name, table)}, may be chance: up to "
        f"{best} of studies of {tables} tables without any cause have one that fits as well"
    )


def _fit(name: str, table: Attribution, cause: Cause) -> str:
    alike = ""
    if cause.testable and cause.testable != cause.attributes:
        alike = f", or with {_braced(cause.testable)}, which divide the same way"
    return f"{_place(name, table)} goes along with {_braced(cause.attributes)}{alike}"


def _place(name: str, table: Attribution) -> str:
    return f"{name}{_PLACES[table.scope]} with {table.software}"


_PLACES = {"CPU": " on CPUs", "GPU": " on GPUs", "all": ""}


def _braced(attributes: Sequence[str]) -> str:
    return f"{{{', '.join(attributes)}}}"


def _smallest(table: Attribution) -> Cause | None:
    """Return the first of the smallest sets of attributes that fit and have a known chance."""
    if isinstance(table.causes, NotAssessable) or not table.chances:
        return None
    fitting = [cause for cause in table.causes if cause.attributes]
    return min(fitting, key=lambda cause: len(cause.attributes), default=None)


def _untold(tables: Sequence[Attribution]) -> str:
    """Return that nothing fits, or that everything would, as each machine is of its own class."""
    if all(table.classes == table.types and not table.by_site for table in tables):
        return (
            "each kind of machine has a class of its own, so no attribute can be singled out: any "
            "that tells them apart would explain it"
        )
    return "no recorded attribute tells"


def _sites(tables: Sequence[Attribution]) -> str:
    """Return that sites may be why, where the machines of each end alike."""
    if not any(table.by_site for table in tables):
        return ""
    return "; the machines of each site end alike, so that what a site has may be why"


def _unknown(tables: Sequence[tuple[str, Attribution]]) -> str:
    """Return that no cause is known, and whether some would fit by chance."""
    fitting = [table for _, table in tables if table.by_chance and _smallest(table)]
    every = [table for _, table in tables]
    if not fitting:
        return f"{_untold(every)}{_sites(every)}"
    chance = words.percent(min(table.chances[0].share for table in fitting))
    return (
        f"{_none(tables)}: attributes that have nothing to do with it would fit as well by "
        f"chance (in {chance} of cases or more){_sites(every)}"
    )
