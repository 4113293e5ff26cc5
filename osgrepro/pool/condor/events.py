"""Follows a job event log: hands out what is new, and goes on later where it stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


class EventReader:
    """Reads one log from ``offset`` on; ``offset`` then is where the next reader goes on."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset

    def new(self) -> Iterator[JobEvent]:
        """Yield the events that were appended since the last time.

        Raises
        ------
        PoolError
            If the log can't be read, or is shorter than what was read of it.
        """
        try:
            with _file(self.path) as file:
                if os.fstat(file.fileno()).st_size < self.offset:
                    raise PoolError(
                        f"{self.path}: the event log has become shorter",
                        hint="HTCondor writes it; restore it, or submit the missing runs again",
                    )
                with _opened(file.fileno(), self.offset) as log:
                    for event in log.events(stop_after=0):
                        yield _converted(event)
                        self.offset = _offset(log)
        except FileNotFoundError:
            return
        except (htcondor2.HTCondorException, OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise PoolError(f"{self.path}: the event log can't be read: {why}") from error


def _file(path: Path) -> BinaryIO:
    """Open the log ``returned/events/…`` of a campaign's folder, by no link of the pool's user."""
    whole = path.absolute()
    top = whole.parents[min(_STEPS, len(whole.parents)) - 1]
    return opened(top, *whole.relative_to(top).parts)


def _opened(descriptor: int, offset: int) -> Any:
    # The bindings want a name: this is one of the file that was opened, and of no other.
    name = f"/proc/self/fd/{descriptor}"
    log = htcondor2.JobEventLog(name)
    if offset:
        # Restoring a pickled log is the bindings' one way to an offset.
        log.__setstate__(({"_filename": name, "_deadline": 0}, offset))
    return log


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
