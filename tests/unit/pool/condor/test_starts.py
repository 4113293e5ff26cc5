"""Where jobs ran by their ads, in the queue and in the history."""

from __future__ import annotations

from typing import Any

from osgrepro.pool import condor


class Records:
    """An access point with one job in the history and one in the queue."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ads(self, constraint: str, _projection: list[str]) -> list[dict[str, Any]]:
        """Return the job in the queue, which did not start, and its cluster."""
        self.asked.append(constraint)
        return [{"ClusterId": 7}, {"ProcId": 1, "JobStatus": 1}]

    def history(self, constraint: str, _projection: list[str], _limit: int) -> list[dict[str, Any]]:
        """Return the job that has ended, on the second of two slots."""
        self.asked.append(constraint)
        names = {"MachineAttrName0": "slot1@b", "MachineAttrName1": "slot1@a"}
        facts = {"MachineAttrCpus0": 2, "MachineAttrCpus1": None, "JobCurrentStartDate": 5}
        return [{"ProcId": 0, **names, **facts}]

    def stagings(self, _constraint: str, _projection: list[str]) -> None:
        """Record nothing."""


def test_the_last_starts_of_each_job_come_from_history_and_queue() -> None:
    records = Records()
    told = condor.starts(records, "b1", 7)
    assert [start.machine for start in told[0]] == [
        {"Name": "slot1@a"},
        {"Name": "slot1@b", "Cpus": 2},
    ]
    assert {start.told_by for start in told[0]} == {"job ad"}
    assert told[1] == ()
    assert records.asked == ['ClusterId == 7 && OsgreproBatch == "b1" && ProcId >= 0'] * 2
