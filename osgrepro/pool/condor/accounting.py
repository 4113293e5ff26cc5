"""Adds up what was moved for one cluster, from the ads of its jobs and of its stagings.

A job's bytes are in its ad; a staging of common files (the image, the inputs) has a record of its
own. Nothing here asks anybody: ads come one by one, wherever they are from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Bytes whose way nothing tells of.
UNKNOWN = "unknown"

_EARLIER = ("MachineAttrName1", "MachineAttrName2", "MachineAttrName3")
# What is read of a job, in the queue or in the history, and of a staging.
JOB = [
    *("ClusterId", "ProcId", "JobStatus", "JobMaterializeNextProcId", "ContainerIsCommon"),
    *("BytesRecvd", "BytesSent", "TransferInputStats", "TransferOutputStats"),
    *("RemoteHost", "LastRemoteHost", *_EARLIER),
]
STAGING = [
    *("ClusterId", "RemoteHost", "TransferCommonStats", "CedarSizeBytes", "CedarFilesCount"),
]
_COMPLETED, _REMOVED = 4, 3
_SIZE = re.compile(r"(\w+)SizeBytes(|Total)", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A cluster that was submitted: which batch it is, and how many jobs it has."""

    cluster: int
    batch: str
    jobs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plugin:
    """The bytes that went one way: by HTCondor itself (cedar), or by a plugin (file, osdf, …).

    ``staged_bytes`` is None where stagings are not recorded.
    """

    staged_bytes: int | None = 0
    received_bytes: int = 0
    sent_bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterTransfers:
    """What was moved for one cluster.

    Parameters
    ----------
    cluster, jobs : int
        Which one, and how many jobs were submitted.
    unrecorded_jobs : int
        Jobs that have left the queue and that the history does not know (any more).
    eps : int
        On how many execution points its jobs were.
    stagings : int or None
        How often common files were staged; None where that is not recorded.
    repeated : int
        Stagings of what the same execution point had been sent before.
    unrecorded_eps : int
        Execution points whose jobs received nothing, and of which no staging is recorded.
    plugins : mapping
        The bytes, by the way that they went.
    """

    cluster: int
    jobs: int
    unrecorded_jobs: int = 0
    eps: int = 0
    stagings: int | None = None
    repeated: int = 0
    unrecorded_eps: int = 0
    plugins: Mapping[str, Plugin] = field(default_factory=dict)

    @property
    def staged_bytes(self) -> int | None:
        """Bytes that were staged; None where that is not recorded."""
        if self.stagings is None:
            return None
        return sum(plugin.staged_bytes or 0 for plugin in self.plugins.values())

    @property
    def received_bytes(self) -> int:
        """Bytes that the jobs themselves received."""
        return sum(plugin.received_bytes for plugin in self.plugins.values())

    @property
    def sent_bytes(self) -> int:
        """Bytes that the jobs sent back."""
        return sum(plugin.sent_bytes for plugin in self.plugins.values())


class Account:
    """Adds up one cluster; it keeps numbers and the names of execution points, and no ad."""

    def __init__(self, sent: Sent) -> None:
        self.submitted = sent
        self.common = False
        self.recorded_jobs = 0
        self.next_row: int | None = None
        self._eps: set[str] = set()
        self._fed: set[str] = set()
        self._stagings: Counter[tuple[str, ...]] | None = None
        self._staged: Counter[str] = Counter()
        self._received: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()

    def rows_to_come(self, ad: Mapping[str, Any]) -> None:
        """Take the ad of a cluster whose rows are not all jobs yet."""
        if "JobMaterializeNextProcId" in ad and ad.get("JobStatus") != _REMOVED:
            self.next_row = int(ad["JobMaterializeNextProcId"])

    def job(self, ad: Mapping[str, Any]) -> None:
        """Take a job, in the queue or from the history."""
        self.recorded_jobs += 1
        common = ad.get("ContainerIsCommon") is True
        self.common |= common
        received = _moved(ad, "TransferInputStats", "BytesRecvd")
        self._received.update(received)
        self._sent.update(_moved(ad, "TransferOutputStats", "BytesSent"))
        places = (ad.get(name) for name in ("RemoteHost", "LastRemoteHost", *_EARLIER))
        self._eps.update(_ep(place) for place in places if isinstance(place, str))
        last = ad.get("LastRemoteHost")
        if common and last and not received and ad.get("JobStatus") == _COMPLETED:
            self._fed.add(_ep(last))

    def staging(self, ad: Mapping[str, Any]) -> None:
        """Take the record of one staging of common files."""
        stagings = self.recorded_stagings()
        # Where a plugin took part, the numbers are in an ad of their own.
        moved = dict(_sizes(ad.get("TransferCommonStats") or ad))
        ep = _ep(str(ad.get("RemoteHost", "")))
        self._staged.update(moved)
        self._eps.add(ep)
        staging = (ep, *(f"{size} {way}" for way, size in sorted(moved.items())))
        stagings[staging] += 1

    def recorded_stagings(self) -> Counter[tuple[str, ...]]:
        """Return how often what was staged where; from now on none is no longer "not recorded"."""
        if self._stagings is None:
            self._stagings = Counter()
        return self._stagings

    def result(self) -> ClusterTransfers:
        """Return what it comes to."""
        sent = self.submitted
        made = sent.jobs if self.next_row is None else min(self.next_row, sent.jobs)
        staged = self._stagings
        without = self._fed.difference(ep for ep, *_ in staged or ())
        # Where common files must have been staged and no record is left, none is known of.
        if self.common and not staged and without:
            staged = None
        ways = sorted({*self._staged, *self._received, *self._sent})
        return ClusterTransfers(
            cluster=sent.cluster,
            jobs=sent.jobs,
            unrecorded_jobs=max(0, made - self.recorded_jobs),
            eps=len(self._eps),
            stagings=None if staged is None else sum(staged.values()),
            repeated=sum(staged.values()) - len(staged) if staged else 0,
            unrecorded_eps=len(without),
            plugins={
                way: Plugin(
                    staged_bytes=None if staged is None else self._staged[way],
                    received_bytes=self._received[way],
                    sent_bytes=self._sent[way],
                )
                for way in ways
            },
        )


def _moved(ad: Mapping[str, Any], stats: str, total: str) -> dict[str, int]:
    """Return the bytes of all attempts of a job, by the way that they went."""
    by_way = dict(_sizes(ad.get(stats) or {}))
    whole = int(ad.get(total) or 0)
    return by_way or ({UNKNOWN: whole} if whole else {})


def _sizes(stats: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    counts = {name.lower(): value for name, value in stats.items()}
    for name, size in stats.items():
        named = _SIZE.fullmatch(name)
        # A URL that is handed to a plugin counts among cedar's bytes, and is not a file.
        if named and size and counts.get(f"{named[1]}FilesCount{named[2]}".lower()):
            yield named[1].lower(), int(size)


def _ep(slot: str) -> str:
    """Return the execution point of a slot: ``slot1_2@EP``, or of the one that keeps its files."""
    return slot.partition("@")[2] or slot
