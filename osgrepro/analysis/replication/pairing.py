"""Each remote cell is paired with the best emulated cell that has runs.

Called by ``confirmation``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from osgrepro.analysis.replication.compared import HASHES, Row, common_metrics, compared_outcomes
from osgrepro.analysis.replication.differences import differences, unlike
from osgrepro.analysis.replication.pairs import Cell, Counterpart, Pair


def pair_of(
    remote: Sequence[Row], counterpart: Counterpart, emulated: Mapping[Cell, Sequence[Row]]
) -> Pair:
    """Return the runs of a remote cell with those of the best emulated cell that has any."""
    borrowing = replace(counterpart, remarks=(*counterpart.remarks, *counterpart.borrowed))
    pairs = [
        _pair(remote, borrowing if place else counterpart, emulated.get(stand_in, ()))
        for place, stand_in in enumerate(counterpart.cells)
    ]
    return min(pairs, key=_rank) if pairs else _pair(remote, counterpart, ())


def _rank(pair: Pair) -> tuple[bool, bool, bool]:
    """Return what sorts a pair before those that say less."""
    return not pair.emulated, not pair.same_definition, not pair.differing


def _pair(remote: Sequence[Row], counterpart: Counterpart, candidates: Sequence[Row]) -> Pair:
    compared = [(row, tuple(differences(remote[0], row))) for row in candidates]
    same = [row for row, names in compared if not names]
    well = [row for row in same if row["status"] == "ok"]
    # Runs on a machine that lacks nothing say more than those on one that does.
    emulated = [row for row in well if not unlike(remote, [row])] or well
    what, remote_outcomes, emulated_outcomes = compared_outcomes(remote, emulated)
    metrics = () if what in HASHES.values() else tuple(common_metrics([*remote, *emulated]))
    remarks = (*unlike(remote, emulated), *counterpart.remarks) if emulated else ()
    return Pair(
        counterpart=counterpart,
        remote=tuple(remote),
        emulated=tuple(emulated),
        same_definition=len(same),
        differing=tuple(dict.fromkeys(name for _, names in compared for name in names)),
        unlike=tuple(dict.fromkeys(remarks)),
        compared=what,
        metrics=metrics,
        remote_outcomes=tuple(remote_outcomes),
        emulated_outcomes=tuple(emulated_outcomes),
    )
