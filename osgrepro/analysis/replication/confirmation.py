"""Whether emulated runs end as the remote runs did that they stand in for: a cause put to the test.

Called by the verb ``confirm`` and by the analysis, with rows as ``pairs`` describes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from osgrepro.analysis.findings import (
    CONFIRMED,
    NOT_EMULABLE,
    REFUTED,
    Confirmation,
    EmulationAnswer,
    letter,
)
from osgrepro.analysis.replication import pairs
from osgrepro.analysis.replication.pairs import Cell, Counterpart, Outcome, Pair, Row
from osgrepro.analysis.statistics.ties import p_upper

Letters = Mapping[Outcome, tuple[str, ...]]


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
        own = pairs.cell(row)
        if row.get("letter"):
            used[own[0]].add(str(row["letter"]))
        if pairs.emulates(row):
            emulated[own].append(row)
        elif row["status"] == "ok":
            remote[own + tuple(str(row.get(name)) for name in pairs.DEFINING)].append(row)
    given = counterparts or {}
    found = [
        pairs.pair(own, given.get(cell, Counterpart(cells=(cell,))), emulated)
        for key, own in sorted(remote.items())
        for cell in [(key[0], key[1], key[2])]
    ]
    letters = _letters(found, {name: len(known) for name, known in used.items()})
    return tuple(_judged(pair, letters[pair.of("experiment")]) for pair in found)


def _letters(found: Iterable[Pair], used: Mapping[str, int]) -> dict[str, Letters]:
    """Return the letters of each outcome, by experiment.

    They are those of the analysis. What it did not see gets new ones behind them, the remote
    outcomes first, the most common first.
    """
    known: dict[str, dict[Outcome, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    cells: dict[str, dict[Outcome, int]] = defaultdict(lambda: defaultdict(int))
    only_here: dict[str, dict[Outcome, None]] = defaultdict(dict)
    for pair in found:
        name = pair.of("experiment")
        sides = ((pair.remote, pair.theirs), (pair.emulated, pair.own))
        for rows, outcomes in sides:
            for row, outcome in zip(rows, outcomes, strict=False):
                if row.get("letter"):
                    known[name][outcome][str(row["letter"])] = None
        for outcome in pair.expected:
            cells[name][outcome] += 1
        only_here[name] |= dict.fromkeys(pair.found)
    made: dict[str, Letters] = {}
    for name in {pair.of("experiment") for pair in found}:
        counts, own = cells[name], known[name]
        common = sorted(counts, key=lambda one: (-counts[one], one))
        new = [one for one in dict.fromkeys([*common, *only_here[name]]) if one not in own]
        first = used.get(name, 0)
        made[name] = {one: tuple(sorted(letters)) for one, letters in own.items()} | {
            one: (letter(first + number),) for number, one in enumerate(new)
        }
    return made


def _judged(pair: Pair, letters: Letters) -> Confirmation:
    theirs = _remote_class(pair, letters)
    own = _emulated_class(pair, letters)
    answer, text = _answer(pair, theirs or "none", own)
    emulation = (str(what) for row in pair.emulated for what in row["emulation"] or ())
    how = f" ({'; '.join(pair.counterpart.how)})" if pair.counterpart.how else ""
    return Confirmation(
        experiment=pair.of("experiment"),
        software=pair.of("software"),
        remote=(pair.of("hardware"),),
        remote_class=theirs or "none",
        emulated=str(pair.emulated[0]["hardware"]) if pair.emulated else None,
        emulated_class=own,
        answer=answer,
        emulation=tuple(dict.fromkeys(emulation)),
        not_emulated=pair.unlike if pair.emulated else pair.counterpart.obstacles,
        text=f"{text}{how}",
        # The class was known before any of them, so that each is a trial.
        p_upper=p_upper(_runs(pair)) if answer == CONFIRMED else None,
    )


def _runs(pair: Pair) -> int:
    """Return how many emulated runs were compared."""
    compared = zip(pair.emulated, pair.own, strict=False)
    return sum(int(row.get("count") or 1) for row, _ in compared)


def remote_class(rows: Sequence[Row]) -> str:
    """Return the letters that the analysis gave the runs of a cell, the frequent first."""
    told = [row for row in rows if row.get("letter")]
    return " ".join(pairs.frequent(told, [str(row["letter"]) for row in told]))


def _remote_class(pair: Pair, letters: Letters) -> str:
    if all(row.get("letter") for row in pair.remote):
        return remote_class(pair.remote)
    return " ".join(dict.fromkeys(one for outcome in pair.expected for one in letters[outcome]))


def _emulated_class(pair: Pair, letters: Letters) -> str | None:
    """Return the letters of the emulated outcomes, of which the remote cell's own come first."""
    found: dict[str, None] = {}
    for outcome in pair.found:
        told = zip(pair.remote, pair.theirs, strict=False)
        same = [row for row, theirs in told if theirs == outcome and row.get("letter")]
        found |= dict.fromkeys(remote_class(same).split() or letters[outcome])
    return " ".join(found) or None


_COARSE = "only accuracies were recorded, which runs that differ may share: nothing is confirmed"


def _answer(pair: Pair, theirs: str, own: str | None) -> tuple[EmulationAnswer, str]:
    if not pair.emulated:
        return NOT_EMULABLE, _no_run(pair)
    if pair.what is None:
        return NOT_EMULABLE, "no fingerprint and no metric is recorded on both sides"
    if set(pair.found) <= set(pair.expected):
        if pair.coarse:
            return NOT_EMULABLE, f"{_same(pair, theirs, own)}; {_COARSE}"
        return CONFIRMED, _same(pair, theirs, own)
    disagree = "; the emulated repeats disagree" if len(pair.found) > 1 else ""
    said = f"{pair.what}: {own} here, {theirs} there{disagree}"
    if not pair.unlike:
        return REFUTED, said
    # Whether the cause is another, or only what could not be emulated, nobody can tell.
    return NOT_EMULABLE, f"{said}: differs, and was not like the remote: {'; '.join(pair.unlike)}"


def _same(pair: Pair, theirs: str, own: str | None) -> str:
    said = f"{pair.what}: the same to the last bit"
    if len(pair.expected) > 1:
        said = f"{pair.what}: the remote repeats disagree ({theirs}); {own} is among theirs"
    return f"{said}, in spite of: {'; '.join(pair.unlike)}" if pair.unlike else said


def _no_run(pair: Pair) -> str:
    if pair.alike:
        return "replayed, but no run ended well"
    if pair.counterpart.obstacles:
        return "; ".join(pair.counterpart.obstacles)
    if pair.others:
        return f"not replayed yet: the emulated runs have other {', '.join(pair.others)}"
    return "not replayed yet"
