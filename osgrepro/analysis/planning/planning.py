"""How many repeats, environments and seeds it takes to know something as well as one wants to.

Called by ``analyze --plan`` with the findings of a dataset, so that what there is stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from osgrepro.analysis.findings import Findings, Requirement
from osgrepro.analysis.planning.bounds import BOUNDS, NUMBER_OF, Answer
from osgrepro.analysis.planning.present import NOWHERE, Place, cells, tables
from osgrepro.analysis.planning.wanted import Wanted, wanted


def requirements(findings: Findings, wants: Iterable[str | Wanted]) -> tuple[Requirement, ...]:
    """Return how many repeats, environments or seeds each bound takes, and how many there are.

    Parameters
    ----------
    findings : Findings
        Of a dataset: each bound is about the experiment and environment that is farthest from it.
    wants : iterable of str
        Bounds such as ``p_upper=0.05``, all at 95 % confidence. ``p_upper``: how probable a
        differing run may still be where all repeats of a cell agree. ``s_R``: how many times s_R
        its interval may reach to. ``range``: which share of all environments lies between the
        smallest and the largest value. ``flips``: which share of environments that contradict a
        claim is to be seen. ``seeds``: by which factor the ratio of machines to seeds may be off.
        ``margin``: how far apart the means of two experiments may be that count as equivalent.

    Raises
    ------
    UsageError
        If one can't be read.
    """
    asked = [wanted(want) if isinstance(want, str) else want for want in wants]
    by_table, by_cell = list(tables(findings)), list(cells(findings))
    return tuple(_requirement(want, by_cell, by_table) for want in asked)


def _requirement(want: Wanted, by_cell: list[Place], by_table: list[Place]) -> Requirement:
    of = NUMBER_OF[want.name]
    bound = BOUNDS[want.name](want.value)
    places = by_cell if of == "repeats" else by_table
    answers = [(place, bound(place)) for place in places or [NOWHERE]]
    place, answer = min(
        answers, key=lambda both: _part(getattr(both[0], both[1].of or of), both[1])
    )
    of = answer.of or of
    present = getattr(place, of)
    return Requirement(
        wanted=want.text,
        of=of,
        needed=answer.needed,
        present=present,
        enough=answer.needed is not None and present >= answer.needed,
        text=answer.text,
        where=place.name,
    )


def _part(present: int, answer: Answer) -> float:
    """Return which part there is of what it takes, 0 where no number of them is enough."""
    return present / answer.needed if answer.needed else 0.0
