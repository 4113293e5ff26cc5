"""Why results differ, in one short sentence: the cause with its chance, or that none is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osgrepro.analysis.findings import Attribution, Cause, Findings, NotAssessable
from osgrepro.report import words
from osgrepro.report.questions import causes

# Tables whose cause is named.
_MOST = 2


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
    named = [
        (name, table, cause)
        for name, table in tables
        if not table.by_chance and (cause := _smallest(table)) is not None
    ]
    named.sort(key=lambda own: own[1].chances[0].share)
    tested = sum(bool(table.chances) for _, table in tables)
    of = words.count(len(tables), "table")
    if not named:
        fitting = [table for _, table in tables if table.by_chance and _smallest(table)]
        yield f"Why hardware environments differ: {_unknown(fitting, of)}."
        return
    parts = [_named(name, table, cause, tested) for name, table, cause in named[:_MOST]]
    if further := len(named) - _MOST if len(named) > _MOST else 0:
        parts.append(f"{words.count(further, 'more table')} below")
    if open_ := len(tables) - len(named):
        rest = "the other table tells" if open_ == 1 else f"the other {open_} tables tell"
        parts.append(f"{rest} no cause")
    yield f"Why hardware environments differ: {'; '.join(parts)}."


def _named(name: str, table: Attribution, cause: Cause, tested: int) -> str:
    """Return a cause with its chance: in its table, and in any of those that were looked at."""
    place = f"{name}{_PLACES[table.scope]} with {table.software}"
    share = table.chances[0].share
    # Bonferroni's bound: of many tables some fits by chance more often than one does.
    among = f", in some of {tested} tables in up to {words.percent(min(1.0, tested * share))}"
    alike = ""
    if cause.testable and cause.testable != cause.attributes:
        alike = f", or with {_braced(cause.testable)}, which divide the same way"
    return (
        f"{place} goes along with {_braced(cause.attributes)}{alike} (by chance in "
        f"{words.percent(share)} of cases{among if tested > 1 else ''})"
    )


_PLACES = {"CPU": " on CPUs", "GPU": " on GPUs", "all": ""}


def _braced(attributes: Sequence[str]) -> str:
    return f"{{{', '.join(attributes)}}}"


def _smallest(table: Attribution) -> Cause | None:
    """Return the first of the smallest sets of attributes that fit and have a known chance."""
    if isinstance(table.causes, NotAssessable) or not table.chances:
        return None
    fitting = [cause for cause in table.causes if cause.attributes]
    return min(fitting, key=lambda cause: len(cause.attributes), default=None)


def _unknown(fitting: Sequence[Attribution], of: str) -> str:
    """Return that no cause is known, and whether some would fit by chance."""
    if not fitting:
        return "no recorded attribute tells"
    chance = words.percent(min(table.chances[0].share for table in fitting))
    return (
        f"{of} can't tell, since attributes that have nothing to do with it would fit as well by "
        f"chance (in {chance} of cases or more)"
    )
