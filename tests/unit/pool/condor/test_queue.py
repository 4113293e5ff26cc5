"""An access point's queue, as far as it needs no pool: what its ads mean, and what it is told."""

from __future__ import annotations

from typing import Any

import classad2
import htcondor2
import pytest

from osgrepro.common.errors import PoolError
from osgrepro.common.models import RunState
from osgrepro.pool.condor import live, queue
from osgrepro.runs.render import NO_CONTAINER, Requests


def ads(*contents: dict[str, Any]) -> Any:
    return [classad2.ClassAd({"ClusterId": 7, "OsgreproBatch": "b1"} | own) for own in contents]


def test_a_job_waits_since_it_was_queued_or_became_idle_or_was_matched() -> None:
    moments = {"QDate": 100, "EnteredCurrentStatus": 300, "LastMatchTime": 200}
    jobs = live.clusters(
        ads(
            {"ProcId": 0, "NumShadowStarts": 2} | moments,
            {"ProcId": 1, "QDate": 100},
            {"ProcId": 2},
        )
    )["b1"].jobs
    assert [(job.starts, job.waiting_since_s) for job in jobs.values()] == [
        (2, 300.0),
        (0, 100.0),
        (0, None),
    ]


def test_rows_that_are_no_jobs_yet_are_idle() -> None:
    found = live.clusters(
        ads(
            {"JobStatus": 1, "JobMaterializeNextProcId": 2},
            {"ProcId": 1, "JobStatus": 2, "RemoteHost": "slot1@a"},
        )
    )["b1"]
    assert found.job(0) is None
    running = found.job(1)
    assert running is not None
    assert (running.state, running.slot) == (RunState.RUNNING, "slot1@a")
    idle = found.job(2)
    assert idle is not None
    assert idle.state is RunState.IDLE


def test_rows_of_a_removed_cluster_will_never_be_jobs() -> None:
    found = live.clusters(ads({"JobStatus": 3, "JobMaterializeNextProcId": 2}))["b1"]
    assert found.job(5) is None


def test_a_job_that_waits_for_common_files_is_idle() -> None:
    job = live.clusters(ads({"ProcId": 0, "JobStatus": 9}))["b1"].job(0)
    assert job is not None
    assert job.state is RunState.IDLE
    assert job.advice == ""


def test_a_held_job_says_why_and_what_to_do() -> None:
    job = live.clusters(
        ads({"ProcId": 0, "JobStatus": 5, "HoldReason": "memory", "HoldReasonCode": 34})
    )["b1"].job(0)
    assert job is not None
    assert (job.hold_reason, job.hold_code) == ("memory", 34)
    assert "osgrepro retry JOBS --memory" in job.advice


LOCATION = {
    "MyType": "Scheduler",
    "MyAddress": "<127.0.0.1:1?addrs=127.0.0.1-1>",
    "Name": "ap.example.org",
    "Machine": "ap.example.org",
    "CondorVersion": "$CondorVersion: 25.14.1 2026-11-01 BuildID: 1 $",
}


@pytest.mark.parametrize(
    ("facts", "state", "phase"),
    [
        ({"JobStatus": 9}, RunState.IDLE, "blocked"),
        ({"JobStatus": 6}, RunState.RUNNING, "transferring"),
        ({"JobStatus": 2, "TransferringInput": True}, RunState.RUNNING, "transferring"),
        ({"JobStatus": 2, "TransferringInput": False}, RunState.RUNNING, None),
        ({"JobStatus": 1}, RunState.IDLE, None),
    ],
)
def test_what_a_job_is_at_is_said_beside_its_state(
    facts: dict[str, Any], state: RunState, phase: str | None
) -> None:
    job = live._job({"ProcId": 0, **facts})
    assert (job.state, job.phase) == (state, phase)


@pytest.mark.parametrize(
    ("version", "takes"),
    [("25.14.1", True), ("25.13.9", False), ("26.0.0", True), ("9.12.0", False)],
)
def test_an_access_point_is_known_by_name_and_version(version: str, takes: bool) -> None:
    told = {**LOCATION, "CondorVersion": f"$CondorVersion: {version} 2026-11-01 BuildID: 1 $"}
    found = queue.Schedd(classad2.ClassAd(told))
    assert found.name == "ap.example.org"
    assert found.version == tuple(map(int, version.split(".")))
    assert found.takes_common_input is takes


def test_an_access_point_whose_version_tells_no_number_takes_no_common_input() -> None:
    found = queue.Schedd(classad2.ClassAd({**LOCATION, "CondorVersion": "built here"}))
    assert found.takes_common_input is False


