"""The verb ``submit``: every run that has neither a result nor a job in the queue, and no other.

Killed at any moment and begun again, it loses no run and submits none twice: what it is about to do
is in the journal before it is done, and what is in doubt is asked of the access point.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from osgrepro.campaign import select
from osgrepro.common import parts
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Image, Matrix, Notify, Progress, RunState, User, silent
from osgrepro.pool import condor
from osgrepro.runs import render
from osgrepro.runs.render import PAYLOAD_NAME, RESULT_NAME, SPEC_NAME, Submission, SubmissionPaths
from osgrepro.runs.workspace import Workspace, write
from osgrepro.workflow.campaign.rehearsing import NO_BATCH
from osgrepro.workflow.runs import jobs, rebuilding
from osgrepro.workflow.runs.journal import ITEMS_NAME, Batch, OpenLog, Queue, recover
from osgrepro.workflow.runs.monitoring.status import Status, of_runs
from osgrepro.workflow.software import pinned_images

DESCRIPTION_NAME = "cluster.sub"

# These runs have neither a result that counts nor a job.
MISSING = frozenset({RunState.NEW, RunState.LOST, RunState.REJECTED, RunState.ELSEWHERE})

StageInputs = Callable[[Matrix, Path], object]
BuildPayload = Callable[[Path], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """What was submitted now, what a killed predecessor had submitted, and what was ``adopted``.

    That are clusters which were in the queue or had ended, and of which the journal knew nothing.
    """

    batches: tuple[Batch, ...]
    recovered: tuple[Batch, ...]
    before: Status
    adopted: tuple[Batch, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs were submitted now."""
        return sum(batch.count for batch in self.batches)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What a submission needs beside the matrix: where, with what, for whom.

    ``stage`` puts what the runs of a matrix read below a folder, each file at ``<first 12 digits of
    its sha256>/<file name>``; ``build_payload`` writes the program to a path and returns its
    sha256; ``owner`` is the pool's user where that is another one than we are; ``patience_s`` is
    how long a run with a bad slot waits for another machine; ``common_files`` whether image and
    inputs go once to each execution point where the campaign doesn't say.
    """

    workspace: Workspace
    queue: Queue
    stage: StageInputs
    build_payload: BuildPayload
    owner: User | None = None
    patience_s: int = 86_400
    common_files: bool = False
    open_log: OpenLog = condor.EventReader


def submit(
    matrix: Matrix,
    images: dict[str, Image],
    delivery: Delivery,
    *,
    again: Collection[RunState] = (),
    unmatched: Collection[str] = (),
    notify: Notify = silent,
) -> Submitted:
    """Submit the runs of ``matrix`` that are missing.

    Parameters
    ----------
    matrix : Matrix
        The runs; may be a selection.
    images, delivery : dict, Delivery
        By software name; where and how.
    again : collection of RunState
        Further states whose runs are submitted once more, such as FAILED.
    unmatched : collection of str
        The hardware environments that no slot of the pool matches now.
    notify : Notify
        Takes progress.

    Raises
    ------
    OsgreproError
        If something is missing, or the access point refuses; what was submitted stays so.
    """
    workspace = delivery.workspace
    with workspace.lock():
        recovered = recover(workspace, delivery.queue, delivery.open_log)
        adopted = jobs.adopt(matrix.campaign.name, workspace, delivery.queue, delivery.open_log)
        restore(matrix, images, delivery)
        before = of_runs(matrix, workspace, delivery.queue)
        wanted = due(matrix, before, again)
        done: list[Batch] = []
        if wanted.runs:
            submissions = render.submissions(wanted, images, unmatched=unmatched)
            _refuse_any(submissions, workspace)
            pinned_images.pin(workspace, {name: images[name] for name in _software(wanted)})
            notify(Progress(what="stage", total=None))
            delivery.stage(wanted, workspace.inputs)
            payload = _payload(delivery)
            workspace.prepare(delivery.owner)
            common = _common(wanted, delivery)
            for submission in submissions:
                notify(Progress(what="submit", done=len(done), total=len(submissions)))
                done.append(_deliver(submission, payload, delivery, common=common))
    return Submitted(batches=tuple(done), recovered=recovered, before=before, adopted=adopted)


def _refuse_any(submissions: Iterable[Submission], workspace: Workspace) -> None:
    """Refuse what can't be rendered before anything is submitted, not between two others."""
    for submission in submissions:
        submission.description(rehearsed_paths(workspace), batch=NO_BATCH)


def rehearsed_paths(workspace: Workspace) -> SubmissionPaths:
    """Return where a submission would lie, to make its texts before anything is written."""
    return _paths(workspace, NO_BATCH, workspace.inputs / PAYLOAD_NAME)


