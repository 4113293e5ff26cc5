"""Folds the events of job logs into where each job stands, how fast they end, and what is left.

Pure: the events come from the room ``condor``. A ledger can be packed into JSON and taken up
again, so that a long log is read once and not at every look.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from osgrepro.common.models import Execution, JobEvent, RunState, Scalar
from osgrepro.pool.tally import RATE_ENDS, Tally, tally_of

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
# What ends an attempt; only a job that terminates by itself, with 0, has used its slot well.
_ATTEMPT_ENDS = frozenset(TRANSITIONS) - {"SUBMIT", "EXECUTE", "JOB_RELEASED"}
ENDED = frozenset({RunState.RETURNED, RunState.LOST})

_WHY_CHARACTERS = 200

JobId = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What a machine was used for: attempts that ended well and others, and their seconds.

    ``why`` is how the last of the others ended; empty where nothing tells. ``good_at_s`` and
    ``bad_at_s`` are when the last of each ended, 0 where none did.
    """

    machine: Mapping[str, Scalar]
    good: int
    bad: int
    good_s: float
    bad_s: float
    why: str = ""
    good_at_s: float = 0.0
    bad_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A job's start on a slot: when it began and ended (seconds since 1970), and on which machine.

    ``ended_s`` is None while it runs; ``good`` is whether the job ended there by itself, with 0.
    """

    started_s: float
    ended_s: float | None
    good: bool
    machine: Mapping[str, Scalar]


@dataclass(slots=True)
class _Attempt:
    at_s: float
    machine: int
    ended_s: float | None = None
    good: bool = False
    why: str = ""


@dataclass(slots=True)
class _Job:
    state: RunState = RunState.NEW
    attempts: list[_Attempt] = field(default_factory=list)


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
            # A log that became shorter is read again.
            if start not in ((attempt.at_s, attempt.machine) for attempt in job.attempts):
                job.attempts.append(_Attempt(*start))
        elif event.kind in _ATTEMPT_ENDS and job.attempts and job.attempts[-1].ended_s is None:
            ended = job.attempts[-1]
            ended.ended_s = event.at_s
            ended.good = event.kind == "JOB_TERMINATED" and event.facts.get("ReturnValue") == 0
            ended.why = "" if ended.good else _why(event.facts)
        if job.state in ENDED and before is not job.state:
            bisect.insort(self._ends, event.at_s)
            del self._ends[:-RATE_ENDS]

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

    def failures(self) -> tuple[JobId, ...]:
        """Return the jobs that ended by themselves and not with 0: ClusterId and ProcId."""
        return tuple(
            job_id
            for job_id, job in self._jobs.items()
            if job.state is RunState.RETURNED and job.attempts and not job.attempts[-1].good
        )

    def executions(self, cluster: int, proc: int) -> tuple[Execution, ...]:
        """Return a job's starts on slots, in the order of the log."""
        job = self._jobs.get((cluster, proc))
        return tuple(
            Execution(started_s=attempt.at_s, machine=self._machines[attempt.machine])
            for attempt in (job.attempts if job else ())
        )

    def attempts(self, cluster: int, proc: int) -> tuple[Attempt, ...]:
        """Return a job's attempts, in the order of the log."""
        job = self._jobs.get((cluster, proc))
        return tuple(
            Attempt(attempt.at_s, attempt.ended_s, attempt.good, self._machines[attempt.machine])
            for attempt in (job.attempts if job else ())
        )

    def uses(self) -> tuple[Use, ...]:
        """Return what each machine was used for, as far as attempts have ended."""
        ended: list[list[_Attempt]] = [[] for _ in self._machines]
        for job in self._jobs.values():
            for attempt in job.attempts:
                if attempt.ended_s is not None:
                    ended[attempt.machine].append(attempt)
        return tuple(
            _use(machine, attempts) for machine, attempts in zip(self._machines, ended, strict=True)
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
        uses = self.uses()
        good, good_s = sum(use.good for use in uses), sum(use.good_s for use in uses)
        return tally_of(counts, (total, ended, good, good_s), self._ends, now_s)

    def pack(self) -> dict[str, Any]:
        """Return all of the ledger as JSON can hold it."""
        return {
            "closed": self.closed,
            "gaps": self.gaps,
            "machines": self._machines,
            "ends": self._ends,
            "jobs": [
                [cluster, proc, job.state.value, [astuple(attempt) for attempt in job.attempts]]
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
        for cluster, proc, state, starts in packed["jobs"]:
            # Caches of earlier versions do not say how attempts ended.
            attempts = [_Attempt(float(at_s), int(number), *end) for at_s, number, *end in starts]
            ledger._jobs[int(cluster), int(proc)] = _Job(RunState(state), attempts)
        return ledger


def _use(machine: Mapping[str, Scalar], attempts: Iterable[_Attempt]) -> Use:
    counts, seconds, last, why = [0, 0], [0.0, 0.0], [0.0, 0.0], ""
    for attempt in attempts:
        ended_s, bad = attempt.ended_s or 0.0, not attempt.good
        counts[bad] += 1
        seconds[bad] += max(ended_s - attempt.at_s, 0.0)
        if bad and ended_s >= last[True]:
            why = attempt.why
        last[bad] = max(last[bad], ended_s)
    return Use(
        machine=machine,
        good=counts[False],
        bad=counts[True],
        good_s=seconds[False],
        bad_s=seconds[True],
        why=why,
        good_at_s=last[False],
        bad_at_s=last[True],
    )


def _why(facts: Mapping[str, Scalar]) -> str:
    """Return how an attempt ended that did not end well, in a line."""
    if "ReturnValue" in facts:
        return f"exit code {facts['ReturnValue']}"
    lines = str(facts.get("HoldReason") or facts.get("Reason") or "").split("\n")
    return lines[0][:_WHY_CHARACTERS]
