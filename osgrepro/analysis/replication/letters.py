"""The letters of outcomes in confirmations: those of the analysis, and new ones behind them.

Called by ``confirmation``, with pairs as ``pairs`` makes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from osgrepro.analysis.findings import letter
from osgrepro.analysis.replication import pairs
from osgrepro.analysis.replication.compared import Outcome, Row
from osgrepro.analysis.replication.pairs import Pair

Letters = Mapping[Outcome, tuple[str, ...]]


def letters_of(matched: Iterable[Pair], used: Mapping[str, int]) -> dict[str, Letters]:
    """Return the letters of each outcome, by experiment.

    They are those of the analysis, which ``used`` as many of each experiment. What it did not see
    gets new ones behind them, the remote outcomes first, the most common first.
    """
    given: dict[str, dict[Outcome, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    cells: dict[str, dict[Outcome, int]] = defaultdict(lambda: defaultdict(int))
    reached: dict[str, dict[Outcome, None]] = defaultdict(dict)
    for pair in matched:
        name = pair.of("experiment")
        sides = ((pair.remote, pair.remote_outcomes), (pair.emulated, pair.emulated_outcomes))
        for rows, outcomes in sides:
            for row, outcome in zip(rows, outcomes, strict=False):
                if row.get("letter"):
                    given[name][outcome][str(row["letter"])] = None
        for outcome in pair.expected:
            cells[name][outcome] += 1
        reached[name] |= dict.fromkeys(pair.reached)
    by_experiment: dict[str, Letters] = {}
    for name in {pair.of("experiment") for pair in matched}:
        counts = cells[name]
        common = sorted(counts, key=lambda outcome: (-counts[outcome], outcome))
        seen = dict.fromkeys([*common, *reached[name]])
        new = [outcome for outcome in seen if outcome not in given[name]]
        first = used.get(name, 0)
        by_experiment[name] = {
            **{outcome: tuple(sorted(letters)) for outcome, letters in given[name].items()},
            **{outcome: (letter(first + number),) for number, outcome in enumerate(new)},
        }
    return by_experiment


def remote_class(rows: Sequence[Row]) -> str:
    """Return the letters that the analysis gave the runs of a cell, the frequent first."""
    lettered = [row for row in rows if row.get("letter")]
    return " ".join(pairs.frequent(lettered, [str(row["letter"]) for row in lettered]))


def letters_of_remote(pair: Pair, letters: Letters) -> str:
    """Return the letters of the remote outcomes, the frequent first; empty if there are none."""
    if all(row.get("letter") for row in pair.remote):
        return remote_class(pair.remote)
    expected = (name for outcome in pair.expected for name in letters[outcome])
    return " ".join(dict.fromkeys(expected))


def letters_of_emulated(pair: Pair, letters: Letters) -> str | None:
    """Return the letters of the emulated outcomes, of which the remote cell's own come first."""
    names: dict[str, None] = {}
    for outcome in pair.reached:
        remote = zip(pair.remote, pair.remote_outcomes, strict=False)
        same = [row for row, ended in remote if ended == outcome and row.get("letter")]
        names |= dict.fromkeys(remote_class(same).split() or letters[outcome])
    return " ".join(names) or None
