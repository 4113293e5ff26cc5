"""The smallest sets of attributes that fit every table, each among all of its own hardware.

Called for the tables of an experiment, and for those of all. A cause that acts in all of them is in
such a set; hardware that another table lacks counts where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from osgrepro.analysis.causes.attributes import UNKNOWN, confirmable
from osgrepro.analysis.causes.chance import chance
from osgrepro.analysis.causes.environments import Environments
from osgrepro.analysis.causes.relabelling import Relabelling
from osgrepro.analysis.causes.types import machine_types, tells_all_apart, with_sites
from osgrepro.analysis.findings import Universal
from osgrepro.analysis.statistics.partitions import Codes, Search, blocks, canonical, joint


def universal(tables: Sequence[Environments], largest: int) -> Universal:
    """Return the smallest sets that determine the classes of each table, confirmable ones first.

    What no table takes for a cause is in none: an attribute that is not known in each of its
    environments, or that tells all its types of machine apart although others do not. Sets that
    tell all types apart in every table would determine anything: they are left out.

    Parameters
    ----------
    tables : sequence of Environments
        At least one; an attribute that one of them does not record is in no set.
    largest : int
        The size of the largest set that is searched.

    Returns
    -------
    Universal
        All sets of the smallest size, and how often sets of this size would fit by chance: the
        classes of a type of machine in all tables are dealt out together, among the types that the
        same tables have. No sets where there is none, or nothing to explain.
    """
    target = _across(table.letters for table in tables)
    if blocks([target]) == len(tables):
        return Universal()
    # Two environments of one table are compared, never those of two: values are a table's own.
    codes = {name: _across(table.values[name] for table in tables) for name in _names(tables)}
    dealt = _together(tables, target)
    considered = {
        name: code
        for name, code in codes.items()
        if len(tables) < blocks([code]) and not tells_all_apart(code, dealt.places)
    }
    columns = list(considered.values())
    kept = [
        own
        for own in Search(columns, target).smallest(largest)
        if not tells_all_apart(joint([columns[i] for i in own], len(target)), dealt.places)
    ]
    if not kept:
        return Universal()
    named = [tuple(list(considered)[i] for i in own) for own in kept]
    different = list({code.tobytes(): code for code in columns}.values())
    return Universal(
        sets=tuple(sorted(named, key=lambda own: not confirmable(own))),
        chance=chance(different, target, len(named[0]), dealt),
    )


def _names(tables: Sequence[Environments]) -> list[str]:
    """Return the attributes that every table has, and none of them keeps from being a cause."""
    kept = [name for name in tables[0].values if all(name in table.values for table in tables)]
    for table in tables:
        names = table.sorted_names
        # Among few machines everything is an identity, and the table says of none that it is.
        excluded = {*names.unknown, *(names.identities if names.considered else ())}
        kept = [name for name in kept if name not in excluded]
    return kept


def _together(tables: Sequence[Environments], target: Codes) -> Relabelling:
    """Return how the classes of all tables are dealt out at once, each type's together."""
    machines = sorted({name for table in tables for name in table.hardware})
    number = {name: place for place, name in enumerate(machines)}
    places = np.array([number[name] for table in tables for name in table.hardware])
    starts = np.cumsum([0, *(len(table.hardware) for table in tables)])
    # The class of each machine in each table; −1 where the table lacks it.
    classes = np.full((len(machines), len(tables)), -1, dtype=np.int64)
    for own, (start, end) in enumerate(pairwise(starts.tolist())):
        classes[places[start:end], own] = target[start:end]
    types = machine_types(_values(tables, machines), classes)
    types = with_sites(types, sites_of(tables, machines), classes)
    of_types = np.full((int(types.max()) + 1, len(tables)), -1, dtype=np.int64)
    np.maximum.at(of_types, types, classes)
    profiles, labels = np.unique(of_types, axis=0, return_inverse=True)
    _, groups = np.unique(of_types >= 0, axis=0, return_inverse=True)
    return Relabelling(
        labels=labels.reshape(-1),
        places=types[places],
        groups=groups.reshape(-1),
        read=profiles[:, np.repeat(np.arange(len(tables)), np.diff(starts))],
    )


def sites_of(tables: Sequence[Environments], machines: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Return the sites at which the runs of all tables saw each machine."""
    seen: dict[str, frozenset[str]] = {}
    for table in tables:
        for name, own in zip(table.hardware, table.sites, strict=False):
            seen[name] = seen.get(name, frozenset()) | own
    return tuple(seen.get(name, frozenset()) for name in machines)


def _values(tables: Sequence[Environments], machines: Sequence[str]) -> dict[str, list[str]]:
    """Return the value of each attribute on each machine; where tables differ, each of them."""
    several: dict[str, dict[str, set[str]]] = {}
    for table in tables:
        for name, values in table.values.items():
            on = several.setdefault(name, {})
            for machine, value in zip(table.hardware, values, strict=True):
                on.setdefault(machine, set()).add(value)
    return {
        name: [
            "; ".join(sorted(on.get(machine, set()) - {UNKNOWN})) or UNKNOWN for machine in machines
        ]
        for name, on in several.items()
    }


def _across(values: Iterable[Sequence[str]]) -> Codes:
    """Return the codes of what each table has, one table after the other, no two alike."""
    own = [canonical(list(several)) for several in values]
    starts = np.cumsum([0, *(int(codes.max(initial=-1)) + 1 for codes in own[:-1])])
    codes: Codes = np.concatenate([codes + start for codes, start in zip(own, starts, strict=True)])
    return codes
