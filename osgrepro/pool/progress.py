"""Folds the events of job logs into where each job stands, how fast they end, and what is left.

Pure: the events come from the room ``condor``. A ledger can be packed into JSON and taken up
again, so that a long log is read once and not at every look.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from osgrepro.common.models import Execution, JobEvent, RunState, Scalar

# What each event makes of its job; events that are not here change nothing.
TRANSITIONS = {
    "SUBMIT": RunState.IDLE,
    "EXECUTE": RunState.RUNNING,
    "JOB_EVICTED": RunState.IDLE,
    "SHADOW_EXCEPTION": RunState.IDLE,
    "JOB_RECONNECT_FAILED": RunState.IDLE,
    "JOB_HELD": RunState.HELD,
    "JOB_RELEASED": RunState.IDLE,
    "JOB_TERMINATED": RunState.RETURNED,
    "JOB_ABORTED": RunState.LOST,
}
ENDED = frozenset({RunState.RETURNED, RunState.LOST})

# The rate is taken over so many ends: enough to be steady, few enough to follow a change.
_RATE_ENDS = 64

JobId = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many jobs stand where; the rate and the time left where they can be told."""

    counts: Mapping[RunState, int]
    total: int
    ended: int
    rate_per_s: float | None
    left_s: float | None


@dataclass(slots=True)
class _Job:
    state: RunState = RunState.NEW
    executions: list[tuple[float, int]] = field(default_factory=list)


class Ledger:
    """Where every job of one log stands; grows by :meth:`add`.

    ``closed`` says that its cluster has left the queue: what has not become a job never will.
    ``gaps`` says that the log was damaged: something may be missing here.
    """

    def __init__(self) -> None:
        self.closed = False
        self.gaps = False
        self._jobs: dict[JobId, _Job] = {}
        self._machines: list[Mapping[str, Scalar]] = []
        self._machine_numbers: dict[tuple[tuple[str, Scalar], ...], int] = {}
        self._ends: list[float] = []

    def add(self, events: Iterable[JobEvent]) -> int:
        """Fold events in, in the order of their log; return how many there were."""
        count = 0
        for event in events:
            count += 1
            self.closed = self.closed or event.kind == "CLUSTER_REMOVE"
            if event.proc >= 0 and event.kind in TRANSITIONS:
                self._fold(event)
        return count

    def _fold(self, event: JobEvent) -> None:
        job = self._jobs.setdefault((event.cluster, event.proc), _Job())
        before, job.state = job.state, TRANSITIONS[event.kind]
        if event.kind == "EXECUTE":
            start = (event.at_s, self._machine_number(event.facts))
            if start not in job.executions:  # a log that became shorter is read again
                job.executions.append(start)
        if job.state in ENDED and before is not job.state:
            bisect.insort(self._ends, event.at_s)
            del self._ends[:-_RATE_ENDS]

    def _machine_number(self, machine: Mapping[str, Scalar]) -> int:
        # Many jobs, few slots: each machine's attributes are kept once.
        key = tuple(sorted(machine.items()))
        number = self._machine_numbers.setdefault(key, len(self._machines))
        if number == len(self._machines):
            self._machines.append(dict(key))
        return number

    def state(self, cluster: int, proc: int) -> RunState:
        """Return where a job stands; NEW if no event tells of it."""
        job = self._jobs.get((cluster, proc))
        return job.state if job else RunState.NEW

    def executions(self, cluster: int, proc: int) -> tuple[Execution, ...]:
        """Return a job's starts on slots, in the order of the log."""
        job = self._jobs.get((cluster, proc))
        return tuple(
            Execution(started_s=at_s, machine=self._machines[number])
            for at_s, number in (job.executions if job else ())
        )

    def ends(self) -> tuple[float, ...]:
        """Return when the last jobs ended, at most as many as the rate takes into account."""
        return tuple(self._ends)

    def tally(self, total: int, now_s: float) -> Tally:
        """Count the states of all jobs.

        Parameters
        ----------
        total : int
            How many jobs there are; those that no event tells of yet count as idle, or as lost
            once the cluster has left the queue.
        now_s : float
            The present, in seconds since 1970: an idle pool's rate falls while nothing ends.
        """
        counts = Counter(job.state for job in self._jobs.values())
        unmade = RunState.LOST if self.closed else RunState.IDLE
        counts[unmade] += max(total - len(self._jobs), 0)
        ended = sum(counts[state] for state in ENDED)
        return _tally(counts, total, ended, self._ends, now_s)

    def pack(self) -> dict[str, Any]:
        """Return all of the ledger as JSON can hold it."""
        return {
            "closed": self.closed,
            "gaps": self.gaps,
            "machines": self._machines,
            "ends": self._ends,
            "jobs": [
                [cluster, proc, job.state.value, job.executions]
                for (cluster, proc), job in self._jobs.items()
            ],
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Ledger:
        """Return the ledger that :meth:`pack` made.

        Raises
        ------
        KeyError, TypeError, ValueError
            If ``packed`` is no such thing.
        """
        ledger = cls()
        ledger.closed = bool(packed["closed"])
        ledger.gaps = bool(packed.get("gaps"))
        ledger._machines = [dict(machine) for machine in packed["machines"]]
        ledger._machine_numbers = {
            tuple(sorted(machine.items())): number
            for number, machine in enumerate(ledger._machines)
        }
        ledger._ends = [float(end) for end in packed["ends"]]
        for cluster, proc, state, executions in packed["jobs"]:
            starts = [(float(at_s), int(number)) for at_s, number in executions]
            ledger._jobs[int(cluster), int(proc)] = _Job(RunState(state), starts)
        return ledger


def together(tallies: Iterable[Tally], ends: Iterable[float], now_s: float) -> Tally:
    """Return the tally of several logs; ``ends`` are all of their last ends."""
    counts: Counter[RunState] = Counter()
    total = ended = 0
    for tally in tallies:
        counts.update(tally.counts)
        total += tally.total
        ended += tally.ended
    return _tally(counts, total, ended, sorted(ends)[-_RATE_ENDS:], now_s)


def _tally(
    counts: Mapping[RunState, int], total: int, ended: int, ends: list[float], now_s: float
) -> Tally:
    rate_per_s = None
    if len(ends) > 1 and now_s > ends[0]:
        rate_per_s = (len(ends) - 1) / (now_s - ends[0])
    return Tally(
        counts={state: count for state, count in counts.items() if count},
        total=total,
        ended=ended,
        rate_per_s=rate_per_s,
        left_s=(total - ended) / rate_per_s if rate_per_s else None,
    )
