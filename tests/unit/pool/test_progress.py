"""Events become states, rates and times left; a packed ledger is the same ledger."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common.models import JobEvent, RunState
from osgrepro.pool.progress import TRANSITIONS, Ledger


def event(kind: str, proc: int = 0, at_s: float = 0.0, **facts: int | str) -> JobEvent:
    return JobEvent(kind=kind, cluster=7, proc=proc, at_s=at_s, facts=facts)


def ledger(*events: JobEvent) -> Ledger:
    made = Ledger()
    made.add(events)
    return made


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ([], RunState.NEW),
        (["SUBMIT"], RunState.IDLE),
        (["SUBMIT", "EXECUTE"], RunState.RUNNING),
        (["SUBMIT", "EXECUTE", "IMAGE_SIZE"], RunState.RUNNING),
        (["SUBMIT", "EXECUTE", "JOB_EVICTED"], RunState.IDLE),
        (["SUBMIT", "EXECUTE", "JOB_EVICTED", "JOB_HELD"], RunState.HELD),
        (["SUBMIT", "EXECUTE", "JOB_EVICTED", "JOB_HELD", "JOB_RELEASED"], RunState.IDLE),
        (["SUBMIT", "EXECUTE", "JOB_TERMINATED"], RunState.RETURNED),
        (["SUBMIT", "JOB_ABORTED"], RunState.LOST),
    ],
)
def test_the_last_event_that_counts_decides_the_state(kinds: list[str], state: RunState) -> None:
    assert ledger(*(event(kind) for kind in kinds)).state(7, 0) is state


def test_each_start_keeps_what_its_machine_was() -> None:
    made = ledger(
        event("EXECUTE", at_s=1, Name="slot1@a", Cpus=1),
        event("JOB_EVICTED"),
        event("EXECUTE", at_s=2, Name="slot1@b", Cpus=1),
    )
    assert [(start.slot, start.started_s) for start in made.executions(7, 0)] == [
        ("slot1@a", 1),
        ("slot1@b", 2),
    ]
    assert made.executions(7, 1) == ()


def test_jobs_that_no_event_tells_of_count_as_idle() -> None:
    tally = ledger(event("SUBMIT", 0), event("EXECUTE", 0)).tally(10, now_s=5)
    assert tally.counts == {RunState.RUNNING: 1, RunState.IDLE: 9}
    assert tally.left_s is None


def test_what_a_removed_cluster_never_made_is_lost() -> None:
    tally = ledger(event("JOB_ABORTED", 0), event("CLUSTER_REMOVE", -1)).tally(10, now_s=5)
    assert tally.counts == {RunState.LOST: 10}
    assert tally.ended == 10


def test_an_event_of_the_whole_cluster_is_no_job() -> None:
    assert ledger(event("SUBMIT", -1)).tally(0, now_s=0).counts == {}


events = st.lists(
    st.builds(
        event,
        st.sampled_from([*TRANSITIONS, "IMAGE_SIZE", "CLUSTER_REMOVE"]),
        st.integers(0, 3),
        st.floats(0, 1e9),
        Name=st.sampled_from(["slot1@a", "slot1@b"]),
    )
)


@given(events, events)
def test_a_packed_ledger_goes_on_as_if_never_put_down(
    before: list[JobEvent], after: list[JobEvent]
) -> None:
    through = ledger(*before, *after)
    resumed = Ledger.unpack(json.loads(json.dumps(ledger(*before).pack())))
    resumed.add(after)
    assert resumed.tally(9, 1e9) == through.tally(9, 1e9)
    assert [resumed.executions(7, proc) for proc in range(4)] == [
        through.executions(7, proc) for proc in range(4)
    ]


def test_a_log_that_is_read_again_starts_and_ends_nothing_twice() -> None:
    events = [
        JobEvent(kind=kind, cluster=1, proc=0, at_s=float(at_s), facts={"Name": "slot1@a"})
        for at_s, kind in enumerate(("SUBMIT", "EXECUTE", "JOB_TERMINATED"))
    ]
    ledger = Ledger()
    ledger.add(events)
    ledger.add(events)
    assert len(ledger.executions(1, 0)) == 1
    ledger.gaps = True
    assert Ledger.unpack(ledger.pack()).gaps is True
