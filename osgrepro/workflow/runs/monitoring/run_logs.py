"""The verb ``logs``: what became of one run, by the events, results and output of all its jobs.

Nobody is asked: all of it is in the campaign's folder. What jobs wrote is theirs, so it is opened
by no link and read line by line; whoever shows it makes it harmless.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common.errors import UsageError
from osgrepro.common.models import JobEvent, Run
from osgrepro.pool import condor
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded, listed
from osgrepro.workflow.runs.journal import Batch, OpenLog, run_ids, submitted

STREAMS = {"stdout": "out", "stderr": "err"}
# How much of a line without an end is one line.
_LINE_BYTES = 65_536
# How a job's size changes is no news of it.
_NOISE = "IMAGE_SIZE"
_CANDIDATES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What a job wrote on one stream: where it is, and how to read it.

    HTCondor brings it back when an attempt ends, in the place of what the one before had written.
    """

    stream: str
    place: Workspace
    run_id: str
    cluster: int
    proc: int

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self.place.log_file(self.run_id, self.cluster, self.proc, STREAMS[self.stream])

    def lines(self, tail: int | None = None) -> Iterator[str]:
        """Yield its lines without their ends, or only the last ``tail`` of them.

        Raises
        ------
        OSError
            If it is not there, can't be read, or is no regular file.
        """
        name = (self.run_id, self.cluster, self.proc, STREAMS[self.stream])
        with self.place.open_log(*name) as file:
            pieces: Iterable[bytes] = iter(lambda: file.readline(_LINE_BYTES), b"")
            for piece in pieces if tail is None else deque(pieces, maxlen=tail):
                yield piece.decode(errors="replace").rstrip("\r\n").expandtabs()


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptLog:
    """The events from one start on a slot up to the next; ``number`` is 0 before the first."""

    number: int
    events: tuple[JobEvent, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class JobLog:
    """A job of a run: its attempts by the event log, the results that returned, and its output."""

    batch: Batch
    proc: int
    event_log: Path
    attempts: tuple[AttemptLog, ...]
    results: tuple[Path, ...]
    outputs: tuple[Output, ...]

    @property
    def name(self) -> str:
        """The job as HTCondor names it: ``cluster.proc``."""
        return f"{self.batch.cluster}.{self.proc}"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunLog:
    """A run, and every job that was submitted for it, the first first.

    ``run`` is None of a run that the campaign no longer has.
    """

    run_id: str
    run: Run | None
    jobs: tuple[JobLog, ...]


def of_run(
    loaded: Loaded, place: Workspace, name: str, *, open_log: OpenLog = condor.EventReader
) -> RunLog:
    """Return what became of a run.

    Parameters
    ----------
    loaded, place : Loaded, Workspace
        The campaign and its folder.
    name : str
        The run's id, or as many of its first digits as no other run has.
    open_log : callable
        Opens event logs.

    Raises
    ------
    UsageError
        If there is no such run, or several.
    PoolError
        If an event log can't be opened.
    """
    runs: dict[str, Run | None] = {run.run_id: run for run in loaded.matrix.runs}
    batches = submitted(place)
    rows = {key: run_ids(place, key) for key in batches}
    for ids in rows.values():
        runs |= {run_id: None for run_id in ids if run_id not in runs}
    run_id = _named(name, runs)
    jobs = (
        _job(place, batch, run_id, rows[key].index(run_id), open_log)
        for key, batch in batches.items()
        if run_id in rows[key]
    )
    return RunLog(run_id=run_id, run=runs[run_id], jobs=tuple(jobs))


def _job(place: Workspace, batch: Batch, run_id: str, proc: int, open_log: OpenLog) -> JobLog:
    cluster, path = batch.cluster or 0, place.event_log(batch.batch)
    events = (
        event
        for event in open_log(path, 0).new()
        if (event.cluster, event.proc) == (cluster, proc) and event.kind != _NOISE
    )
    return JobLog(
        batch=batch,
        proc=proc,
        event_log=path,
        attempts=tuple(_attempts(events)),
        results=tuple(place.results_of(run_id, cluster, proc)),
        outputs=tuple(
            Output(stream=stream, place=place, run_id=run_id, cluster=cluster, proc=proc)
            for stream in STREAMS
        ),
    )


def _attempts(events: Iterable[JobEvent]) -> Iterator[AttemptLog]:
    number, own = 0, list[JobEvent]()
    for event in events:
        if event.kind == "EXECUTE":
            if own:
                yield AttemptLog(number=number, events=tuple(own))
            number, own = number + 1, []
        own.append(event)
    if own:
        yield AttemptLog(number=number, events=tuple(own))


def _named(name: str, runs: dict[str, Run | None]) -> str:
    """Return the id of the run that ``name`` names."""
    if name in runs:
        return name
    begin = [run_id for run_id in runs if name and run_id.startswith(name)]
    if len(begin) == 1:
        return begin[0]
    if begin:
        candidates = listed([_described(run_id, runs) for run_id in begin], _CANDIDATES)
        raise UsageError(
            f"{name}: {len(begin)} runs begin so: {candidates}", hint="give more of the run's id"
        )
    raise UsageError(
        f"{name}: no such run{_nearest(name, runs)}",
        hint="`osgrepro runs CAMPAIGN` lists them; the first digits of an id are enough",
    )


def _nearest(name: str, runs: dict[str, Run | None]) -> str:
    """Return the runs whose ids begin most as ``name`` does, to stand behind a complaint."""
    for digits in range(len(name) - 1, 1, -1):
        begin = [run_id for run_id in runs if run_id.startswith(name[:digits])]
        if begin:
            candidates = listed([_described(run_id, runs) for run_id in begin], _CANDIDATES)
            return f"; with {name[:digits]} begin {candidates}"
    return ""


def _described(run_id: str, runs: dict[str, Run | None]) -> str:
    run = runs[run_id]
    if run is None:
        return f"{run_id} (of a former definition)"
    return f"{run_id} ({'/'.join(run.cell)}, seed {run.seed}, repeat {run.repeat})"
