"""Follows a job event log: hands out what is new, and goes on later where it stopped.

A log is a file that anything may happen to. What can't be read of it is passed over and told of;
who needs what stood there asks somebody else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import htcondor2

from osgrepro.common.errors import PoolError
from osgrepro.common.files import opened
from osgrepro.common.models import JobEvent, Scalar

# What is taken from an event, beside the machine's attributes of a start.
_FACTS = ("ReturnValue", "TerminatedNormally", "HoldReason", "HoldReasonCode", "Reason", "LogNotes")
# The last steps of a log's path, which are the pool's user's: returned/events/BATCH.log.
_STEPS = 3
# Of a start's attributes: what differs each time and says nothing of the machine.
_VOLATILE = frozenset({"CondorScratchDir"})
# What ends an event, and how much of a log is looked through for it at once.
_END = b"\n...\n"
_EVENT = re.compile(rb"\d{3} ")
_PIECE = 1 << 20


class EventReader:
    """Reads one log from ``offset`` on; ``offset`` then is where the next reader goes on.

    ``gaps`` counts the places at which something is missing: events that can't be read, and the
    end of a log that became shorter, which is then read from its start.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        self.gaps = 0

    def new(self) -> Iterator[JobEvent]:
        """Yield the events that were appended since the last time.

        Raises
        ------
        PoolError
            If the log can't be opened, or is no regular file.
        """
        try:
            with _file(self.path) as file:
                if os.fstat(file.fileno()).st_size < self.offset:
                    self.offset, self.gaps = 0, self.gaps + 1
                while True:
                    yield from self._events(file.fileno())
                    after = _after_unreadable(file.fileno(), self.offset)
                    if after is None:
                        return
                    self.offset, self.gaps = after, self.gaps + 1
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise PoolError(f"{self.path}: the event log can't be read: {why}") from error

    def _events(self, descriptor: int) -> Iterator[JobEvent]:
        """Yield events up to the end, or to one that can't be read; ``offset`` is behind them."""
        with (
            _known_as_log(descriptor, self.offset) as (file, base),
            _opened(file, self.offset - base) as log,
        ):
            for event in _until_unreadable(log.events(stop_after=0)):
                yield _converted(event)
                self.offset = base + _offset(log)


def _until_unreadable(events: Iterator[Any]) -> Iterator[Any]:
    with suppress(htcondor2.HTCondorException):
        yield from events


def _file(path: Path) -> BinaryIO:
    """Open the log ``returned/events/…`` of a campaign's folder, by no link of the pool's user."""
    whole = path.absolute()
    top = whole.parents[min(_STEPS, len(whole.parents)) - 1]
    return opened(top, *whole.relative_to(top).parts)


@contextmanager
def _known_as_log(descriptor: int, offset: int) -> Iterator[tuple[int, int]]:
    """Give a descriptor that the bindings know for a log, and where in the log it begins.

    They look at the first bytes of a file. Where those were lost, they get a copy of the rest.
    """
    if _EVENT.match(os.pread(descriptor, 4, 0)):
        yield descriptor, 0
        return
    copy = os.memfd_create("event log", os.MFD_CLOEXEC)
    try:
        place = offset
        while piece := os.pread(descriptor, _PIECE, place):
            place += os.write(copy, piece)
        yield copy, offset
    finally:
        os.close(copy)


def _opened(descriptor: int, offset: int) -> Any:
    # The bindings want a name: this is one of the file that was opened, and of no other.
    name = f"/proc/self/fd/{descriptor}"
    log = htcondor2.JobEventLog(name)
    if offset:
        # Restoring a pickled log is the bindings' one way to an offset.
        log.__setstate__(({"_filename": name, "_deadline": 0}, offset))
    return log


def _after_unreadable(descriptor: int, offset: int) -> int | None:
    """Return where what is at ``offset`` ends, which is whole and was not read; None at the end.

    A run of zeros, which a machine that lost its power leaves, ends where the next event begins.
    """
    place, before = offset, b""
    while piece := os.pread(descriptor, _PIECE, place):
        if not before and place == offset and piece.startswith(b"\0"):
            return _after_zeros(descriptor, offset)
        at = (before + piece).find(_END)
        if at >= 0:
            return place - len(before) + at + len(_END)
        place += len(piece)
        before = (before + piece)[-len(_END) + 1 :]
    return None


def _after_zeros(descriptor: int, offset: int) -> int | None:
    while piece := os.pread(descriptor, _PIECE, offset):
        rest = piece.lstrip(b"\0")
        offset += len(piece) - len(rest)
        if rest:
            return offset
    return None


def _offset(log: Any) -> int:
    return int(log.__getstate__()[1])


def _converted(event: Any) -> JobEvent:
    facts: dict[str, Scalar] = {}
    for name in _FACTS:
        value = event.get(name)
        if isinstance(value, (str, int, float, bool)):
            facts[name] = value
    if event.type.name == "EXECUTE":
        facts = dict(_machine(event))
    return JobEvent(
        kind=event.type.name,
        cluster=event.cluster,
        proc=event.proc,
        at_s=float(event.timestamp),
        facts=facts,
    )


def _machine(event: Any) -> Iterator[tuple[str, Scalar]]:
    yield "Name", str(event.get("SlotName") or "")
    for name, value in (event.get("ExecuteProps") or {}).items():
        if isinstance(value, (str, int, float, bool)) and name not in _VOLATILE:
            yield name, value
