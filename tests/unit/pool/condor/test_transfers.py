"""What the access point is asked about transfers: each job counted once, and no more read."""

from __future__ import annotations

from typing import Any

import classad2
import pytest

from osgrepro.pool.condor import ClusterTransfers, Sent, transfers
from osgrepro.pool.condor.transfers import pages

JOB = """[ JobStatus = 4; LastRemoteHost = "slot1_1@a@vm"; BytesRecvd = 10.0; BytesSent = 1.0;
    ContainerIsCommon = true ]"""
STAGING = """[ RemoteHost = "data1_1@a@vm"; CedarSizeBytes = 100; CedarFilesCount = 1 ]"""


def job(proc: int, cluster: int = 1, batch: str = "b1", **changes: Any) -> Any:
    ad = classad2.ClassAd(JOB)
    own = {"ClusterId": cluster, "ProcId": proc, "OsgreproBatch": batch} | changes
    for name, value in own.items():
        ad[name] = value
    return ad


def staging(cluster: int = 1) -> Any:
    ad = classad2.ClassAd(STAGING)
    ad["ClusterId"] = cluster
    return ad


class Recorded:
    """An access point's records; constraints are evaluated by HTCondor's own library."""

    def __init__(self, queue: list[Any], history: list[Any], stagings: list[Any] | None) -> None:
        self.queue, self.left, self.staged = queue, history, stagings
        self.limits: list[int] = []

    def ads(self, constraint: str, projection: list[str]) -> list[Any]:
        return _matching(self.queue, constraint)

    def history(self, constraint: str, projection: list[str], limit: int) -> list[Any]:
        self.limits.append(limit)
        return _matching(self.left[::-1], constraint)[:limit]

    def stagings(self, constraint: str, projection: list[str]) -> list[Any] | None:
        return None if self.staged is None else _matching(self.staged, constraint)


def _matching(ads: list[Any], constraint: str) -> list[Any]:
    tree = classad2.ExprTree(constraint)
    return [ad for ad in ads if tree.eval(scope=ad) is True]


def one(records: Recorded, jobs: int, page_jobs: int = 100) -> ClusterTransfers:
    (found,) = transfers(records, [Sent(cluster=1, batch="b1", jobs=jobs)], page_jobs)
    return found


def test_jobs_in_the_queue_and_jobs_that_have_left_it_both_count() -> None:
    found = one(Recorded([job(2, JobStatus=2)], [job(0), job(1)], [staging()]), 3)
    assert (found.received_bytes, found.sent_bytes, found.unrecorded_jobs) == (30, 3, 0)
    assert (found.stagings, found.staged_bytes) == (1, 100)


def test_a_job_that_leaves_the_queue_meanwhile_counts_once() -> None:
    found = one(Recorded([job(2)], [job(0), job(1), job(2)], []), 3)
    assert (found.received_bytes, found.unrecorded_jobs) == (30, 0)


@pytest.mark.parametrize("page_jobs", [1, 2, 3, 7, 100])
def test_a_campaign_is_counted_page_by_page(page_jobs: int) -> None:
    history = [job(n) for n in range(6)] + [job(n, 2, "b2") for n in range(3)]
    records = Recorded([job(6)], history, [staging(), staging(2), staging(3)])
    sent = [Sent(cluster=1, batch="b1", jobs=7), Sent(cluster=2, batch="b2", jobs=4)]
    first, second = transfers(records, sent, page_jobs)
    assert (first.received_bytes, first.unrecorded_jobs, first.stagings) == (70, 0, 1)
    assert (second.received_bytes, second.unrecorded_jobs, second.stagings) == (30, 1, 1)
    assert max(records.limits) <= page_jobs


def test_no_history_is_read_for_jobs_that_are_all_queued() -> None:
    records = Recorded([job(n) for n in range(3)], [], [])
    one(records, 3)
    assert records.limits == []


def test_rows_to_come_are_neither_looked_for_nor_missed() -> None:
    factory = classad2.ClassAd(
        '[ ClusterId = 1; OsgreproBatch = "b1"; JobMaterializeNextProcId = 2; JobStatus = 1 ]'
    )
    records = Recorded([factory, job(1)], [job(0)], [])
    found = one(records, 1000, page_jobs=4)
    assert (found.received_bytes, found.unrecorded_jobs) == (20, 0)
    assert records.limits == [1]


def test_jobs_that_history_no_longer_has_are_told_of() -> None:
    assert one(Recorded([], [job(2)], [staging()]), 3).unrecorded_jobs == 2


def test_clusters_of_another_access_point_with_the_same_number_are_not_counted() -> None:
    found = one(Recorded([], [job(0, batch="somebody's")], [staging()]), 1)
    assert (found.received_bytes, found.stagings, found.unrecorded_jobs) == (0, None, 1)


def test_an_access_point_without_such_records_says_so() -> None:
    assert one(Recorded([], [job(0)], None), 1).stagings is None


def test_pages_are_full_and_have_every_row_once() -> None:
    sent = [Sent(cluster=n, batch=f"b{n}", jobs=jobs) for n, jobs in ((1, 3), (2, 12), (3, 1))]
    cut = list(pages(sent, 5))
    assert [sum(rows.end - rows.first for rows in page) for page in cut] == [5, 5, 5, 1]
    rows = [(r.sent.cluster, n) for page in cut for r in page for n in range(r.first, r.end)]
    assert rows == [(one.cluster, n) for one in sent for n in range(one.jobs)]
