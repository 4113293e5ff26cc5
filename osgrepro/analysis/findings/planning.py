"""How many repeats, environments or seeds something takes that one wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """What is wanted, as it was asked for, and how many of what that takes.

    ``needed`` is None where no number of them is enough, or it is above a million. ``present`` is
    how many there are ``where`` the dataset has the smallest part of what it takes: in an
    experiment and software environment, or in a cell of these.
    """

    wanted: str
    of: Literal["repeats", "environments", "seeds"]
    needed: int | None
    present: int
    enough: bool
    text: str
    where: str = ""
