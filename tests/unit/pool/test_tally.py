"""How fast jobs end, and how long the rest takes, by what ledgers tell."""

from __future__ import annotations

import pytest

from osgrepro.common.models import JobEvent, RunState
from osgrepro.pool.progress import Ledger
from osgrepro.pool.tally import together


def event(kind: str, proc: int = 0, at_s: float = 0.0) -> JobEvent:
    return JobEvent(kind=kind, cluster=7, proc=proc, at_s=at_s, facts={})


def ledger(*events: JobEvent) -> Ledger:
    made = Ledger()
    made.add(events)
    return made


def test_several_logs_are_counted_together() -> None:
    one = ledger(*(event("JOB_TERMINATED", proc, at_s=10.0 * proc) for proc in range(5)))
    two = ledger(event("SUBMIT"), event("EXECUTE"))
    both = together([one.tally(5, 50), two.tally(5, 50)], [*one.ends(), *two.ends()], 50)
    assert (both.total, both.ended) == (10, 5)
    assert both.counts == {RunState.RETURNED: 5, RunState.RUNNING: 1, RunState.IDLE: 4}
    assert both.left_s == pytest.approx(62.5)


def test_the_time_left_follows_the_rate() -> None:
    made = ledger(*(event("JOB_TERMINATED", proc, at_s=10.0 * proc) for proc in range(11)))
    tally = made.tally(21, now_s=100)
    assert tally.ended == 11
    assert tally.rate_per_s == pytest.approx(0.1)
    assert tally.left_s == pytest.approx(100)
    assert made.tally(21, now_s=200).left_s == pytest.approx(200)


def test_after_a_pause_the_time_left_is_that_of_what_runs_now() -> None:
    ledger, day_s = Ledger(), 86_400.0

    def attempt(proc: int, at_s: float, ends: bool) -> list[JobEvent]:
        start = JobEvent(kind="EXECUTE", cluster=1, proc=proc, at_s=at_s, facts={"Name": "s"})
        end = JobEvent(
            kind="JOB_TERMINATED", cluster=1, proc=proc, at_s=at_s + 50, facts={"ReturnValue": 0}
        )
        return [start, end] if ends else [start]

    for proc in range(4):
        ledger.add(attempt(proc, 100.0 * proc, ends=True))
    ledger.add([*attempt(4, day_s, ends=False), *attempt(5, day_s, ends=False)])
    tally = ledger.tally(10, now_s=day_s)
    assert tally.rate_per_s == pytest.approx(2 / 50)
    # Four wait and two run: two and a half rounds of 50 s on two slots.
    assert tally.left_s == pytest.approx(125)
    assert tally.left_low_s is not None
    assert tally.left_high_s is not None
    assert tally.left_low_s < 125 < tally.left_high_s
    both = together([tally, tally], [], day_s)
    assert both.left_s == pytest.approx(125)
