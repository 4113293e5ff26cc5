"""Which definitions of its experiments a dataset has, and which of them were analysed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """What runs of an experiment have in common, whatever their seed, repeat and hardware.

    ``analysed`` of its ``rows`` are in the findings, as the experiment ``name``; None where no row
    is. ``current`` is whether the campaign would run it now, None where the dataset does not know.
    ``differs`` names in what it is not like the one that was analysed, and ``last`` is when the
    last of its runs began (ISO 8601, UTC).
    """

    experiment: str
    id: str
    rows: int
    failed: int
    analysed: int
    name: str | None
    current: bool | None
    last: str | None
    differs: tuple[str, ...]
    text: str
