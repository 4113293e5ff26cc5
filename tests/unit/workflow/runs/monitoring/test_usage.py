"""Time well used and lost by place, machines that fail everything, reasons without particulars."""

from __future__ import annotations

from typing import Any

import pytest

from osgrepro.common.models import JobEvent
from osgrepro.pool.progress import Ledger
from osgrepro.workflow.runs.monitoring import usage
from osgrepro.workflow.runs.monitoring.event_logs import Logs
from osgrepro.workflow.runs.monitoring.status import Held


class History:
    """Attempts on machines, as events of one log."""

    def __init__(self) -> None:
        self.ledger, self.proc, self.now_s = Ledger(), 0, 0.0

    def attempt(self, machine: dict[str, Any], end: str, seconds: float, **facts: Any) -> None:
        for kind, given in (("EXECUTE", machine), (end, facts)):
            event = JobEvent(kind=kind, cluster=1, proc=self.proc, at_s=self.now_s, facts=given)
            self.ledger.add([event])
            self.now_s += seconds
        self.proc += 1

    @property
    def logs(self) -> Logs:
        return Logs(batches={}, ledgers={"b": self.ledger})


GOOD = {"Name": "slot1_1@n1", "Machine": "n1", "GLIDEIN_Site": "A", "OSGVO_CPU_MODEL": "EPYC"}
BAD = {"Name": "slot1_1@n2", "Machine": "n2", "GLIDEIN_Site": "B", "CpuFamily": 6}


def test_time_is_well_used_only_by_what_ended_with_zero() -> None:
    history = History()
    history.attempt(GOOD, "JOB_TERMINATED", 60, ReturnValue=0)
    history.attempt(GOOD | {"Name": "slot1_2@n1"}, "JOB_EVICTED", 30)
    history.attempt(BAD, "JOB_TERMINATED", 5, ReturnValue=10)
    history.ledger.add([JobEvent(kind="EXECUTE", cluster=1, proc=9, at_s=500.0, facts=BAD)])
    first, second = usage.places(history.logs)
    assert (first.site, first.hardware, first.machines) == ("A", "EPYC", 1)
    assert (first.good, first.bad, first.good_s, first.bad_s) == (1, 1, 60.0, 30.0)
    assert (second.hardware, second.good, second.bad) == ("CPU family 6, model None", 0, 1)


def test_what_all_failures_have_in_common_is_the_least_that_others_have_not() -> None:
    history = History()
    assert usage.gathered(history.logs) is None
    for _ in range(3):
        history.attempt(BAD, "JOB_TERMINATED", 1, ReturnValue=10)
    assert usage.gathered(history.logs) is None
    assert usage.unfit(history.logs) == ()
    history.attempt(GOOD, "JOB_TERMINATED", 1, ReturnValue=0)
    machine = usage.Gathered(kind="machine", name="n2", failed=3, good_there=0, good_elsewhere=1)
    assert usage.gathered(history.logs) == machine
    assert usage.unfit(history.logs) == ("n2",)
    # Two machines of a site whose hardware differs: the site is all that they share.
    history.attempt(BAD | {"Machine": "n3", "CpuFamily": 7}, "JOB_TERMINATED", 1, ReturnValue=1)
    history.attempt(BAD | {"Machine": "n3", "CpuFamily": 7}, "JOB_TERMINATED", 1, ReturnValue=0)
    site = usage.Gathered(kind="site", name="B", failed=4, good_there=1, good_elsewhere=1)
    assert usage.gathered(history.logs) == site
    assert usage.unfit(history.logs) == ("n2",)
    history.attempt(GOOD, "JOB_TERMINATED", 1, ReturnValue=1)
    assert usage.gathered(history.logs) is None


def test_a_machine_fails_everything_only_after_several_attempts() -> None:
    history = History()
    for _ in range(usage.FAILS_EVERYTHING):
        assert usage.failing(history.logs) == ()
        history.attempt(BAD, "JOB_HELD", 1)
        history.attempt(GOOD, "JOB_EVICTED", 1)
    history.attempt(GOOD, "JOB_TERMINATED", 1, ReturnValue=0)
    assert usage.failing(history.logs) == (usage.Failing(machine="n2", site="B", attempts=3),)


def test_why_the_last_attempt_failed_is_said_without_the_slot() -> None:
    history = History()
    for _ in range(usage.FAILS_EVERYTHING):
        history.attempt(BAD, "JOB_TERMINATED", 1, ReturnValue=10)
    (machine,) = usage.failing(history.logs)
    assert machine.why == "exit code 10"
    reason = "Error from slot1_1@n2@vm: Singularity test failed:FATAL\nmore"
    history.attempt(BAD, "JOB_EVICTED", 1, Reason=reason)
    packed = Ledger.unpack(history.ledger.pack())
    (machine,) = usage.failing(Logs(batches={}, ledgers={"b": packed}))
    assert machine.why == "Error from SLOT: Singularity test failed:FATAL"


@pytest.mark.parametrize(
    ("reason", "general"),
    [
        (
            "Transfer input files failure at execution point slot1_2@ep7@host while receiving "
            "files: Error writing /var/lib/condor/execute/dir_12/scratch/x.npz: No space left",
            "Transfer input files failure at execution point SLOT while receiving "
            "files: Error writing PATH: No space left",
        ),
        ("job 12.7 failed at <10.0.0.1:9618?addrs=x>", "job JOB failed at ADDRESS"),
        ("via condor_hold (by user ada)", "via condor_hold (by user ada)"),
        ("more than request_memory 256 MB", "more than request_memory 256 MB"),
    ],
)
def test_what_only_says_where_is_left_out_of_a_reason(reason: str, general: str) -> None:
    assert usage.general(reason) == general


def test_jobs_with_one_reason_on_many_slots_are_one_group() -> None:
    def job(proc: int, reason: str) -> Held:
        return Held(run_id="0" * 24, cluster=1, proc=proc, reason=reason, code=13, advice="do")

    reason = "failed at slot1_{0}@ep{0}: /scratch/dir_{0}"
    jobs = [job(proc, reason.format(proc)) for proc in range(16)]
    ((general, advice, grouped), (second, _, rest)) = usage.reasons([job(99, "by hand"), *jobs])
    assert (general, advice, len(grouped)) == ("failed at SLOT: PATH", "do", 16)
    assert (second, len(rest)) == ("by hand", 1)


def test_earlier_caches_are_read_on() -> None:
    history = History()
    history.attempt(GOOD, "JOB_TERMINATED", 60, ReturnValue=0)
    packed = history.ledger.pack()
    assert usage.places(Logs(batches={}, ledgers={"b": Ledger.unpack(packed)}))[0].good_s == 60
    packed["jobs"] = [[*job, [start[:2] for start in starts]] for *job, starts in packed["jobs"]]
    assert Ledger.unpack(packed).executions(1, 0)[0].slot == "slot1_1@n1"
