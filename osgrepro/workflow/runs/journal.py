"""The submissions of a campaign, as its folder's journal tells them.

A batch is one submission with its own id: first an intent is noted, then the cluster is submitted,
then the commit is noted. Whoever finds an intent alone asks the access point what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from osgrepro.common.errors import UNFORESEEN
from osgrepro.common.models import JobEvent, Json
from osgrepro.pool import condor
from osgrepro.pool.condor import LiveCluster
from osgrepro.runs.workspace import Workspace

ITEMS_NAME = "items.csv"
# The event of an entry that tells of a retry; what it says is read in ``retries``.
RETRY = "retry"
_KEY = re.compile(r"[0-9a-z]{1,64}")

OpenLog = Callable[[Path, int], condor.EventReader]


class Queue(Protocol):
    """What the verbs need of an access point; ``condor.Schedd`` is one."""

    @property
    def takes_common_input(self) -> bool:
        """Whether it stages inputs once for each execution point and cluster."""

    def submit(self, description: str, count: int) -> int:
        """Submit a description that makes ``count`` jobs; return the cluster id."""

    def live(self, batches: Iterable[str]) -> Mapping[str, LiveCluster]:
        """Return the clusters of ``batches`` that are in the queue."""

    def of_campaign(self, campaign: str) -> Mapping[str, LiveCluster]:
        """Return the clusters of a campaign that are in the queue, by batch."""

    def dags(self, campaign: str) -> tuple[int, ...]:
        """Return the clusters of DAGMan that submit runs of a campaign."""

    def all_of_campaign(self, campaign: str) -> tuple[Mapping[str, LiveCluster], tuple[int, ...]]:
        """Return both of these, asked for at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One submission: its id, its name, how many runs it has, and its cluster once there is one."""

    batch: str
    name: str
    count: int
    cluster: int | None = None


def batches(workspace: Workspace) -> dict[str, Batch]:
    """Return every batch that the journal has and that was not given up, in its order.

    Lines that are no entries are passed over; :func:`damaged` tells of them.
    """
    return _read(workspace)[0]


def damaged(workspace: Workspace) -> list[int]:
    """Return the numbers, from 1 on, of the journal's lines that are no entries.

    Nothing is lost by them: clusters of which the journal does not tell are found in the queue and
    in the event logs, and are put into it again by the next ``submit`` or ``collect``.
    """
    return _read(workspace)[1]


def complaints(workspace: Workspace) -> Iterator[str]:
    """Yield what is said of a damaged journal."""
    if numbers := damaged(workspace):
        lines = f"line {numbers[0]} is no journal entry"
        if len(numbers) > 1:
            lines = f"{len(numbers)} lines are no journal entries, the first is {numbers[0]}"
        yield (
            f"{workspace.journal_file}: {lines}; passed over: the next submit or collect finds its "
            "clusters in the queue and the event logs"
        )


def _read(workspace: Workspace) -> tuple[dict[str, Batch], list[int]]:
    by_key: dict[str, Batch] = {}
    damaged_lines = []
    for number, entry in enumerate(workspace.journal(), start=1):
        try:
            _fold(by_key, entry or {})
        except UNFORESEEN:
            damaged_lines.append(number)
    return by_key, damaged_lines


def submitted(workspace: Workspace) -> dict[str, Batch]:
    """Return every batch that has a cluster, in the journal's order."""
    return {key: batch for key, batch in batches(workspace).items() if batch.cluster is not None}


def run_ids(workspace: Workspace, batch: str) -> list[str]:
    """Return a batch's runs, as far as its items file still has them; the index is the ProcId."""
    try:
        content = (workspace.submission(batch) / ITEMS_NAME).read_text("ascii", errors="replace")
    except FileNotFoundError:
        return []
    return [line.partition(",")[0] for line in content.splitlines()]


def recover(
    workspace: Workspace, queue: Queue, open_log: OpenLog = condor.EventReader
) -> tuple[Batch, ...]:
    """Settle every intent whose outcome the journal doesn't know; return those that have a cluster.

    A process that was killed between intent and commit left either a cluster, which the queue or
    the batch's own event log tells of, or nothing.
    """
    unsettled = {key: batch for key, batch in batches(workspace).items() if batch.cluster is None}
    live = queue.live(unsettled) if unsettled else {}
    recovered = []
    for key, batch in unsettled.items():
        cluster = live[key].cluster if key in live else _logged(workspace, key, open_log)
        if cluster is None:
            workspace.note({"event": "abort", "batch": key})
        else:
            workspace.note({"event": "commit", "batch": key, "cluster": cluster})
            recovered.append(Batch(batch=key, name=batch.name, count=batch.count, cluster=cluster))
    return tuple(recovered)


def _logged(workspace: Workspace, batch: str, open_log: OpenLog) -> int | None:
    first: JobEvent | None = next(iter(open_log(workspace.event_log(batch), 0).new()), None)
    return first.cluster if first else None


def _fold(by_key: dict[str, Batch], entry: Json) -> None:
    """Put what one entry says into ``by_key``."""
    event = entry["event"]
    if event == RETRY:
        return
    key = str(entry["batch"])
    if not _KEY.fullmatch(key):  # it names a folder
        raise ValueError(key)
    if event == "intent":
        by_key[key] = Batch(batch=key, name=str(entry["name"]), count=int(entry["count"]))
    elif event == "commit":
        by_key[key] = replace(by_key[key], cluster=int(entry["cluster"]))
    elif event == "abort":
        by_key.pop(key, None)