def due(matrix: Matrix, before: Status, again: Collection[RunState] = ()) -> Matrix:
    """Return ``matrix`` with only the runs to submit: the missing ones, and those in ``again``.

    While the dataset can't be read, these are only runs that were never submitted: a run whose
    result is there alone would look as if it were lost.

    Raises
    ------
    PoolError
        While the queue will make jobs of which nobody knows any more which runs they are.
    """
    _refuse_unknown(before)
    states = MISSING.union(again) if before.settled else {RunState.NEW}
    return select(matrix, lambda run: before.states[run.run_id] in states)


def _refuse_unknown(before: Status) -> None:
    clusters = " ".join(map(str, before.queued.unknown))
    if clusters:
        raise PoolError(
            f"cluster {clusters}: more of its jobs will be made, and the folder no longer has the "
            "list of their runs",
            hint=f"restore submit/*/{ITEMS_NAME} from a backup, or `osgrepro remove CAMPAIGN "
            "--all` and submit again: no result is lost",
        )


def restore(matrix: Matrix, images: Mapping[str, Image], delivery: Delivery) -> set[int]:
    """Write again what jobs in the queue need and the folder has lost, and tidy it up.

    Called with the folder's lock; returns the clusters of which something was written.
    """
    workspace = delivery.workspace
    parts.remove(workspace.abandoned_parts())
    restored = set(rebuilding.items(matrix, images, workspace, delivery.queue))
    for cluster, part in rebuilding.specs(matrix, images, workspace, delivery.queue):
        delivery.stage(part, workspace.inputs)
        _payload(delivery)
        workspace.prepare(delivery.owner)
        restored.add(cluster)
    return restored


def _software(matrix: Matrix) -> set[str]:
    return {run.software for run in matrix.runs}


def _payload(delivery: Delivery) -> Path:
    """Build the payload and return its path, which is another one for other content.

    Jobs that are still queued keep the program that they were submitted with.
    """
    workspace = delivery.workspace
    built = workspace.inputs / PAYLOAD_NAME
    sha256 = delivery.build_payload(built)
    staged = workspace.stage(built, PAYLOAD_NAME, sha256)
    built.unlink()
    return staged


def _common(wanted: Matrix, delivery: Delivery) -> bool:
    """Whether image and inputs shall be sent once to each execution point.

    HTCondor can't do that for a cluster that it materializes late, which is what keeps the queue
    from running over. So it is for campaigns whose runs may all be queued at once. And up to
    25.14.1 a job for which a second execution point is staged, while the first staging that it
    caused still lives, is never started: a run that a bad slot sends on would wait there. So on an
    access point somebody must ask for it.
    """
    asked = wanted.campaign.submit.common_files
    if not (delivery.common_files if asked is None else asked):
        return False
    fits = len(wanted.runs) <= wanted.campaign.submit.max_idle
    return fits and delivery.queue.takes_common_input


def _deliver(submission: Submission, payload: Path, delivery: Delivery, *, common: bool) -> Batch:
    workspace = delivery.workspace
    key = uuid.uuid4().hex
    folder = workspace.submission(key)
    description = submission.description(
        _paths(workspace, key, payload),
        batch=key,
        common=common,
        patience_s=delivery.patience_s,
    )
    write(folder / ITEMS_NAME, (f"{line}\n".encode("ascii") for line in submission.items()))
    write(folder / RESULT_NAME, b"")
    write(folder / SPEC_NAME, orjson.dumps(submission.spec(key), option=orjson.OPT_INDENT_2))
    write(folder / DESCRIPTION_NAME, description.encode())
    count = len(submission.runs)
    workspace.note({"event": "intent", "batch": key, "name": submission.name, "count": count})
    cluster = delivery.queue.submit(description, count)
    workspace.note({"event": "commit", "batch": key, "cluster": cluster})
    return Batch(batch=key, name=submission.name, count=count, cluster=cluster)


def _paths(workspace: Workspace, batch: str, payload: Path) -> SubmissionPaths:
    def below(path: Path) -> str:
        return os.path.relpath(path, workspace.landing)

    folder = workspace.submission(batch)
    return SubmissionPaths(
        initial_folder=str(workspace.landing),
        log=below(workspace.event_log(batch)),
        payload=below(payload),
        spec=below(folder / SPEC_NAME),
        items=str(folder / ITEMS_NAME),
        inputs=below(workspace.inputs),
        blank=below(folder / RESULT_NAME),
        logs=below(workspace.logs),
        results=below(workspace.results),
    )