class Obeying:
    """An access point that does as it is told, and makes ``made`` jobs of each submission."""

    def __init__(self, made: int = 1) -> None:
        self.made = made
        self.removed: list[tuple[str, Any]] = []
        self.actions: list[Any] = []
        self.every = ads({"ProcId": 0}, {"ProcId": 0, "ClusterId": 8, "OsgreproBatch": "b2"})

    def submit(self, _description: Any) -> Obeying:
        return self

    def cluster(self) -> int:
        return 7

    def num_procs(self) -> int:
        return self.made

    def act(self, action: Any, constraint: str, *, reason: Any) -> None:
        self.actions.append(action)
        self.removed.append((constraint, reason))

    def query(self, constraint: str, *_given: Any, **_named: Any) -> Any:
        return [ad for ad in self.every if classad2.ExprTree(constraint).eval(ad) is True]


def obeying(made: int = 1) -> tuple[queue.Schedd, Obeying]:
    point, found = Obeying(made), schedd("")
    found._schedd = point
    return found, point


def test_no_job_is_removed_but_those_of_the_clusters_that_are_named() -> None:
    found, point = obeying()
    found.remove([7, 9], "osgrepro: no longer wanted")
    ((constraint, reason),) = point.removed
    assert point.actions == [htcondor2.JobAction.Remove]
    assert reason[0] == "osgrepro: no longer wanted"
    matched = [
        classad2.ExprTree(constraint).eval(classad2.ClassAd({"ClusterId": cluster, "ProcId": 0}))
        for cluster in range(6, 11)
    ]
    assert matched == [False, True, False, True, False]


def test_no_cluster_means_no_removal() -> None:
    found, point = obeying()
    found.remove([], "osgrepro: no longer wanted")
    assert point.removed == []


def test_a_submission_is_told_by_its_cluster_or_removed_where_jobs_are_missing() -> None:
    found, point = obeying(made=3)
    assert found.submit("queue 3", 3) == 7
    assert point.removed == []
    with pytest.raises(PoolError, match="cluster 7 has 3 jobs instead of 4"):
        found.submit("queue 4", 4)
    assert [constraint for constraint, _reason in point.removed] == ["ClusterId == 7"]


def test_only_clusters_of_the_batches_that_are_asked_for_are_live() -> None:
    found, _point = obeying()
    assert set(found.live(["b1", "b3"])) == {"b1"}
    assert {one.cluster for one in found.live(["b1", "b2"]).values()} == {7, 8}
    assert found.live([]) == {}


def test_a_job_that_is_not_held_any_more_can_be_spared() -> None:
    asked, point = obeying()
    asked.act("remove", ["7.0", "9"], "osgrepro: retry of trial", held=True)
    ((constraint, _reason),) = point.removed
    matched = [
        classad2.ExprTree(constraint).eval(classad2.ClassAd({**job, "JobStatus": status}))
        for job in ({"ClusterId": 7, "ProcId": 0}, {"ClusterId": 9, "ProcId": 1})
        for status in (5, 2)
    ]
    assert matched == [True, False, True, False]


def test_exactly_the_jobs_and_clusters_that_are_named_are_acted_on() -> None:
    found, point = obeying()
    found.act("hold", ["7.0", "7.2", "9"], "osgrepro: hold of trial")
    found.act("release", [], "nothing")
    ((constraint, reason),) = point.removed
    assert (point.actions, reason) == (
        [htcondor2.JobAction.Hold],
        ("osgrepro: hold of trial", 0),
    )
    matched = {
        (cluster, proc)
        for cluster in (7, 8, 9)
        for proc in range(3)
        if classad2.ExprTree(constraint).eval(
            classad2.ClassAd({"ClusterId": cluster, "ProcId": proc})
        )
    }
    assert matched == {(7, 0), (7, 2), (9, 0), (9, 1), (9, 2)}


def test_clusters_of_a_campaign_say_their_runs_and_folder() -> None:
    found, point = obeying()
    own = {"OsgreproCampaign": "trial", "Iwd": "/t.runs/returned/landing", "TotalSubmitProcs": 3}
    point.every = ads({"ProcId": 0, "OsgreproRunId": "ab", **own}, {"ProcId": 1, **own})
    cluster = found.of_campaign("trial")["b1"]
    assert (cluster.folder, cluster.count) == ("/t.runs/returned/landing", 3)
    assert [job.run_id for job in cluster.jobs.values()] == ["ab", ""]
    assert found.of_campaign("tria") == {}


class Refusing:
    """An access point's history that answers with an error."""

    def __init__(self, error: str) -> None:
        self.error = error

    def history(self, *_given: Any, **_named: Any) -> Any:
        raise htcondor2.HTCondorException(self.error)

    jobEpochHistory = history  # noqa: N815


def schedd(error: str, version: tuple[int, ...] = (25, 14, 1)) -> queue.Schedd:
    made = queue.Schedd.__new__(queue.Schedd)
    made._schedd = Refusing(error)
    made.version = version
    return made


def test_a_history_that_is_refused_is_one_message() -> None:
    refused = schedd("Failed to authenticate")
    with pytest.raises(PoolError, match="the history of jobs can't be read") as caught:
        refused.history("true", [], 1)
    assert "does not accept" in caught.value.hint
    with pytest.raises(PoolError, match="the history of transfers can't be read"):
        refused.stagings("true", [])


