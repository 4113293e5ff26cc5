"""What every finding is made of: frozen values, free of pandas, the same in every format.

A question that the data can't answer holds :class:`NotAssessable` in the place of its answer, never
a zero and never a pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 1

Grade = Literal["O0", "O1", "O2", "O3"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NotAssessable:
    """No answer: why the data don't suffice, and what is missing for one."""

    why: str
    missing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A two-sided interval at ``confidence`` and how it was made, ``Clopper-Pearson`` say."""

    low: float
    high: float
    confidence: float
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A remark about the data or the design: a stable word, the sentence, and where it applies."""

    kind: str
    text: str
    where: tuple[str, ...] = ()
