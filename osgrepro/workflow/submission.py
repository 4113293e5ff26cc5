"""The verb ``submit``: every run that has neither a result nor a job in the queue, and no other.

Killed at any moment and begun again, it loses no run and submits none twice: what it is about to do
is in the journal before it is done, and what is in doubt is asked of the access point.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from osgrepro import condor, render
from osgrepro import matrix as matrices
from osgrepro.models import DataFile, Image, Matrix, Notify, Progress, Run, RunState, User, silent
from osgrepro.render import Place, Submission
from osgrepro.workflow.batches import ITEMS_NAME, Batch, OpenLog, Queue, recover
from osgrepro.workflow.standing import Standing, standing
from osgrepro.workspace import Workspace, write

PAYLOAD_NAME = "payload.pyz"
DESCRIPTION_NAME = "cluster.sub"
SPEC_NAME = "spec.json"

# These runs have neither a result nor a job.
MISSING = frozenset({RunState.NEW, RunState.LOST, RunState.REJECTED})

StageData = Callable[[DataFile, Path], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """What was submitted now, and what a killed predecessor had submitted."""

    batches: tuple[Batch, ...]
    recovered: tuple[Batch, ...]
    before: Standing

    @property
    def runs(self) -> int:
        """How many runs were submitted now."""
        return sum(batch.count for batch in self.batches)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What a submission needs beside the matrix: where, with what program, for whom.

    ``stage_data`` puts a data file into a folder under its own name; ``payload`` is the built
    program and ``payload_sha256`` its hash; ``owner`` is the pool's user where that is another one
    than we are; ``patience_s`` is how long a run with a bad slot waits for another machine.
    """

    workspace: Workspace
    queue: Queue
    payload: Path
    payload_sha256: str
    stage_data: StageData
    owner: User | None = None
    patience_s: int = 86_400
    open_log: OpenLog = condor.EventReader


def submit(
    matrix: Matrix,
    images: dict[str, Image],
    delivery: Delivery,
    *,
    again: Collection[RunState] = (),
    notify: Notify = silent,
) -> Submitted:
    """Submit the runs of ``matrix`` that are missing.

    Parameters
    ----------
    matrix : Matrix
        The runs; may be a selection.
    images : dict
        By software name.
    delivery : Delivery
        Where and how.
    again : collection of RunState
        Further states whose runs are submitted once more, such as FAILED.
    notify : Notify
        Takes progress.

    Raises
    ------
    OsgreproError
        If something that is needed is missing, or the access point refuses; what was submitted
        before that stays so, and the next call submits the rest.
    """
    workspace = delivery.workspace
    with workspace.lock():
        recovered = recover(workspace, delivery.queue, delivery.open_log)
        before = standing(matrix, workspace, delivery.queue)
        wanted = matrices.select(matrix, lambda run: _missing(run, before, again))
        submissions = render.submissions(wanted, images)
        _stage(wanted, delivery, notify)
        workspace.prepare(delivery.owner)
        done = []
        for submission in submissions:
            notify(Progress(what="submit", done=len(done), total=len(submissions), unit="clusters"))
            done.append(_deliver(submission, delivery))
    return Submitted(batches=tuple(done), recovered=recovered, before=before)


def _missing(run: Run, before: Standing, again: Collection[RunState]) -> bool:
    state = before.states[run.run_id]
    return state in MISSING or state in again


def _stage(matrix: Matrix, delivery: Delivery, notify: Notify) -> None:
    """Put what the runs read where HTCondor finds it."""
    workspace = delivery.workspace
    used = {run.experiment for run in matrix.runs}
    for name in used:
        code = matrix.code[name]
        if code.path is not None:
            workspace.stage(code.path, code.path.name, code.sha256)
        for file in matrix.data[name]:
            notify(Progress(what=f"stage {file.file_name}"))
            delivery.stage_data(file, workspace.input_folder(str(file.sha256)))
    if used:
        workspace.stage(delivery.payload, PAYLOAD_NAME, delivery.payload_sha256)


def _deliver(submission: Submission, delivery: Delivery) -> Batch:
    workspace = delivery.workspace
    key = uuid.uuid4().hex
    folder = workspace.submission(key)
    description = submission.description(
        _place(workspace, key, delivery),
        batch=key,
        common_input=delivery.queue.takes_common_input,
        patience_s=delivery.patience_s,
    )
    write(folder / ITEMS_NAME, (f"{line}\n".encode("ascii") for line in submission.items()))
    write(folder / SPEC_NAME, orjson.dumps(submission.spec(key), option=orjson.OPT_INDENT_2))
    write(folder / DESCRIPTION_NAME, description.encode())
    count = len(submission.runs)
    workspace.note({"event": "intent", "batch": key, "name": submission.name, "count": count})
    cluster = delivery.queue.submit(description, count)
    workspace.note({"event": "commit", "batch": key, "cluster": cluster})
    return Batch(batch=key, name=submission.name, count=count, cluster=cluster)


def _place(workspace: Workspace, batch: str, delivery: Delivery) -> Place:
    def below_returned(path: Path) -> str:
        return os.path.relpath(path, workspace.returned)

    folder = workspace.submission(batch)
    return Place(
        initial_folder=str(workspace.returned),
        log=below_returned(workspace.event_log(batch)),
        payload=below_returned(workspace.input(PAYLOAD_NAME, delivery.payload_sha256)),
        spec=below_returned(folder / SPEC_NAME),
        items=str(folder / ITEMS_NAME),
        inputs=below_returned(workspace.inputs),
    )
