"""How far something is that takes a while, and JSON as Python has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """One step of something that takes a while: ``done`` of ``total`` (None: not known)."""

    what: str
    done: float = 0.0
    total: float | None = None
    unit: str = ""


class Notify(Protocol):
    """Takes progress; the command line draws it, a library caller may ignore it."""

    def __call__(self, progress: Progress, /) -> None:
        """Show ``progress``."""


def silent(_progress: Progress) -> None:
    """Take progress and show nothing."""
