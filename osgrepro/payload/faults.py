"""Why a run did not end well, and the exit code that says so; raised anywhere in the payload.

The submit side retries only :class:`SlotError`: another slot may do better, the same input not.
"""

from __future__ import annotations

import errno
import traceback
from typing import Any, ClassVar, Dict, Optional

OK = 0

_MESSAGE_CHARACTERS = 4_000
_BEGINNING_CHARACTERS = 200
_TRACEBACK_CHARACTERS = 20_000


class FaultError(Exception):
    """The base of every way in which a run ends without metrics.

    Attributes
    ----------
    known : mapping
        What was learnt of the run all the same, in the sections of ``provenance``.
    brief : str or None
        The message without the output that was passed on already; None where that is all of it.
    """

    exit_code: ClassVar[int] = 10

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.known: Dict[str, Any] = {}
        self.brief: Optional[str] = None


class TrainingError(FaultError):
    """The training raised, or left no metrics; exit code 10."""


class OutOfMemoryError(TrainingError):
    """The training was killed, most likely for lack of memory; exit code 10."""


class InputError(FaultError):
    """The spec, the code, the data or a parameter is not what it should be; exit code 20."""

    exit_code: ClassVar[int] = 20


class SlotError(FaultError):
    """The slot can't run the experiment, another may: no backend, GPU or disk; exit code 30."""

    exit_code: ClassVar[int] = 30


class InterruptedRunError(FaultError):
    """The job was told to stop before it was done; exit code 40."""

    exit_code: ClassVar[int] = 40


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for ``error``: a fault's own, a full disk's, or failed training's."""
    if isinstance(error, FaultError):
        return error.exit_code
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SlotError.exit_code
    return TrainingError.exit_code


def bounded(text: str) -> str:
    """Return a message at bounded length: how it begins and, since it says most, how it ends."""
    if len(text) <= _MESSAGE_CHARACTERS:
        return text
    head, gap = text[:_BEGINNING_CHARACTERS], "\n…\n"
    return head + gap + text[len(head) + len(gap) - _MESSAGE_CHARACTERS :]


def describe(error: BaseException) -> Dict[str, Any]:
    """Return what a result says about ``error``: type, message and traceback, at bounded length."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return {
        "type": type(error).__name__,
        "message": bounded(str(error)),
        "traceback": "".join(lines)[-_TRACEBACK_CHARACTERS:],
    }
