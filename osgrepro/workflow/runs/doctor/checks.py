"""What a check says, and of what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from osgrepro.common.errors import OsgreproError


class Level(str, Enum):
    """How bad it is: nothing to do, to be kept in mind, or in the way of some command."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One line of the doctor: of what, how bad, in which words, and what to do next."""

    subject: str
    level: Level
    text: str
    todo: str = ""


def ok(subject: str, text: str) -> Check:
    """Return that something is in order."""
    return Check(subject=subject, level=Level.OK, text=text)


def warning(subject: str, text: str, todo: str = "") -> Check:
    """Return that something should be kept in mind."""
    return Check(subject=subject, level=Level.WARNING, text=text, todo=todo)


def fault(subject: str, text: str, todo: str = "") -> Check:
    """Return that something is in the way."""
    return Check(subject=subject, level=Level.FAULT, text=text, todo=todo)


def tried(subject: str, check: Callable[[], list[Check]]) -> list[Check]:
    """Return what ``check`` says; where it fails itself, its failure as a fault."""
    try:
        return check()
    except OsgreproError as error:
        return [fault(subject, error.message, error.hint)]
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return [fault(subject, f"{where}{error.strerror or error}", "check who may read it")]
