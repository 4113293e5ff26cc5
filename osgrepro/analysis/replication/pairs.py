"""Pairs of remote and emulated runs of the same thing, and what of them can be compared.

Called by ``confirmation``, and by whoever plans a replay. Rows are mappings with the keys
:data:`COLUMNS`; two more are read where they are there: ``letter``, the outcome class that the
analysis gave the run, and ``count``, for how many equal runs a row stands.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from osgrepro.analysis.findings import is_counted

# The facts that have to be the same for two runs to be of the same thing, and their names.
DEFINING = {
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
    "seed": "seed",
    "threads_requested": "threads",
    "environment_json": "environment variables",
}
IMAGE, ENVIRONMENT = "image_sha256", "environment_json"
# What tells of the software where nobody recorded the image.
_VERSIONS = {"keras_backend": "backend", "framework_version": "framework"}
# From the finest grade to the coarser ones; behind them come the metrics.
_HASHES = {"final_weights": "final weights", "predictions": "predictions", "labels": "labels"}
COLUMNS = (
    *("experiment", "software", "hardware", "status", *DEFINING, IMAGE, *_VERSIONS, *_HASHES),
    *("metrics", "emulated", "emulation", "not_emulated", "simulated_gpu"),
)

Row = Mapping[str, Any]
# Experiment, software, hardware.
Cell = tuple[str, str, str]
# What was compared (a hash's name, or metrics), and its bits.
Outcome = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterpart:
    """The emulated cells that can stand for a remote one, the best first.

    ``how`` says what was matched with what, and by what, where names differ. ``remarks`` is what is
    known not to be like the remote, besides what the emulated runs say, and ``borrowed`` what is
    not where the runs are of another cell than the first. ``obstacles`` is why there are none.
    """

    cells: tuple[Cell, ...]
    how: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A remote cell and the emulated runs to judge it by, with their outcomes.

    ``same_definition`` is how many emulated runs are of the remote's definition, the failed ones
    too, and ``differing`` in what the remaining ones are of another; ``unlike`` says in what the
    emulation was not like the remote. ``compared`` names what both sides recorded, of which
    ``remote_outcomes`` and ``emulated_outcomes`` are made, row by row.
    """

    counterpart: Counterpart
    remote: tuple[Row, ...]
    emulated: tuple[Row, ...]
    same_definition: int
    differing: tuple[str, ...]
    unlike: tuple[str, ...]
    compared: str | None
    metrics: tuple[str, ...]
    remote_outcomes: tuple[Outcome, ...]
    emulated_outcomes: tuple[Outcome, ...]

    def of(self, name: str) -> str:
        """Return what the remote runs say of themselves."""
        return str(self.remote[0][name])

    @property
    def coarse(self) -> bool:
        """Whether only counts (accuracies) were compared, which runs that differ may share."""
        bits = [_bits(row) for row in (*self.remote, *self.emulated)]
        return self.compared not in _HASHES.values() and all(
            is_counted(metric, {float.fromhex(own[metric]) for own in bits if metric in own})
            for metric in self.metrics
        )

    @property
    def expected(self) -> tuple[Outcome, ...]:
        """The remote runs' outcomes, the frequent first."""
        return frequent(self.remote, self.remote_outcomes)

    @property
    def reached(self) -> tuple[Outcome, ...]:
        """The emulated runs' outcomes, the frequent first."""
        return frequent(self.emulated, self.emulated_outcomes)


def cell(row: Row) -> Cell:
    """Return the cell of a run."""
    return str(row["experiment"]), str(row["software"]), str(row["hardware"])


def emulates(row: Row) -> bool:
    """Whether a run only stood in for the hardware that it is named after."""
    return row["emulated"] is True or row.get("simulated_gpu") is True


def frequent(rows: Iterable[Row], words: Iterable[Any]) -> tuple[Any, ...]:
    """Return what the rows say, each once, the frequent first."""
    counts: Counter[Any] = Counter()
    for row, word in zip(rows, words, strict=False):
        counts[word] += int(row.get("count") or 1)
    return tuple(sorted(counts, key=lambda word: (-counts[word], word)))


