"""Whether emulated runs end as the remote runs did that they stand in for: a cause put to the test.

Called by the verb ``confirm``, with rows of the dataset as mappings; :data:`COLUMNS` are needed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from osgrepro.findings import Confirmation, letter

# The facts that have to be the same for two runs to be of the same thing, and their names.
_DEFINING = {
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
    "seed": "seed",
    "threads_requested": "threads",
}
_IMAGE = "image_sha256"
# From the finest grade to the coarser ones; behind them come the metrics.
_HASHES = {"final_weights": "final weights", "predictions": "predictions", "labels": "labels"}
COLUMNS = (
    *("experiment", "software", "hardware", "repeat", "status", *_DEFINING, _IMAGE, *_HASHES),
    *("metrics", "emulated", "emulation", "not_emulated", "simulated_gpu"),
)

Row = Mapping[str, Any]
Answer = Literal["confirmed", "refuted", "not emulable"]
# What was compared (a hash's name, or metrics), and its bits.
_Outcome = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """A remote cell and the emulated runs to judge it by, with their outcomes.

    ``alike`` are the emulated runs of the same definition, the failed ones too; ``others`` says in
    what the remaining ones differ.
    """

    remote: tuple[Row, ...]
    emulated: tuple[Row, ...]
    alike: int
    others: tuple[str, ...]
    what: str | None
    expected: tuple[_Outcome, ...]
    found: tuple[_Outcome, ...]

    def of(self, name: str) -> str:
        return str(self.remote[0][name])


def emulates(row: Row) -> bool:
    """Whether a run only stood in for the hardware that it is named after."""
    return row["emulated"] is True or row.get("simulated_gpu") is True


def confirmations(
    rows: Iterable[Row], obstacles: Mapping[str, Sequence[str]]
) -> tuple[Confirmation, ...]:
    """Return what the emulated runs among ``rows`` say of each remote hardware environment.

    Parameters
    ----------
    rows : iterable of mapping
        Remote and emulated runs together, with the keys ``COLUMNS``. A remote cell without a run
        that ended well has no outcome, and is left out.
    obstacles : mapping
        By hardware environment: why it can't be emulated. Told where there is no emulated run.
    """
    remote: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    emulated: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        cell = tuple(str(row[name]) for name in ("experiment", "software", "hardware"))
        if emulates(row):
            emulated[cell].append(row)
        elif row["status"] == "ok":
            definition = tuple(str(row.get(name)) for name in _DEFINING)
            remote[cell + definition].append(row)
    pairs = [_pair(own, emulated.get(cell[:3], ())) for cell, own in sorted(remote.items())]
    letters = _letters(pairs)
    return tuple(
        _judged(pair, letters[pair.of("experiment")], obstacles.get(pair.of("hardware"), ()))
        for pair in pairs
    )


def _pair(remote: Sequence[Row], candidates: Sequence[Row]) -> _Pair:
    differing = [(row, tuple(_differing(remote[0], row))) for row in candidates]
    alike = [row for row, names in differing if not names]
    well = [row for row in alike if row["status"] == "ok"]
    # Runs on a machine that lacks nothing say more than those on one that does.
    emulated = [row for row in well if not _unlike(remote, [row])] or well
    what, (expected, found) = _compared(remote, emulated)
    return _Pair(
        remote=tuple(remote),
        emulated=tuple(emulated),
        alike=len(alike),
        others=tuple(dict.fromkeys(name for _, names in differing for name in names)),
        what=what,
        expected=expected,
        found=found,
    )


def _differing(remote: Row, emulated: Row) -> Iterator[str]:
    """Yield the names of what defines the runs, is known of both, and is not the same."""
    for column, name in _DEFINING.items():
        theirs, own = remote.get(column), emulated.get(column)
        if theirs is None or own is None or theirs == own:
            continue
        # An import knows neither the code nor all of its parameters.
        partly = column == "params_json" and remote.get("code_sha256") is None
        if not (partly and json.loads(theirs).items() <= json.loads(own).items()):
            yield name


def _unlike(remote: Sequence[Row], emulated: Sequence[Row]) -> tuple[str, ...]:
    """Return in what emulated runs were not like the remote, as far as anybody knows."""
    found: dict[str, None] = {}
    for row in emulated:
        reasons = [str(reason) for reason in row["not_emulated"] or ()]
        if row.get("simulated_gpu") and not any("simulated" in reason for reason in reasons):
            reasons.append("GPU simulated, jobs run on the CPU")
        found |= dict.fromkeys([*reasons, *_unknown(remote[0], row)])
    return tuple(found)


def _unknown(remote: Row, emulated: Row) -> Iterator[str]:
    # Where neither tells, the names are all there is: a software name stands for one image.
    for column, name in {**_DEFINING, _IMAGE: "image"}.items():
        theirs, own = remote.get(column), emulated.get(column)
        if (theirs is None) != (own is None):
            yield f"{name} of the {'remote' if theirs is None else 'emulated'} run not recorded"
        elif column == _IMAGE and theirs != own:
            yield "another image"


def _compared(
    remote: Sequence[Row], emulated: Sequence[Row]
) -> tuple[str | None, tuple[tuple[_Outcome, ...], tuple[_Outcome, ...]]]:
    """Return the finest thing that all runs recorded, and both sides' outcomes, the frequent first.

    Where nothing is common to both sides, the remote's outcomes are told by what it has alone.
    """
    both = [*remote, *emulated]
    for column, what in _HASHES.items():
        if all(row[column] is not None for row in both):
            sides = ([(what, str(row[column])) for row in side] for side in (remote, emulated))
            expected, found = map(_frequent, sides)
            return what, (expected, found)
    known = [{one["name"]: one["hex"] for one in row["metrics"] or ()} for row in both]
    names = [name for name in sorted(known[0]) if all(one.get(name) for one in known)]
    if not names:
        alone = _compared(remote, ())[1][0] if emulated else ()
        return None, (alone, ())
    what = f"metrics {', '.join(names)}" if len(names) > 1 else names[0]
    outcomes = [(what, " ".join(one[name] for name in names)) for one in known]
    return what, (_frequent(outcomes[: len(remote)]), _frequent(outcomes[len(remote) :]))


def _frequent(outcomes: Iterable[_Outcome]) -> tuple[_Outcome, ...]:
    counts = Counter(outcomes)
    return tuple(sorted(counts, key=lambda one: (-counts[one], one)))


def _letters(pairs: Iterable[_Pair]) -> dict[str, dict[_Outcome, str]]:
    """Return each outcome's letter by experiment: the remote ones first, the most common first."""
    cells: dict[str, Counter[_Outcome]] = defaultdict(Counter)
    only_here: dict[str, dict[_Outcome, None]] = defaultdict(dict)
    for pair in pairs:
        cells[pair.of("experiment")].update(pair.expected)
        only_here[pair.of("experiment")] |= dict.fromkeys(pair.found)
    return {
        experiment: {
            outcome: letter(number)
            for number, outcome in enumerate(
                dict.fromkeys(
                    [*sorted(counts, key=lambda o: (-counts[o], o)), *only_here[experiment]]
                )
            )
        }
        for experiment, counts in cells.items()
    }


