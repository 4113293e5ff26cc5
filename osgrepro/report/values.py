"""What reports are made of: sections with sentences and tables of words, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Stands in commands for the dataset, where nobody said which file it is.
DATASET = Path("DATASET")
# What is said of a step that takes new runs.
NEW = " (new runs)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table of words; the columns named in ``right`` hold numbers. ``more`` rows are left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()
    more: int = 0

    @property
    def left_out(self) -> str:
        """How many rows are left out, in words: ``1 more row``."""
        return f"{self.more:,} more {'row' if self.more == 1 else 'rows'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading, sentences below it, and perhaps a table.

    ``level`` is 1 for what is about the whole or an experiment, 2 for a question about it;
    ``name`` tells what it is about, whatever its title, and which figures belong to it. ``details``
    are sentences that back the others, for who asks.
    """

    title: str
    level: int
    lines: tuple[str, ...] = ()
    table: Table | None = None
    name: str = ""
    details: tuple[str, ...] = ()
