"""The verb ``collect``: what has returned is judged and becomes the dataset, each file once.

What was read is remembered by the dataset itself: every file stands in it or among the rejected,
with its size and time of change. So a second collection finds nothing new, and one that was killed
loses nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from osgrepro.campaign import current_definitions, definition_ids
from osgrepro.common.errors import UNFORESEEN, RecordError
from osgrepro.common.models import Hardware, Image, Matrix, Notify, Progress, Run, silent
from osgrepro.pool import condor
from osgrepro.results import dataset, records
from osgrepro.results.dataset import Taken
from osgrepro.results.records import Record, Rejected, Source
from osgrepro.runs.workspace import Found, Workspace
from osgrepro.workflow.results.places import JobAds, Places, nobody
from osgrepro.workflow.runs.journal import OpenLog
from osgrepro.workflow.runs.monitoring.event_logs import read_logs

# A file that a running job's transfer may still be writing is left for the next time.
_SETTLED_S = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """What one collection did: files ``rejected`` now by reason, clusters with ``damaged`` logs."""

    taken: int
    superseded: int
    rejected: Mapping[str, int]
    pending: int
    damaged: tuple[int, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Round:
    """The state of one collection: what is known, and what was found on the way."""

    workspace: Workspace
    images: Mapping[str, Image]
    expected: Callable[[Run], Mapping[str, object]]
    runs: Mapping[str, Run]
    definitions: Mapping[tuple[str, str], str]
    metrics: Mapping[str, tuple[str, ...]]
    primary: Mapping[str, str]
    hardware: Mapping[str, Hardware]
    places: Places
    taken: Mapping[str, Taken]
    now_s: float
    refused: list[Rejected] = field(default_factory=list)
    pending: int = 0
    superseded: int = 0

    def definition(self, run: Run) -> str:
        """Return the name of a run's definition."""
        return self.definitions[run.experiment, run.software]


def collect(
    matrix: Matrix,
    images: Mapping[str, Image],
    workspace: Workspace,
    *,
    open_log: OpenLog = condor.EventReader,
    job_ads: JobAds = nobody,
    clock: Callable[[], float] = time.time,
    notify: Notify = silent,
) -> Collected:
    """Take what has returned into the dataset.

    Parameters
    ----------
    matrix : Matrix
        All runs of the campaign.
    images, workspace : mapping, Workspace
        By software name, an image without a hash being compared with none; the campaign's folder.
    open_log, job_ads, clock, notify : callable
        Opens event logs, gives the starts of jobs whose log lacks them, tells the time in seconds
        since 1970, takes progress.

    Raises
    ------
    DatasetError
        If the dataset can't be read or written; then it is as before.
    WorkspaceError
        If another process is at work in the folder.
    """
    with workspace.lock():
        logs = read_logs(workspace, open_log)
        rejected = dataset.rejected(workspace.rejected_file)
        round_ = _begin(matrix, images, Places(workspace, logs, job_ads), clock())
        settled = _settled(rejected, round_.taken)
        fresh = [file for file in workspace.returned_files() if _is_new(file, settled)]
        count = dataset.update(
            workspace.dataset_file,
            _chosen(round_, fresh, notify),
            matrix.campaign.claims,
            definitions=current_definitions(matrix),
            defined={run_id: round_.definition(run) for run_id, run in round_.runs.items()},
        )
        _write_rejected(round_, rejected, fresh)
    return Collected(
        taken=count,
        superseded=round_.superseded,
        rejected=_counted(round_.refused, rejected),
        pending=round_.pending,
        damaged=logs.damaged,
    )


def _begin(
    matrix: Matrix,
    images: Mapping[str, Image],
    places: Places,
    now_s: float,
) -> _Round:
    return _Round(
        workspace=places.workspace,
        images=images,
        expected=lambda run: records.expected_definition(matrix, run, images.get(run.software)),
        runs={run.run_id: run for run in matrix.runs},
        definitions=definition_ids(matrix),
        metrics={item.name: item.metrics for item in matrix.campaign.experiments},
        primary={item.name: item.primary for item in matrix.campaign.experiments},
        hardware={item.name: item for item in matrix.campaign.hardware},
        places=places,
        taken=dataset.taken(places.workspace.dataset_file),
        now_s=now_s,
    )


def _settled(
    rejected: Iterable[Mapping[str, Any]], taken: Mapping[str, Taken]
) -> dict[str, tuple[int, int]]:
    """Return the size and time of change of each file that needs no second look."""
    refused = {
        row["file"]: (row["file_bytes"], row["file_modified_ns"])
        for row in rejected
        if row["reason"] not in records.TRANSIENT
    }
    return refused | {row.file: (row.size_bytes, row.modified_ns) for row in taken.values()}


def _is_new(file: Found, settled: Mapping[str, tuple[int, int]]) -> bool:
    return settled.get(file.file) != (file.size_bytes, file.modified_ns)


