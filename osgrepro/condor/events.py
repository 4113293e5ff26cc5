"""Follows a job event log: hands out what is new, and goes on later where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import htcondor2

from osgrepro.errors import PoolError
from osgrepro.models import JobEvent, Scalar

# What is taken from an event, beside the machine's attributes of a start.
_FACTS = ("ReturnValue", "TerminatedNormally", "HoldReason", "HoldReasonCode", "Reason", "LogNotes")
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
        if not self.path.exists():
            return
        if self.path.stat().st_size < self.offset:
            raise PoolError(
                f"{self.path}: the event log became shorter",
                hint="HTCondor writes it; restore it, or submit the missing runs again",
            )
        try:
            with _opened(self.path, self.offset) as log:
                for event in log.events(stop_after=0):
                    yield _converted(event)
                    self.offset = _offset(log)
        except (htcondor2.HTCondorException, OSError, ValueError) as error:
            raise PoolError(f"{self.path}: the event log can't be read: {error}") from error


def _opened(path: Path, offset: int) -> Any:
    log = htcondor2.JobEventLog(str(path))
    if offset:
        # Restoring a pickled log is the bindings' one way to an offset.
        log.__setstate__(({"_filename": str(path), "_deadline": 0}, offset))
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
