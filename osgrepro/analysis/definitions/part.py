"""Which part of the runs is analysed: those of some environments, on CPUs alone, on GPUs alone.

Called after the definitions are chosen, which are those of all runs, whatever part is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.common.errors import UsageError, did_you_mean

KEYS = ("experiment", "hardware", "software", "seed", "repeat")
_MOST = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What is looked at; by default everything.

    Parameters
    ----------
    only : mapping of str to sequence of str
        For each of some ``KEYS`` the values that count. Values of one key are alternatives, keys
        narrow each other down.
    processor : "CPU" or "GPU", optional
        What the runs trained on.
    """

    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    processor: Literal["CPU", "GPU"] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What the part is, in words for findings; empty if it is everything."""
        runs = (f"runs on {self.processor}s",) if self.processor else ()
        return (*runs, *(f"{key} {', '.join(values)}" for key, values in self.only.items()))

    @property
    def options(self) -> tuple[str, ...]:
        """What of a command's line chooses the part; empty if it is everything."""
        runs = (f"--{self.processor.lower()}s",) if self.processor else ()
        only = [word for key, values in self.only.items() for word in _only(key, values)]
        return (*only, *runs)


def _only(key: str, values: Sequence[str]) -> Iterator[str]:
    """Yield the options that choose values of a key, one for each where commas are in a name."""
    together = not any("," in value for value in values)
    for value in [",".join(values)] if together else values:
        yield from ("--only", f"{key}={value}")


def select(runs: pd.DataFrame, part: Part) -> pd.DataFrame:
    """Return the runs of a part, with a fresh index.

    Raises
    ------
    UsageError
        If no run has one of the values, or none is left.
    """
    if not part.words:
        return runs
    kept = np.ones(len(runs), dtype=bool)
    for key, values in part.only.items():
        kept &= _having(runs, key, values)
    if part.processor:
        kept &= frames.with_gpu(runs) == (part.processor == "GPU")
    if not kept.any():
        given = [f"--only {key}" for key in part.only]
        given += [f"--{part.processor.lower()}s"] if part.processor else []
        raise UsageError(
            f"no run is left: none of {len(runs):,} is of this part ({'; '.join(part.words)})",
            hint=f"leave out {' or '.join(given)}",
        )
    chosen: pd.DataFrame = runs[kept].reset_index(drop=True)
    for name in chosen.columns:  # a level without a run would still count as an environment
        if isinstance(chosen[name].dtype, pd.CategoricalDtype):
            chosen[name] = chosen[name].cat.remove_unused_categories()
    return chosen


def _having(
    runs: pd.DataFrame, key: str, values: Sequence[str]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which runs have one of the values, each of which some run must have."""
    column = frames.column(runs, key)
    levels = {str(level): level for level in column.dropna().unique()}
    # Emulated runs are of the hardware that they stand for, too, and those on its CPU are its own.
    stands_for = frames.column(runs, frames.STANDS_FOR if key == "hardware" else "")
    for value in values:
        if value not in levels:
            known = sorted(levels, key=_order)
            more = f" and {len(known) - _MOST:,} more" if len(known) > _MOST else ""
            examples = f"name one that there is: {', '.join(known[:_MOST])}{more}"
            raise UsageError(
                f"--only {key}={value}: no run has this {key}"
                f"{'' if value.isdigit() else did_you_mean(value, known)}",
                hint=examples if known else f"leave it out: no run has a {key} recorded",
            )
    named = frames.column(runs, frames.NAMED if key == "hardware" else "")
    having = column.isin([levels[value] for value in values])
    having |= stands_for.isin(list(values)) | named.isin(list(values))
    return np.asarray(having, dtype=bool)


def _order(text: str) -> tuple[int, str]:
    """Return what names sort by: numbers as numbers."""
    return len(text) if text.isdigit() else 0, text
