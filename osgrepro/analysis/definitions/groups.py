"""The runs of one definition in one software environment, as a group; what rows record of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

# The columns that record a definition, and how people call what is in them.
_CORE = {
    "entry": "entry",
    "code_sha256": "code",
    "params_json": "parameters",
    "data_json": "data",
    "threads_requested": "threads",
}
RECORDED = {**_CORE, "environment_json": "environment"}
# A run's id hashes this, too, and no column records it.
UNRECORDED = "arguments"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The runs of one definition in one software environment, all on today's hardware or all not.

    ``recorded`` is what the rows say of the definition, in the order of :data:`RECORDED`; ``last``
    is when the last of them began.
    """

    experiment: str
    software: str
    id: str
    recorded: tuple[str | None, ...]
    on_current_hardware: bool
    rows: int
    failed: int
    last: pd.Timestamp | None

    @property
    def core(self) -> tuple[str | None, ...]:
        """What has to be the same in all software environments of an experiment."""
        return self.recorded[: len(_CORE)]

    @property
    def rank(self) -> tuple[float, int, str]:
        """The order in which definitions came, as far as anybody knows."""
        return (self.last.timestamp() if self.last is not None else 0.0, self.rows, self.id)


def by(
    groups: Sequence[Group], key: Callable[[Group], tuple[str, ...]]
) -> dict[tuple[str, ...], list[int]]:
    """Return the numbers of the groups that have a key in common."""
    numbers: dict[tuple[str, ...], list[int]] = {}
    for number, group in enumerate(groups):
        numbers.setdefault(key(group), []).append(number)
    return numbers
