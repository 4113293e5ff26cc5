"""What was moved for a campaign's clusters, as the access point recorded it.

Asks the queue, the history of jobs and that of transfers, a page of jobs at a time, and has the
answers added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from osgrepro.pool.condor.accounting import JOB, STAGING, Account, ClusterTransfers, Sent

# So many jobs at once: their ads take 0.3 GB. Each page is one look through the history.
PAGE_JOBS = 50_000


class JobRecords(Protocol):
    """What an access point recorded; ``condor.Schedd`` is one."""

    def ads(self, constraint: str, projection: list[str]) -> Iterable[Any]:
        """Return the queue's ads that match, those of clusters with rows to come among them."""

    def history(self, constraint: str, projection: list[str], limit: int) -> Iterable[Any]:
        """Return the last ``limit`` jobs that match and have left the queue."""

    def stagings(self, constraint: str, projection: list[str]) -> Iterable[Any] | None:
        """Return each staging of common files that matches; None where they are not recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Some rows of a cluster: from ``first`` up to, and without, ``end``."""

    sent: Sent
    first: int
    end: int


def transfers(
    records: JobRecords, sent: Iterable[Sent], page_jobs: int = PAGE_JOBS
) -> tuple[ClusterTransfers, ...]:
    """Return what was moved for each of the clusters ``sent``, in their order.

    Raises
    ------
    PoolError
        If the access point does not say.
    """
    accounts = {submitted.cluster: Account(submitted) for submitted in sent}
    for page in pages((account.submitted for account in accounts.values()), page_jobs):
        _count_jobs(records, page, accounts)
    # Cluster ids are one access point's own: where it knows no job of a batch, they are another's.
    known = [account.submitted for account in accounts.values() if account.recorded_jobs]
    for page in pages(known, page_jobs):
        _count_stagings(records, {rows.sent.cluster for rows in page if not rows.first}, accounts)
    return tuple(account.result() for account in accounts.values())


def pages(sent: Iterable[Sent], page_jobs: int) -> Iterator[list[Rows]]:
    """Yield pages of at most ``page_jobs`` jobs: several small clusters, or a part of one."""
    page: list[Rows] = []
    room = page_jobs
    for cluster in sent:
        first = 0
        while first < cluster.jobs:
            end = min(cluster.jobs, first + room)
            page.append(Rows(sent=cluster, first=first, end=end))
            room -= end - first
            first = end
            if not room:
                yield page
                page, room = [], page_jobs
    if page:
        yield page


def _count_jobs(records: JobRecords, page: list[Rows], accounts: Mapping[int, Account]) -> None:
    """Count the jobs of a page, in the queue or in the history, each once."""
    live = set()
    for ad in records.ads(_any(page, cluster_ads=True), JOB):
        account, proc = accounts[int(ad["ClusterId"])], ad.get("ProcId", -1)
        if proc < 0:
            account.rows_to_come(ad)
        else:
            live.add((account.submitted.cluster, proc))
            account.job(ad)
    left = sum(_made(rows, accounts[rows.sent.cluster]) for rows in page) - len(live)
    for ad in _left(records, _any(page), left, live) if left > 0 else ():
        accounts[int(ad["ClusterId"])].job(ad)


def _count_stagings(
    records: JobRecords, clusters: set[int], accounts: Mapping[int, Account]
) -> None:
    listed = ", ".join(map(str, sorted(clusters)))
    stagings = records.stagings(f"member(ClusterId, {{{listed}}})", STAGING) if clusters else None
    if stagings is None:
        return
    for cluster in clusters:
        accounts[cluster].recorded_stagings()
    for ad in stagings:
        accounts[int(ad["ClusterId"])].staging(ad)


def _left(
    records: JobRecords, constraint: str, expected: int, live: set[tuple[int, int]]
) -> list[Any]:
    """Return the jobs that have left the queue; those that left it just now were counted there.

    The search ends when all are found, so that a long history is not read to its end.
    """
    limit = expected
    while True:
        ads = list(records.history(constraint, JOB, limit))
        fresh = [ad for ad in ads if (int(ad["ClusterId"]), int(ad["ProcId"])) not in live]
        if len(ads) < limit or len(fresh) >= expected:
            return fresh
        limit = expected + len(ads) - len(fresh)


def _made(rows: Rows, account: Account) -> int:
    """Return how many of the rows are, or were, jobs."""
    end = rows.end if account.next_row is None else min(rows.end, account.next_row)
    return max(0, end - rows.first)


def _any(page: Iterable[Rows], *, cluster_ads: bool = False) -> str:
    # An ad of a cluster has no ProcId, or a negative one.
    among = "(ProcId < 0) =!= false || " if cluster_ads else ""
    return " || ".join(
        f'(ClusterId == {rows.sent.cluster} && OsgreproBatch == "{rows.sent.batch}"'
        f" && ({among}ProcId >= {rows.first} && ProcId < {rows.end}))"
        for rows in page
    )
