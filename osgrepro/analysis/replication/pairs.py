"""Pairs of remote and emulated runs of the same thing, and what of them can be compared.

Called by ``confirmation``, and by whoever plans a replay. Rows are mappings with the keys
:data:`COLUMNS`; two more are read where they are there: ``letter``, the outcome class that the
analysis gave the run, and ``count``, for how many equal runs a row stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from osgrepro.analysis.findings import is_counted
from osgrepro.analysis.replication.compared import HASHES, Outcome, Row, bits_of
from osgrepro.analysis.replication.differences import DEFINING, IMAGE, VERSIONS

COLUMNS = (
    *("experiment", "software", "hardware", "status", *DEFINING, IMAGE, *VERSIONS, *HASHES),
    *("metrics", "emulated", "emulation", "not_emulated", "simulated_gpu"),
)

# Experiment, software, hardware.
Cell = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterpart:
    """The emulated cells that can stand for a remote one, the best first.

    ``how`` says what was matched with what, and by what, where names differ. ``remarks`` is what is
    known not to be like the remote, besides what the emulated runs say, and ``borrowed`` what is
    not where the runs are of another cell than the first. ``obstacles`` is why this machine can't
    stand in, ``lacking`` what else there is none for: an image, data, a name.
    """

    cells: tuple[Cell, ...]
    how: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def why_none(self) -> tuple[str, ...]:
        """Why there is no emulated run, and can be none as things are; empty: there can be one."""
        return (*self.obstacles, *self.lacking)


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
        recorded = [bits_of(row) for row in (*self.remote, *self.emulated)]
        return self.compared not in HASHES.values() and all(
            is_counted(metric, {float.fromhex(bits[metric]) for bits in recorded if metric in bits})
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
