"""What determines the outcome classes of several tables at once, and how likely that is by chance.

One set that holds in every experiment and software environment is worth more than one for each:
the environments are relabelled once for all tables, so what repeats counts as one coincidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from osgrepro.analysis.causes.attributes import UNKNOWN
from osgrepro.analysis.causes.attribution import LARGEST, attribution
from osgrepro.analysis.causes.environments import Environments, Scope
from osgrepro.analysis.causes.universal import sites_of, universal
from osgrepro.analysis.findings import JointAttribution, NotAssessable

_SCOPES: tuple[Scope, ...] = ("CPU", "GPU")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The environments of one experiment in one software environment."""

    experiment: str
    environments: Environments


def joint_attributions(tables: Sequence[Table]) -> Iterator[JointAttribution]:
    """Yield what determines the classes everywhere: over all software, then over everything.

    Only what more than one table can say is yielded. Tables in which no environment has one class
    are left out, and environments that one of the others lacks.
    """
    for scope in _SCOPES:
        own = [
            table
            for table in tables
            if table.environments.scope == scope and table.environments.hardware
        ]
        experiments = list(dict.fromkeys(table.experiment for table in own))
        for experiment in experiments:
            several = [table for table in own if table.experiment == experiment]
            if len(several) > 1:
                yield _joint(several, scope)
        if len(experiments) > 1:
            yield _joint(own, scope)


def _joint(tables: Sequence[Table], scope: Scope) -> JointAttribution:
    together = _together([table.environments for table in tables], scope)
    explained = attribution(together, sorted(set(together.letters)))
    if len(together.hardware) < 2:
        explained = replace(explained, causes=_apart(together, len(tables)))
    return JointAttribution(
        experiments=tuple(dict.fromkeys(table.experiment for table in tables)),
        software=tuple(dict.fromkeys(table.environments.software for table in tables)),
        tables=len(tables),
        attribution=explained,
        universal=universal([table.environments for table in tables], LARGEST),
    )


def _apart(together: Environments, tables: int) -> NotAssessable:
    """Return that the tables have too little hardware in common to be taken together."""
    only = f"only {together.hardware[0]}" if together.hardware else "no hardware environment"
    return NotAssessable(
        why=f"{only} has one class in each of the {tables} tables",
        missing="runs of the same hardware environments in all of them",
    )


def _together(tables: Sequence[Environments], scope: Scope) -> Environments:
    """Return the hardware that all tables have, each with its classes and values in all of them.

    A set of attributes determines the classes of every table where it determines these.
    """
    shared = set.intersection(*(set(table.hardware) for table in tables))
    hardware = [name for name in tables[0].hardware if name in shared]
    orders = [[table.hardware.index(name) for name in hardware] for table in tables]
    letters = [
        [table.letters[place] for place in order]
        for table, order in zip(tables, orders, strict=True)
    ]
    values = {
        name: [
            [table.values[name][place] for place in order]
            for table, order in zip(tables, orders, strict=True)
        ]
        for name in tables[0].values
        if all(name in table.values for table in tables)
    }
    return Environments(
        software="all software",
        scope=scope,
        hardware=tuple(hardware),
        letters=tuple(" ".join(own) for own in zip(*letters, strict=True)),
        values={
            name: [_same(own) for own in zip(*lists, strict=True)] for name, lists in values.items()
        },
        split=tuple(sorted({name for table in tables for name in table.split})),
        sites=sites_of(tables, hardware),
    )


def _same(values: Sequence[str]) -> str:
    """Return the value of an attribute in all tables that know it; where they differ, each."""
    known = [value for value in values if value != UNKNOWN]
    return "; ".join(values if len(set(known)) > 1 else known[:1]) or UNKNOWN
