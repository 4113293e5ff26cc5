"""The event logs of a campaign's clusters, each read once and then only what is new."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import orjson

from osgrepro.common.errors import WorkspaceError
from osgrepro.common.models import Execution, RunState
from osgrepro.pool import progress
from osgrepro.pool.condor import EventReader
from osgrepro.pool.progress import Ledger
from osgrepro.pool.tally import Tally, together
from osgrepro.runs.workspace import Workspace, write
from osgrepro.workflow.runs.journal import Batch, OpenLog, submitted


@dataclass(frozen=True, kw_only=True, slots=True)
class Logs:
    """What the event logs tell, by batch."""

    batches: Mapping[str, Batch]
    ledgers: Mapping[str, Ledger]

    def executions(self, batch: str, cluster: int, proc: int) -> tuple[Execution, ...]:
        """Return a job's starts on slots; none if the batch is not known."""
        ledger = self.ledgers.get(batch)
        return ledger.executions(cluster, proc) if ledger else ()

    @property
    def damaged(self) -> tuple[int, ...]:
        """The clusters whose log is not whole."""
        numbers = (self.batches[key].cluster for key, ledger in self.ledgers.items() if ledger.gaps)
        return tuple(sorted(number for number in numbers if number is not None))

    def lacks(self, batch: str, cluster: int, proc: int) -> bool:
        """Whether the log of a batch can't have all that happened to one of its jobs.

        It is damaged, or knows neither a start nor the end of the job.
        """
        ledger = self.ledgers.get(batch)
        if ledger is None or ledger.gaps:
            return ledger is not None
        ended = ledger.state(cluster, proc) in progress.ENDED
        return not ended and not ledger.executions(cluster, proc)

    def running(self, cluster: int, proc: int) -> bool:
        """Whether a job runs; of several pools' clusters of one number, any."""
        return any(
            self.ledgers[key].state(cluster, proc) is RunState.RUNNING
            for key, batch in self.batches.items()
            if batch.cluster == cluster
        )

    def tally(self, now_s: float) -> Tally:
        """Count all jobs by state, with the rate and the time left."""
        return together(
            [self.ledgers[key].tally(batch.count, now_s) for key, batch in self.batches.items()],
            [end for ledger in self.ledgers.values() for end in ledger.ends()],
            now_s,
        )


class Follower:
    """Keeps the readers of a campaign's logs, so that a look costs only what is new."""

    def __init__(self, workspace: Workspace, open_log: OpenLog) -> None:
        self._workspace = workspace
        self._open_log = open_log
        self._kept: dict[str, _Kept] = {}

    def look(self) -> Logs:
        """Read what is new and return what the logs tell."""
        batches = submitted(self._workspace)
        for key in batches:
            if key not in self._kept:
                self._kept[key] = self._take_up(key)
            kept = self._kept[key]
            kept.unsaved += kept.ledger.add(kept.reader.new())
            kept.ledger.gaps |= kept.reader.gaps > 0
        return Logs(batches=batches, ledgers={key: self._kept[key].ledger for key in batches})

    def save(self) -> None:
        """Note what was read, so that the next process reads on from there."""
        for key, kept in self._kept.items():
            if kept.unsaved:
                packed = {"offset": kept.reader.offset, "ledger": kept.ledger.pack()}
                write(self._workspace.event_cache(key), orjson.dumps(packed))
                kept.unsaved = 0

    def _take_up(self, batch: str) -> _Kept:
        offset, ledger = 0, Ledger()
        with suppress(OSError, ValueError, KeyError, TypeError):
            packed = orjson.loads(self._workspace.event_cache(batch).read_bytes())
            ledger = Ledger.unpack(packed["ledger"])
            offset = int(packed["offset"])
        if not offset:
            ledger = Ledger()
        return _Kept(self._open_log(self._workspace.event_log(batch), offset), ledger)


@dataclass(slots=True)
class _Kept:
    reader: EventReader
    ledger: Ledger
    unsaved: int = 0


def glance(workspace: Workspace, open_log: OpenLog = EventReader) -> Logs:
    """Return what the logs tell, also where nobody may note how far they were read."""
    follower = Follower(workspace, open_log)
    logs = follower.look()
    with suppress(OSError, WorkspaceError):
        follower.save()
    return logs


def read_logs(workspace: Workspace, open_log: OpenLog) -> Logs:
    """Return what the event logs of all of a campaign's clusters tell."""
    follower = Follower(workspace, open_log)
    logs = follower.look()
    follower.save()
    return logs