def test_an_access_point_without_a_history_says_what_that_means() -> None:
    with pytest.raises(PoolError) as caught:
        schedd("HISTORY undefined in remote configuration.").history("true", [], 1)
    assert "keeps no history" in caught.value.hint


def test_stagings_are_not_recorded_by_old_access_points_and_where_that_is_off() -> None:
    assert schedd("never asked", version=(24, 0, 1)).stagings("true", []) is None
    off = schedd("JOB_EPOCH_HISTORY undefined in remote configuration.")
    assert off.stagings("true", []) is None


FAILED = 'Error from slot1_1@gpu@vm: Singularity test failed:FATAL: "docker://a" no such host'


def test_an_idle_job_that_a_slot_gave_back_says_why_also_while_it_waits_for_files() -> None:
    given_back = {"VacateReason": FAILED, "VacateReasonCode": 45}
    jobs = live.clusters(
        ads(
            {"ProcId": 0, "JobStatus": 1} | given_back,
            {"ProcId": 1, "JobStatus": 9} | given_back,
            {"ProcId": 2, "JobStatus": 2} | given_back,
            {"ProcId": 3, "JobStatus": 1, "VacateReason": "preempted", "VacateReasonCode": 1011},
        )
    )["b1"].jobs
    told = [job.vacate_reason for job in jobs.values()]
    why = 'Singularity test failed:FATAL: "docker://a" no such host'
    assert told == [why, why, None, "preempted"]
    assert "apptainer exec" in jobs[0].advice
    assert (jobs[2].advice, jobs[3].advice) == ("", "nothing: it is tried again")


def test_a_container_that_could_not_be_started_is_held_with_the_slots_own_words() -> None:
    held = {"JobStatus": 5, "HoldReason": NO_CONTAINER, "HoldReasonCode": 3, "VacateReason": FAILED}
    job = live.clusters(ads({"ProcId": 0} | held))["b1"].jobs[0]
    assert job.hold_reason == (
        f'{NO_CONTAINER}: Singularity test failed:FATAL: "docker://a" no such host'
    )
    assert "reach one in a registry" in job.advice


def test_a_held_job_says_what_it_asks_for() -> None:
    asked = {
        "RequestMemory": classad2.ExprTree("ifThenElse(MemoryUsage =!= undefined, 512, 256)"),
        "MemoryUsage": 300,
        "RequestDisk": 65_537,
        "AllowedExecuteDuration": 3600,
    }
    (first, second) = live.clusters(
        ads({"ProcId": 0, "JobStatus": 5} | asked, {"ProcId": 1, "JobStatus": 5})
    )["b1"].jobs.values()
    assert first.asks == Requests(memory_mb=512, disk_mb=65, execute_s=3600)
    assert second.asks == Requests()


def test_a_hold_without_a_reason_has_none() -> None:
    nothing = {"HoldReason": classad2.Value.Undefined, "HoldReasonCode": 3}
    job = live.clusters(ads({"ProcId": 0, "JobStatus": 5} | nothing))["b1"].jobs[0]
    assert (job.hold_reason, job.hold_code) == ("", 3)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (1, RunState.IDLE),
        (2, RunState.RUNNING),
        (3, RunState.LOST),
        (4, RunState.RETURNED),
        (5, RunState.HELD),
        (6, RunState.RUNNING),
        (7, RunState.RUNNING),
        (9, RunState.IDLE),
    ],
)
def test_every_status_of_a_job_is_a_state_of_its_run(status: int, state: RunState) -> None:
    """A removed job is none that waits: its run is submitted again."""
    job = live.clusters(ads({"ProcId": 0, "JobStatus": status}))["b1"].job(0)
    assert job is not None
    assert job.state is state


@pytest.mark.parametrize(
    ("own", "releases"),
    [
        ({"HoldReasonCode": 13, "NumHolds": 3}, True),
        ({"HoldReasonCode": 13, "NumHolds": 4}, False),
        ({"HoldReasonCode": 34, "NumHolds": 1}, False),
        ({"HoldReasonCode": 13, "NumHolds": 1, "PeriodicRelease": False}, False),
        ({"HoldReasonCode": 13, "NumHolds": 1, "JobStatus": 1}, False),
    ],
)
def test_a_held_job_says_whether_its_own_policy_will_release_it(
    own: dict[str, Any], releases: bool
) -> None:
    policy = (
        "(HoldReasonCode == 12 || HoldReasonCode == 13) && NumHolds <= 3"
        " && time() - EnteredCurrentStatus > 60"
    )
    now_s = 9_999_999_999  # held in this moment, or later
    held = {"ProcId": 0, "JobStatus": 5, "EnteredCurrentStatus": now_s}
    (ad,) = ads({**held, "PeriodicRelease": classad2.ExprTree(policy), **own})
    job = live.clusters([ad])["b1"].job(0)
    assert job is not None
    assert (job.releases, job.waiting_since_s) == (releases, now_s)
