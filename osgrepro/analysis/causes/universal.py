"""The smallest sets of attributes that fit every table, each among all of its own hardware.

Called for the tables of an experiment, and for those of all. A cause that acts in all of them is in
such a set; hardware that another table lacks counts where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from osgrepro.analysis.causes.alike import confirmable
from osgrepro.analysis.causes.environments import Environments
from osgrepro.analysis.statistics.partitions import Codes, Search, blocks, canonical


def universal(tables: Sequence[Environments], largest: int) -> tuple[tuple[str, ...], ...]:
    """Return the smallest sets that determine the classes of each table, confirmable ones first.

    Attributes and sets that tell all environments of every table apart would determine anything:
    they are left out.

    Parameters
    ----------
    tables : sequence of Environments
        At least one; an attribute that one of them does not record is in no set.
    largest : int
        The size of the largest set that is searched.

    Returns
    -------
    tuple of tuple of str
        All sets of the smallest size; empty where there is none, or nothing to explain.
    """
    target = _across(table.letters for table in tables)
    if blocks([target]) == len(tables):
        return ()
    names = [name for name in tables[0].values if all(name in table.values for table in tables)]
    # Two environments of one table are compared, never those of two: values are a table's own.
    codes = {name: _across(table.values[name] for table in tables) for name in names}
    told = {
        name: code for name, code in codes.items() if len(tables) < blocks([code]) < len(target)
    }
    columns = list(told.values())
    sets = Search(columns, target).smallest(largest)
    kept = [own for own in sets if blocks([columns[i] for i in own]) < len(target)]
    named = [tuple(list(told)[i] for i in own) for own in kept]
    return tuple(sorted(named, key=lambda own: not confirmable(own)))


def _across(values: Iterable[Sequence[str]]) -> Codes:
    """Return the codes of what each table has, one table after the other, no two alike."""
    own = [canonical(list(several)) for several in values]
    starts = np.cumsum([0, *(int(codes.max(initial=-1)) + 1 for codes in own[:-1])])
    codes: Codes = np.concatenate([codes + start for codes, start in zip(own, starts, strict=True)])
    return codes
