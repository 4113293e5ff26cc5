"""Whether emulated runs end as the remote runs did that they stand in for: a cause put to the test.

Called by the verb ``confirm`` and by the analysis, with rows as ``pairs`` describes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from osgrepro.analysis.findings import CONFIRMED, Confirmation
from osgrepro.analysis.replication import pairs
from osgrepro.analysis.replication.compared import Row
from osgrepro.analysis.replication.differences import DEFINING
from osgrepro.analysis.replication.judging import answer_of
from osgrepro.analysis.replication.letters import (
    Letters,
    letters_of,
    letters_of_emulated,
    letters_of_remote,
)
from osgrepro.analysis.replication.pairing import pair_of
from osgrepro.analysis.replication.pairs import Cell, Counterpart, Pair
from osgrepro.analysis.statistics.ties import p_upper


def confirmations(
    rows: Iterable[Row], counterparts: Mapping[Cell, Counterpart] | None = None
) -> tuple[Confirmation, ...]:
    """Return what the emulated runs among ``rows`` say of each remote hardware environment.

    Parameters
    ----------
    rows : iterable of mapping
        Remote and emulated runs together. A remote cell without a run that ended well has no
        outcome, and is left out.
    counterparts : mapping
        By remote cell: which emulated cells can stand for it. By default the one of the same names.
    """
    remote: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    emulated: dict[Cell, list[Row]] = defaultdict(list)
    used: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        cell = pairs.cell(row)
        if row.get("letter"):
            used[cell[0]].add(str(row["letter"]))
        if pairs.emulates(row):
            emulated[cell].append(row)
        elif row["status"] == "ok":
            remote[cell + tuple(str(row.get(name)) for name in DEFINING)].append(row)
    given = counterparts or {}
    matched = [
        pair_of(remote_rows, given.get(cell, Counterpart(cells=(cell,))), emulated)
        for key, remote_rows in sorted(remote.items())
        for cell in [(key[0], key[1], key[2])]
    ]
    letters = letters_of(matched, {name: len(distinct) for name, distinct in used.items()})
    return tuple(_judged(pair, letters[pair.of("experiment")]) for pair in matched)


def _judged(pair: Pair, letters: Letters) -> Confirmation:
    remote_letters = letters_of_remote(pair, letters) or "none"
    emulated_letters = letters_of_emulated(pair, letters)
    answer, text = answer_of(pair, remote_letters, emulated_letters)
    emulation = (str(what) for row in pair.emulated for what in row["emulation"] or ())
    how = f" ({'; '.join(pair.counterpart.how)})" if pair.counterpart.how else ""
    return Confirmation(
        experiment=pair.of("experiment"),
        software=pair.of("software"),
        remote=(pair.of("hardware"),),
        remote_class=remote_letters,
        emulated=str(pair.emulated[0]["hardware"]) if pair.emulated else None,
        emulated_class=emulated_letters,
        answer=answer,
        emulation=tuple(dict.fromkeys(emulation)),
        not_emulated=pair.unlike if pair.emulated else pair.counterpart.why_none,
        text=f"{text}{how}",
        # The class was known before any of them, so that each is a trial.
        p_upper=p_upper(_runs(pair)) if answer == CONFIRMED else None,
    )


def _runs(pair: Pair) -> int:
    """Return how many emulated runs were compared."""
    compared = zip(pair.emulated, pair.emulated_outcomes, strict=False)
    return sum(int(row.get("count") or 1) for row, _ in compared)