def _chosen(round_: _Round, fresh: list[Found], notify: Notify) -> Iterator[Record]:
    """Yield for each run with new files the attempt that counts, if it isn't in the dataset yet."""
    done = 0
    # Sorted by shard and name, all files of a run stand together.
    for run_id, group in groupby(fresh, key=lambda file: records.run_of(file.file)):
        best: Record | None = None
        for file in group:
            done += 1
            notify(Progress(what="collect", done=done, total=len(fresh), unit="results"))
            record = _judged(round_, file)
            if record is not None:
                best = _better(round_, record, best)
        old = round_.taken.get(run_id)
        if best is not None and old is not None:
            best = _against_taken(round_, best, old)
        if best is not None:
            yield best


def _judged(round_: _Round, file: Found) -> Record | None:
    """Return the record that a file makes; None if it is refused or not to be read yet."""
    source = Source(file=file.file, size_bytes=file.size_bytes, modified_ns=file.modified_ns)
    run_id = None
    try:
        key = records.source_key(file.file)
        run_id = key.run_id
        unsettled = round_.now_s - file.modified_ns / 1e9 < _SETTLED_S
        if unsettled and round_.places.logs.running(key.cluster, key.proc):
            round_.pending += 1
            return None
        content, run = _content(round_.workspace, file), round_.runs.get(run_id)
        record = _record(round_, source, content, run, settled=not unsettled)
        return replace(record, definition=round_.definition(round_.runs[run_id]))
    except RecordError as error:
        round_.refused.append(
            Rejected(source=source, run_id=run_id, reason=error.reason, message=error.message)
        )
    return None


def _record(
    round_: _Round, source: Source, content: bytes, run: Run | None, *, settled: bool
) -> Record:
    """Return the record that a file's content makes.

    A slot decides what stands in a file. So whatever goes wrong with it, also what nobody foresaw,
    is the fault of this one file.
    """
    try:
        record = records.judge(
            source,
            content,
            expected=round_.expected(run) if run else None,
            labels=round_.images[run.software].labels if run else {},
            metrics=round_.metrics[run.experiment] if run else (),
            primary=round_.primary[run.experiment] if run else None,
            executions=lambda result: round_.places.starts(result, settled=settled),
            check_hardware=lambda record: _check_hardware(round_, record),
        )
        dataset.check(record)
    except UNFORESEEN as error:
        failure = f"{type(error).__name__}: {error}"
        raise RecordError(f"it can't be judged: {failure:.200}", reason="unforeseen") from None
    return record


def _check_hardware(round_: _Round, record: Record) -> str | None:
    environment = round_.hardware[record.result.definition.hardware]
    return records.check_hardware(record, environment, dataset.row, condor)


def _content(workspace: Workspace, returned: Found) -> bytes:
    """Return a file's bytes, but no more of them than a result may have.

    The folder belongs to the pool's user: no link is followed, and only files are opened.
    """
    if not returned.is_file:
        raise RecordError("it is a link, a folder or a device", reason="not-a-file")
    if returned.size_bytes > records.MAX_BYTES:
        raise RecordError(f"{returned.size_bytes} bytes", reason="too-large")
    try:
        with workspace.open_result(returned.file) as file:
            return file.read(records.MAX_BYTES + 1)
    except OSError as error:
        raise RecordError(f"{error.strerror}", reason="not-a-file") from None


def _better(round_: _Round, new: Record, best: Record | None) -> Record:
    if best is None:
        return new
    wins = records.preferred(new.key, new.ok, best.key, best.ok)
    winner, loser = (new, best) if wins else (best, new)
    _supersede(round_, loser.source, winner.source.file)
    return winner


def _against_taken(round_: _Round, new: Record, old: Taken) -> Record | None:
    old_key = records.source_key(old.file)
    if new.key == old_key:  # the same file, changed since it was taken
        return new
    if records.preferred(new.key, new.ok, old_key, old.status == "ok"):
        source = Source(file=old.file, size_bytes=old.size_bytes, modified_ns=old.modified_ns)
        _supersede(round_, source, new.source.file)
        return new
    _supersede(round_, new.source, old.file)
    return None


def _supersede(round_: _Round, source: Source, winner: str) -> None:
    round_.superseded += 1
    round_.refused.append(
        Rejected(
            source=source,
            run_id=records.run_of(source.file),
            reason="superseded",
            message=f"{winner} was used",
        )
    )


def _write_rejected(round_: _Round, before: list[dict[str, object]], fresh: list[Found]) -> None:
    """Write the rejects' table, unless it would say what it says already."""
    judged = {file.file for file in fresh}
    kept = [row for row in before if row["file"] not in judged]
    wanted = sorted((_row(item) for item in round_.refused), key=repr)
    known = sorted((tuple(row.values()) for row in before if row["file"] in judged), key=repr)
    if wanted != known:
        dataset.replace_rejected(
            round_.workspace.rejected_file, round_.refused, [str(row["file"]) for row in kept]
        )


def _row(item: Rejected) -> tuple[object, ...]:
    source = item.source
    return (
        *(source.file, source.size_bytes, source.modified_ns),
        *(item.run_id, item.reason, item.message),
    )


def _counted(refused: list[Rejected], before: list[dict[str, object]]) -> dict[str, int]:
    known = {(row["file"], row["reason"]) for row in before}
    new = [item.reason for item in refused if (item.source.file, item.reason) not in known]
    return dict(Counter(reason for reason in new if reason != "superseded"))
