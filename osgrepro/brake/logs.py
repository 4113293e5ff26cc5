"""What event logs tell of attempts: of which kind, on which machine, and whether they failed.

Reads text, as HTCondor writes it: the access point's own Python may have no bindings.
"""

from __future__ import annotations

import calendar
import math
import re
import time
from dataclasses import dataclass, field
from typing import Iterator, NamedTuple, Tuple

# Told to stop (40) is nobody's failure. Held or given back for these, a job could not be run by its
# slot.
_NO_FAILURE = (0, 40)
_SLOT_HOLDS = (6, 35, 45, 48)
_OWN_HOLDS = ((3, 1), (3, 2))
# A slot from which a job is gone so soon has lost it: later it may be the end of the slot.
_LOST_S = 30.0

_EVENT = re.compile(
    r"(\d{3}) \((\d+)\.(-?\d+)\.\d+\) (?:(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[.\d]*(Z?))?"
)
_RETURNED = re.compile(r"\(return value (\d+)\)")
_CODE = re.compile(r"^(?:\t|004 .* evicted\. )Code (\d+) Subcode (-?\d+)", re.M)
_ATTRIBUTE = re.compile(r'^\t(OsgreproEP|Machine) = "([\w.:@-]+)"$', re.M)
_SUBMITTED, _STARTED, _EVICTED, _ENDED, _EXCEPTION = "000", "001", "004", "005", "007"
_ABORTED, _HOLD, _RELEASED, _FACTORY, _FACTORY_GONE = "009", "012", "013", "035", "036"
# The slot's own word that it can't run a job, which is evicted seconds later; and its silence.
_COMPLAINT, _GONE = "021", "024"
_ENDS = (_EVICTED, _ENDED, _EXCEPTION, _ABORTED, _HOLD, _COMPLAINT, _GONE)

# A batch, and an experiment in it: runs that should end alike.
Kind = Tuple[str, str]


class Event(NamedTuple):
    """An event of a log: its number, job, time in seconds since 1970, and whole text."""

    number: str
    cluster: int
    proc: int
    at_s: float
    text: str


@dataclass
class Attempt:
    """A start of a run of ``kind`` on a machine; ``bad`` is None while it runs.

    One is ``lost`` that was gone from its slot at once, and nothing tells why.
    """

    kind: Kind
    machine: str
    started_s: float
    ended_s: float = math.inf
    bad: bool | None = None
    lost: bool = False

    @property
    def lasted_s(self) -> float:
        """How long it took."""
        return self.ended_s - self.started_s


@dataclass
class History:
    """What the log of one batch told so far; ``released_s`` says when runs were released last."""

    batch: str
    experiments: list[str] = field(default_factory=list)
    cluster: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    released_s: dict[Kind, float] = field(default_factory=dict)
    _running: dict[int, Attempt] = field(default_factory=dict)
    _jobs: set[int] = field(default_factory=set)
    _more: bool = False

    @property
    def over(self) -> bool:
        """Whether every job that the log tells of has left the queue, and no more will come."""
        return bool(self.cluster) and not self._jobs and not self._more

    def kind(self, proc: int) -> Kind:
        """Return what a job has in common with others that should end as it does."""
        known = 0 <= proc < len(self.experiments)
        return (self.batch, self.experiments[proc] if known else "")

    def fold(self, event: Event) -> None:
        """Take an event in."""
        self.cluster = self.cluster or event.cluster
        if event.number in (_FACTORY, _FACTORY_GONE):
            self._more = event.number == _FACTORY
        elif event.number == _SUBMITTED:
            self._jobs.add(event.proc)
        elif event.number == _RELEASED:
            self.released_s[self.kind(event.proc)] = event.at_s
        elif event.number == _STARTED:
            names = dict(_ATTRIBUTE.findall(event.text))
            machine = names.get("OsgreproEP") or names.get("Machine")
            if machine:
                attempt = Attempt(self.kind(event.proc), machine, event.at_s)
                self._running[event.proc] = attempt
                self.attempts.append(attempt)
        elif event.number in _ENDS:
            if event.number in (_ENDED, _ABORTED):
                self._jobs.discard(event.proc)
            self._end(event)

    def _end(self, event: Event) -> None:
        attempt = self._running.get(event.proc)
        bad = failed(event)
        if attempt is None or (event.number == _COMPLAINT and not bad):  # which may be a warning
            return
        del self._running[event.proc]
        attempt.ended_s = event.at_s
        attempt.lost = event.number in (_EXCEPTION, _GONE) and attempt.lasted_s <= _LOST_S
        attempt.bad = True if attempt.lost else bad
        if attempt.bad is None:  # it says nothing of the machine
            self.attempts.remove(attempt)


def failed(event: Event) -> bool | None:
    """Return whether an attempt failed by the event that ended it; None if that can't be told."""
    returned = _RETURNED.search(event.text)
    if event.number in (_ENDED, _EVICTED) and returned:
        return int(returned.group(1)) not in _NO_FAILURE
    if event.number == _ENDED:
        return True  # by a signal
    said = _CODE.search(event.text) if event.number in (_HOLD, _EVICTED, _COMPLAINT) else None
    if said:
        code = (int(said.group(1)), int(said.group(2)))
        own = event.number == _HOLD and code in _OWN_HOLDS
        return True if own or code[0] in _SLOT_HOLDS else None
    return None


def events(text: str, now_s: float) -> Iterator[Event]:
    """Yield the events of a piece of a log that ends with a whole one."""
    for part in text.split("\n...\n"):
        match = _EVENT.match(part)
        if match:
            number, cluster, proc, day, hour, zone = match.groups()
            at_s = now_s
            if day:
                moment = time.strptime(f"{day} {hour}", "%Y-%m-%d %H:%M:%S")
                at_s = calendar.timegm(moment) if zone else time.mktime(moment)
            yield Event(number, int(cluster), int(proc), at_s, part)


class Log:
    """Reads what is new in one event log, up to the last whole event."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._offset = 0

    def new(self, now_s: float) -> list[Event]:
        """Return the events since the last time."""
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                piece = file.read()
        except OSError:  # not there yet, or no more
            return []
        whole = piece[: piece.rfind(b"\n...\n") + 5] if b"\n...\n" in piece else b""
        self._offset += len(whole)
        return list(events(whole.decode("utf-8", "replace"), now_s))
