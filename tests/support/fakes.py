"""An access point in memory: clusters, jobs and event logs as a test wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from osgrepro.common.errors import PoolError
from osgrepro.common.models import JobEvent, RunState
from osgrepro.pool.condor import LiveCluster, LiveJob


class FakeQueue:
    """Takes submissions, and says of each job what the test set in ``states``."""

    takes_common_input = True

    def __init__(self) -> None:
        self.descriptions: list[str] = []
        self.brakes: list[str] = []
        self.clusters: dict[str, LiveCluster] = {}
        self.fail_at: int | None = None
        self.running_dags: tuple[int, ...] = ()
        self.asked = 0
        self.acts: list[tuple[str, list[str]]] = []

    def submit(self, description: str, count: int) -> int:
        """Accept a description, unless it is the one that the test wants refused."""
        if len(self.descriptions) + 1 == self.fail_at:
            raise PoolError("the submission was refused: disk full")
        if "MY.OsgreproBrake" in description:
            self.brakes.append(description)
            return 1000
        self.descriptions.append(description)
        cluster = len(self.descriptions)
        batch = description.split('MY.OsgreproBatch = "')[1].split('"', maxsplit=1)[0]
        items = Path(description.rsplit(" from ", maxsplit=1)[1].strip())
        runs = [line.partition(",")[0] for line in items.read_text().splitlines()]
        folder = description.split("\ninitialdir = ")[1].split("\n", maxsplit=1)[0]
        jobs = {
            proc: LiveJob(proc=proc, state=RunState.IDLE, run_id=run_id)
            for proc, run_id in enumerate(runs)
        }
        self.clusters[batch] = LiveCluster(
            cluster=cluster, batch=batch, jobs=jobs, folder=folder, count=count
        )
        return cluster

    def live(self, batches: Iterable[str]) -> dict[str, LiveCluster]:
        """Return the clusters that have jobs left."""
        return {key: self.clusters[key] for key in batches if key in self.clusters}

    def of_campaign(self, _campaign: str) -> dict[str, LiveCluster]:
        """Return all clusters: there is one campaign here."""
        return dict(self.clusters)

    def dags(self, _campaign: str) -> tuple[int, ...]:
        """Return what the test set in ``running_dags``."""
        return self.running_dags

    def all_of_campaign(self, campaign: str) -> tuple[dict[str, LiveCluster], tuple[int, ...]]:
        """Return both of these, and count that."""
        self.asked += 1
        return self.of_campaign(campaign), self.dags(campaign)

    def act(self, verb: str, jobs: Iterable[str], _reason: str, *, held: bool = False) -> None:
        """Note what is asked, and let jobs go that are removed."""
        named = list(jobs)
        self.acts.append((verb, named))
        for batch, cluster in list(self.clusters.items()):
            for proc, job in cluster.jobs.items():
                wanted = {str(cluster.cluster), f"{cluster.cluster}.{proc}"} & set(named)
                if verb == "remove" and wanted and (job.state is RunState.HELD or not held):
                    self.set(batch, proc, None)

    def set(self, batch: str, proc: int, state: RunState | None, **facts: Any) -> None:
        """Have a job stand so; None lets it leave the queue."""
        old = self.clusters[batch]
        jobs = dict(old.jobs)
        before = jobs.pop(proc, None)
        if state is not None:
            run_id = before.run_id if before else ""
            jobs[proc] = LiveJob(proc=proc, state=state, run_id=run_id, **facts)
        if jobs:
            self.clusters[batch] = replace(old, jobs=jobs)
        else:
            del self.clusters[batch]


class FakeLogs:
    """Event logs in memory; ``open`` is what the workflow takes to read one."""

    def __init__(self) -> None:
        self.events: dict[str, list[JobEvent]] = {}
        self.reads = self.gaps = 0

    def add(self, batch: str, kind: str, cluster: int, proc: int, **facts: Any) -> None:
        """Append an event."""
        log = self.events.setdefault(batch, [])
        log.append(
            JobEvent(kind=kind, cluster=cluster, proc=proc, at_s=float(len(log)), facts=facts)
        )

    def open(self, path: Path, offset: int) -> FakeReader:
        """Open the log at ``path``, whose name is its batch's."""
        return FakeReader(self, path.stem, offset)


class FakeReader:
    """Reads one log of ``FakeLogs``."""

    def __init__(self, logs: FakeLogs, batch: str, offset: int) -> None:
        self.logs, self.batch, self.offset = logs, batch, offset
        self.gaps = logs.gaps

    def new(self) -> Iterator[JobEvent]:
        """Yield what was not read yet."""
        events = self.logs.events.get(self.batch, [])
        while self.offset < len(events):
            self.offset += 1
            self.logs.reads += 1
            yield events[self.offset - 1]
