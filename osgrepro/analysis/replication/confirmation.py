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
    counted_words,
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
        cell = pairs.cell(row)
        if row.get("letter"):
            used[cell[0]].add(str(row["letter"]))
        if pairs.emulates(row):
            emulated[cell].append(row)
        elif row["status"] == "ok":
            remote[cell + tuple(str(row.get(name)) for name in pairs.DEFINING)].append(row)
    given = counterparts or {}
    matched = [
        pairs.pair(remote_rows, given.get(cell, Counterpart(cells=(cell,))), emulated)
        for key, remote_rows in sorted(remote.items())
        for cell in [(key[0], key[1], key[2])]
    ]
    letters = _letters(matched, {name: len(distinct) for name, distinct in used.items()})
    return tuple(_judged(pair, letters[pair.of("experiment")]) for pair in matched)


def _letters(matched: Iterable[Pair], used: Mapping[str, int]) -> dict[str, Letters]:
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


def _judged(pair: Pair, letters: Letters) -> Confirmation:
    remote_letters = _remote_class(pair, letters) or "none"
    emulated_letters = _emulated_class(pair, letters)
    answer, text = _answer(pair, remote_letters, emulated_letters)
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
        not_emulated=pair.unlike if pair.emulated else pair.counterpart.obstacles,
        text=f"{text}{how}",
        # The class was known before any of them, so that each is a trial.
        p_upper=p_upper(_runs(pair)) if answer == CONFIRMED else None,
    )


def _runs(pair: Pair) -> int:
    """Return how many emulated runs were compared."""
    compared = zip(pair.emulated, pair.emulated_outcomes, strict=False)
    return sum(int(row.get("count") or 1) for row, _ in compared)


def remote_class(rows: Sequence[Row]) -> str:
    """Return the letters that the analysis gave the runs of a cell, the frequent first."""
    lettered = [row for row in rows if row.get("letter")]
    return " ".join(pairs.frequent(lettered, [str(row["letter"]) for row in lettered]))


def _remote_class(pair: Pair, letters: Letters) -> str:
    if all(row.get("letter") for row in pair.remote):
        return remote_class(pair.remote)
    expected = (name for outcome in pair.expected for name in letters[outcome])
    return " ".join(dict.fromkeys(expected))


def _emulated_class(pair: Pair, letters: Letters) -> str | None:
    """Return the letters of the emulated outcomes, of which the remote cell's own come first."""
    names: dict[str, None] = {}
    for outcome in pair.reached:
        remote = zip(pair.remote, pair.remote_outcomes, strict=False)
        same = [row for row, ended in remote if ended == outcome and row.get("letter")]
        names |= dict.fromkeys(remote_class(same).split() or letters[outcome])
    return " ".join(names) or None


def _answer(
    pair: Pair, remote_letters: str, emulated_letters: str | None
) -> tuple[EmulationAnswer, str]:
    if not pair.emulated:
        return NOT_EMULABLE, _no_run(pair)
    if pair.compared is None:
        return NOT_EMULABLE, "no fingerprint and no metric is recorded on both sides"
    if set(pair.reached) <= set(pair.expected):
        same = _same(pair, remote_letters, emulated_letters)
        return (NOT_EMULABLE, f"{same}; {_coarse(pair)}") if pair.coarse else (CONFIRMED, same)
    disagree = "; the emulated repeats disagree" if len(pair.reached) > 1 else ""
    text = f"{pair.compared}: {emulated_letters} here, {remote_letters} there{disagree}"
    if not pair.unlike:
        return REFUTED, text
    # Whether the cause is another, or only what could not be emulated, nobody can tell.
    return NOT_EMULABLE, f"{text}: differs, and was not like the remote: {'; '.join(pair.unlike)}"


def _coarse(pair: Pair) -> str:
    what = counted_words(pair.metrics)
    return f"only {what} were recorded, which runs that differ may share: nothing is confirmed"


def _same(pair: Pair, remote_letters: str, emulated_letters: str | None) -> str:
    text = f"{pair.compared}: the same{'' if pair.coarse else ' to the last bit'}"
    if len(pair.expected) > 1:
        disagree = f"the remote repeats disagree ({remote_letters})"
        text = f"{pair.compared}: {disagree}; {emulated_letters} is among theirs"
    return f"{text}, in spite of: {'; '.join(pair.unlike)}" if pair.unlike else text


def _no_run(pair: Pair) -> str:
    if pair.same_definition:
        return "replayed, but no run ended well"
    if pair.counterpart.obstacles:
        return "; ".join(pair.counterpart.obstacles)
    if pair.differing:
        return f"not replayed yet: the emulated runs have other {', '.join(pair.differing)}"
    return "not replayed yet"