def pair(
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
    emulated = [row for row in well if not _unlike(remote, [row])] or well
    what, remote_outcomes, emulated_outcomes = _compared(remote, emulated)
    metrics = () if what in _HASHES.values() else tuple(_common([*remote, *emulated]))
    remarks = (*_unlike(remote, emulated), *counterpart.remarks) if emulated else ()
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


def differences(remote: Row, emulated: Row) -> Iterator[str]:
    """Yield the names of what defines the runs, is known of both, and is not the same."""
    for column, name in DEFINING.items():
        theirs, ours = recorded(remote, column), recorded(emulated, column)
        if theirs is None or ours is None or theirs == ours:
            continue
        if column in _ALIKE and _ALIKE[column](json.loads(theirs), json.loads(ours), remote):
            continue
        yield name


def recorded(row: Row, column: str) -> Any:
    """Return what a row says; one from before variables could be set was given none."""
    value = row.get(column)
    collected = row.get("code_sha256") is not None
    return "{}" if column == ENVIRONMENT and value is None and collected else value


def _same_parameters(theirs: Any, ours: Any, remote: Row) -> bool:
    # An import knows neither the code nor all of its parameters, nor does the campaign say those
    # that the experiment has by itself.
    partly = remote.get("code_sha256") is None
    return partly and all(theirs[key] == ours[key] for key in theirs.keys() & ours.keys())


def _same_data(theirs: Any, ours: Any, _remote: Row) -> bool:
    """Whether the bytes are the same, whatever the campaigns call the files."""
    hashes = [[file.get("sha256") for file in files] for files in (theirs, ours)]
    return hashes[0] == hashes[1] and None not in hashes[0]


_ALIKE: dict[str, Callable[[Any, Any, Row], bool]] = {
    "params_json": _same_parameters,
    "data_json": _same_data,
}


def _unlike(remote: Sequence[Row], emulated: Sequence[Row]) -> tuple[str, ...]:
    """Return in what emulated runs were not like the remote, as far as anybody knows."""
    unlike: dict[str, None] = {}
    for row in emulated:
        reasons = [str(reason) for reason in row["not_emulated"] or ()]
        if row.get("simulated_gpu") and not any("simulated" in reason for reason in reasons):
            reasons.append("GPU simulated, jobs run on the CPU")
        unlike |= dict.fromkeys([*reasons, *_unknown(remote[0], row)])
    return tuple(unlike)


def _unknown(remote: Row, emulated: Row) -> Iterator[str]:
    # Where neither tells, the names are all there is: a software name stands for one image.
    for column, name in {**DEFINING, IMAGE: "image"}.items():
        theirs, ours = recorded(remote, column), recorded(emulated, column)
        if (theirs is None) != (ours is None):
            yield f"{name} of the {'remote' if theirs is None else 'emulated'} run not recorded"
        elif column == IMAGE and theirs != ours:
            yield "another image"
    if remote.get(IMAGE) is None or emulated.get(IMAGE) is None:
        for column, name in _VERSIONS.items():
            theirs, ours = remote.get(column), emulated.get(column)
            if None not in (theirs, ours) and theirs != ours:
                yield f"{name} {ours} instead of {theirs}"


def _compared(
    remote: Sequence[Row], emulated: Sequence[Row]
) -> tuple[str | None, list[Outcome], list[Outcome]]:
    """Return the finest thing that all runs recorded, and both sides' outcomes by row.

    Where nothing is common to both sides, the remote's outcomes are told by what it has alone.
    """
    both = [*remote, *emulated]
    for column, what in _HASHES.items():
        if all(row[column] is not None for row in both):
            outcomes = [(what, str(row[column])) for row in both]
            return what, outcomes[: len(remote)], outcomes[len(remote) :]
    names = _common(both)
    if not names:
        return None, _compared(remote, ())[1] if emulated else [], []
    what = f"metrics {', '.join(names)}" if len(names) > 1 else names[0]
    bits_by_row = map(_bits, both)
    outcomes = [(what, " ".join(bits[name] for name in names)) for bits in bits_by_row]
    return what, outcomes[: len(remote)], outcomes[len(remote) :]


def _bits(row: Row) -> dict[str, str]:
    """Return the bits of the metrics that are numbers: what is none tells nothing."""
    recorded_bits = {metric["name"]: metric["hex"] for metric in row["metrics"] or ()}
    return {
        name: bits for name, bits in recorded_bits.items() if bits and "nan" not in bits.lower()
    }


def _common(rows: Sequence[Row]) -> list[str]:
    """Return the metrics that all of ``rows`` recorded as numbers, sorted."""
    first, *rest = map(_bits, rows)
    return [name for name in sorted(first) if all(name in bits for bits in rest)]
