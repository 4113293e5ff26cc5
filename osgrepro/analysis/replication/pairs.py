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

from osgrepro.analysis.findings import is_share

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

    ``alike`` are the emulated runs of the same definition, the failed ones too; ``others`` says in
    what the remaining ones differ; ``unlike`` in what the emulation was not like the remote.
    ``theirs`` and ``own`` are the outcomes of ``remote`` and of ``emulated``, row by row.
    """

    counterpart: Counterpart
    remote: tuple[Row, ...]
    emulated: tuple[Row, ...]
    alike: int
    others: tuple[str, ...]
    unlike: tuple[str, ...]
    what: str | None
    metrics: tuple[str, ...]
    theirs: tuple[Outcome, ...]
    own: tuple[Outcome, ...]

    def of(self, name: str) -> str:
        """Return what the remote runs say of themselves."""
        return str(self.remote[0][name])

    @property
    def coarse(self) -> bool:
        """Whether nothing but accuracies was compared: outcomes that differ may have the same."""
        return all(map(is_share, self.metrics)) and self.what not in _HASHES.values()

    @property
    def expected(self) -> tuple[Outcome, ...]:
        """The remote runs' outcomes, the frequent first."""
        return frequent(self.remote, self.theirs)

    @property
    def found(self) -> tuple[Outcome, ...]:
        """The emulated runs' outcomes, the frequent first."""
        return frequent(self.emulated, self.own)


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
    return tuple(sorted(counts, key=lambda one: (-counts[one], one)))


def pair(
    remote: Sequence[Row], counterpart: Counterpart, emulated: Mapping[Cell, Sequence[Row]]
) -> Pair:
    """Return the runs of a remote cell with those of the best emulated cell that has any."""
    others = replace(counterpart, remarks=(*counterpart.remarks, *counterpart.borrowed))
    tried = [
        _pair(remote, others if place else counterpart, emulated.get(one, ()))
        for place, one in enumerate(counterpart.cells)
    ]
    rank = [(not one.emulated, not one.alike, not one.others) for one in tried]
    return tried[rank.index(min(rank))] if tried else _pair(remote, counterpart, ())


def _pair(remote: Sequence[Row], counterpart: Counterpart, candidates: Sequence[Row]) -> Pair:
    differing = [(row, tuple(differences(remote[0], row))) for row in candidates]
    alike = [row for row, names in differing if not names]
    well = [row for row in alike if row["status"] == "ok"]
    # Runs on a machine that lacks nothing say more than those on one that does.
    emulated = [row for row in well if not _unlike(remote, [row])] or well
    what, theirs, own = _compared(remote, emulated)
    metrics = () if what in _HASHES.values() else tuple(_common([*remote, *emulated]))
    remarks = (*_unlike(remote, emulated), *counterpart.remarks) if emulated else ()
    return Pair(
        counterpart=counterpart,
        remote=tuple(remote),
        emulated=tuple(emulated),
        alike=len(alike),
        others=tuple(dict.fromkeys(name for _, names in differing for name in names)),
        unlike=tuple(dict.fromkeys(remarks)),
        what=what,
        metrics=metrics,
        theirs=tuple(theirs),
        own=tuple(own),
    )


def differences(remote: Row, emulated: Row) -> Iterator[str]:
    """Yield the names of what defines the runs, is known of both, and is not the same."""
    for column, name in DEFINING.items():
        theirs, own = known(remote, column), known(emulated, column)
        if theirs is None or own is None or theirs == own:
            continue
        if column in _ALIKE and _ALIKE[column](json.loads(theirs), json.loads(own), remote):
            continue
        yield name


def known(row: Row, column: str) -> Any:
    """Return what a row says; one from before variables could be set was given none."""
    value = row.get(column)
    collected = row.get("code_sha256") is not None
    return "{}" if column == ENVIRONMENT and value is None and collected else value


def _same_parameters(theirs: Any, own: Any, remote: Row) -> bool:
    # An import knows neither the code nor all of its parameters, nor does the campaign say those
    # that the experiment has by itself.
    partly = remote.get("code_sha256") is None
    return partly and all(theirs[key] == own[key] for key in theirs.keys() & own.keys())


def _same_data(theirs: Any, own: Any, _remote: Row) -> bool:
    """Whether the bytes are the same, whatever the campaigns call the files."""
    hashes = [[file.get("sha256") for file in files] for files in (theirs, own)]
    return hashes[0] == hashes[1] and None not in hashes[0]


_ALIKE: dict[str, Callable[[Any, Any, Row], bool]] = {
    "params_json": _same_parameters,
    "data_json": _same_data,
}


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
    for column, name in {**DEFINING, IMAGE: "image"}.items():
        theirs, own = known(remote, column), known(emulated, column)
        if (theirs is None) != (own is None):
            yield f"{name} of the {'remote' if theirs is None else 'emulated'} run not recorded"
        elif column == IMAGE and theirs != own:
            yield "another image"
    if remote.get(IMAGE) is None or emulated.get(IMAGE) is None:
        for column, name in _VERSIONS.items():
            theirs, own = remote.get(column), emulated.get(column)
            if None not in (theirs, own) and theirs != own:
                yield f"{name} {own} instead of {theirs}"


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
    known = [_bits(row) for row in both]
    names = _common(both)
    if not names:
        return None, _compared(remote, ())[1] if emulated else [], []
    what = f"metrics {', '.join(names)}" if len(names) > 1 else names[0]
    outcomes = [(what, " ".join(one[name] for name in names)) for one in known]
    return what, outcomes[: len(remote)], outcomes[len(remote) :]


def _bits(row: Row) -> dict[str, str]:
    """Return the bits of the metrics that are numbers: what is none tells nothing."""
    found = {one["name"]: one["hex"] for one in row["metrics"] or ()}
    return {name: bits for name, bits in found.items() if bits and "nan" not in bits.lower()}


def _common(rows: Sequence[Row]) -> list[str]:
    """Return the metrics that all of ``rows`` recorded as numbers, sorted."""
    known = [_bits(row) for row in rows]
    return [name for name in sorted(known[0]) if all(name in one for one in known)]