def _judged(pair: _Pair, letters: Mapping[_Outcome, str], obstacles: Sequence[str]) -> Confirmation:
    theirs = " ".join(letters[one] for one in pair.expected) or "none"
    own = " ".join(letters[one] for one in pair.found) or None
    unlike = _unlike(pair.remote, pair.emulated) if pair.emulated else tuple(obstacles)
    answer, text = _answer(pair, theirs, own, unlike)
    emulation = (str(what) for row in pair.emulated for what in row["emulation"] or ())
    return Confirmation(
        experiment=pair.of("experiment"),
        software=pair.of("software"),
        remote=(pair.of("hardware"),),
        remote_class=theirs,
        emulated=pair.of("hardware") if pair.emulated else None,
        emulated_class=own,
        answer=answer,
        emulation=tuple(dict.fromkeys(emulation)),
        not_emulated=unlike,
        text=text,
    )


def _answer(
    pair: _Pair, theirs: str, own: str | None, unlike: tuple[str, ...]
) -> tuple[Answer, str]:
    if not pair.emulated:
        return "not emulable", _no_run(pair, unlike)
    if pair.what is None:
        return "not emulable", "no fingerprint and no metric is recorded on both sides"
    if set(pair.found) <= set(pair.expected):
        return "confirmed", _same(pair, theirs, own, unlike)
    disagree = "; the emulated repeats disagree" if len(pair.found) > 1 else ""
    said = f"{pair.what}: {own} here, {theirs} there{disagree}"
    return ("not emulable", f"{said}; {'; '.join(unlike)}") if unlike else ("refuted", said)


def _same(pair: _Pair, theirs: str, own: str | None, unlike: tuple[str, ...]) -> str:
    said = f"{pair.what}: the same to the last bit"
    if len(pair.expected) > 1:
        said = f"{pair.what}: the remote repeats disagree ({theirs}); {own} is among theirs"
    return f"{said}, in spite of: {'; '.join(unlike)}" if unlike else said


def _no_run(pair: _Pair, obstacles: Sequence[str]) -> str:
    if pair.alike:
        return "replayed, but no run ended well"
    if obstacles:
        return "; ".join(obstacles)
    if pair.others:
        return f"not replayed yet: the emulated runs have other {', '.join(pair.others)}"
    return "not replayed yet"
