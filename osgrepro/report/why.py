"""Why results differ, in one short sentence: the cause with its chance, or that none is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osgrepro.analysis.findings import LIKELY, Attribution, Cause, Findings, NotAssessable
from osgrepro.report import words
from osgrepro.report.questions import causes

# Tables whose cause is named.
_MOST = 2
_DIFFER = "Between hardware environments:"


def why(findings: Findings) -> Iterator[str]:
    """Yield what goes along with the results, where they differ between hardware environments.

    A table is an experiment in one software environment, on CPUs or on GPUs.
    """
    tables = [
        (experiment.name, table)
        for experiment in findings.experiments
        for table in causes.own_scopes(experiment.attribution)
        if table.classes > 1
    ]
    if not tables:
        return
    fitting = [
        (name, table, cause)
        for name, table in tables
        if not table.by_chance and (cause := _smallest(table)) is not None
    ]
    fitting.sort(key=lambda own: own[1].chances[0].share)
    named = [own for own in fitting if _among(own[1], len(tables)) <= LIKELY]
    of = words.count(len(tables), "table")
    if fitting and not named:
        nearest = _nearest(*fitting[0], len(tables))
        yield f"{_DIFFER} {of} can't tell. {nearest}."
        return
    if not named:
        chances = [table for _, table in tables if table.by_chance and _smallest(table)]
        own = [table for _, table in tables]
        yield f"{_DIFFER} {_unknown(chances, of) if chances else _untold(own)}{_sites(own)}."
        return
    parts = [_named(name, table, cause, len(tables)) for name, table, cause in named[:_MOST]]
    if further := max(0, len(named) - _MOST):
        parts.append(f"{words.count(further, 'more table')} below")
    if open_ := len(tables) - len(named):
        rest = "the other table tells" if open_ == 1 else f"the other {open_} tables tell"
        parts.append(f"{rest} no cause")
    yield f"{_DIFFER} {'; '.join(parts)}."


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
    alone = words.percent(table.chances[0].share)
    best = words.percent(_among(table, tables))
    return (
        f"{_fit(name, table, cause)}, which chance does in {alone} of cases, "
        f"but for the best of {tables} tables in up to {best}"
    )


def _fit(name: str, table: Attribution, cause: Cause) -> str:
    alike = ""
    if cause.testable and cause.testable != cause.attributes:
        alike = f", or with {_braced(cause.testable)}, which divide the same way"
    place = f"{name}{_PLACES[table.scope]} with {table.software}"
    return f"{place} goes along with {_braced(cause.attributes)}{alike}"


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


def _unknown(fitting: Sequence[Attribution], of: str) -> str:
    """Return that what would fit does so by chance as well."""
    chance = words.percent(min(table.chances[0].share for table in fitting))
    return (
        f"{of} can't tell, since attributes that have nothing to do with it would fit as well by "
        f"chance (in {chance} of cases or more)"
    )
