"""How many repeats, environments and seeds it takes to know something as well as one wants to.

Called by ``analyze --plan`` with the findings of a dataset, so that what there is stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osgrepro.analysis.findings import Findings, Requirement
from osgrepro.analysis.planning.bounds import BOUNDS, NUMBER_OF, Answer
from osgrepro.analysis.planning.present import NOWHERE, Place, cells, tables
from osgrepro.analysis.planning.wanted import Wanted, wanted
from osgrepro.common.texts import counted

# Cells that are named.
_NAMED = 4


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
    # No number of repeats bounds how rarely they disagree where they do.
    lost = [place for place in places if place.disagree and want.name == "p_upper"]
    places = [place for place in places if place not in lost]
    if lost and not places:
        return _unmet(want, lost)
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
        enough=answer.needed is not None and present >= answer.needed and not lost,
        text=f"{answer.text}{_besides(lost)}",
        where=place.name,
    )


def _unmet(want: Wanted, lost: Sequence[Place]) -> Requirement:
    """Return that repeats disagree in every cell, so that none of them can meet the bound."""
    return Requirement(
        wanted=want.text,
        of="repeats",
        needed=None,
        present=min(place.repeats for place in lost),
        enough=False,
        text=f"no repeats of a cell meet it{_besides(lost)}",
        where=lost[0].name,
    )


def _besides(lost: Sequence[Place]) -> str:
    """Return in which cells the bound can't be met, for a sentence's end."""
    if not lost:
        return ""
    named = "; ".join(place.name for place in lost[:_NAMED])
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    where = counted(len(lost), "cell")
    return f". It can't be met in {where}, whose repeats disagree already ({named}{more})"


def _part(present: int, answer: Answer) -> float:
    """Return which part there is of what it takes, 0 where no number of them is enough."""
    return present / answer.needed if answer.needed else 0.0
