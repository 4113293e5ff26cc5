"""How runs are handed to an access point, whoever chose them: one cluster after the other.

Called by ``submit`` and ``retry``, with the lock. What is about to be done is noted in the journal
first, so that whatever part of it dies, no run is lost and none is sent twice.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from osgrepro.campaign import select
from osgrepro.common.errors import PoolError, RenderError
from osgrepro.common.models import Campaign, Image, Matrix, Notify, Progress, User, silent
from osgrepro.pool import condor
from osgrepro.runs import pyz, render
from osgrepro.runs.render import (
    PAYLOAD_NAME,
    RESULT_NAME,
    SPEC_NAME,
    Requests,
    Submission,
    SubmissionPaths,
)
from osgrepro.runs.workspace import Workspace, write
from osgrepro.workflow.campaign.rehearsing import NO_BATCH
from osgrepro.workflow.runs.journal import ITEMS_NAME, Batch, OpenLog, Queue
from osgrepro.workflow.software import pinned_images

DESCRIPTION_NAME = "cluster.sub"

StageInputs = Callable[[Matrix, Path], object]
BuildPayload = Callable[[Path], str]
BRAKE_NAME, BRAKE_SETTINGS_NAME = "brake.pyz", "brake.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What a submission needs beside the matrix: where, with what, for whom.

    ``stage`` puts what the runs of a matrix read below a folder, each file at ``<first 12 digits of
    its sha256>/<file name>``; ``build_payload`` writes the program to a path and returns its
    sha256; ``owner`` is the pool's user where that is another one than we are; ``patience_s`` is
    how long a run with a bad slot waits for another machine; ``common_files`` whether image and
    inputs go once to each execution point where the campaign doesn't say. ``brake`` is what
    HTCondor's commands need in their environment on the access point, for the job that watches
    the others; None sends none.
    """

    workspace: Workspace
    queue: Queue
    stage: StageInputs
    build_payload: BuildPayload
    owner: User | None = None
    patience_s: int = 86_400
    common_files: bool = False
    brake: Mapping[str, str] | None = None
    open_log: OpenLog = condor.EventReader


def send(
    wanted: Matrix,
    images: dict[str, Image],
    delivery: Delivery,
    *,
    requests: Mapping[str, Requests],
    unmatched: Collection[str] = (),
    notify: Notify = silent,
    clear: Callable[[], Collection[str]] = tuple,
    avoided: Collection[str] = (),
) -> tuple[Batch, ...]:
    """Submit all runs of ``wanted``, whatever became of them; called with the lock.

    Parameters
    ----------
    wanted, images, delivery : Matrix, dict, Delivery
        The runs; by software name; where and how.
    requests : mapping
        By run_id: what a run asks for that its campaign does not say.
    unmatched, notify : collection of str, Notify
        As for :func:`osgrepro.workflow.runs.delivery.submit`.
    clear : callable
        Makes room in the queue once all is ready and nothing is refused any more; returns the runs
        that can't be submitted all the same.
    avoided : collection of str
        Machines that shall get none of the runs.
    """
    if not wanted.runs:
        return ()
    workspace = delivery.workspace
    submissions = render.submissions(wanted, images, unmatched=unmatched, requests=requests)
    refuse_any(submissions, workspace)
    payload = prepare(wanted, images, delivery, notify)
    if barred := clear():
        wanted = select(wanted, lambda run: run.run_id not in barred)
        submissions = render.submissions(wanted, images, unmatched=unmatched, requests=requests)
    common = _common(wanted, delivery)
    done: list[Batch] = []
    for submission in submissions:
        notify(Progress(what="submit", done=len(done), total=len(submissions)))
        done.append(_deliver(submission, payload, delivery, common=common, avoided=avoided))
    if delivery.brake is not None:
        _deliver_brake(wanted.campaign, done, delivery, delivery.brake, avoided, notify)
    return tuple(done)


def prepare(
    wanted: Matrix, images: Mapping[str, Image], delivery: Delivery, notify: Notify = silent
) -> Path:
    """Make the folder ready for the jobs of ``wanted``; return the payload's path."""
    workspace = delivery.workspace
    pinned_images.pin(workspace, {name: images[name] for name in _software(wanted)})
    notify(Progress(what="stage", total=None))
    delivery.stage(wanted, workspace.inputs)
    payload = stage_payload(delivery)
    workspace.prepare(delivery.owner)
    return payload


def refuse_any(submissions: Iterable[Submission], workspace: Workspace) -> None:
    """Refuse what can't be rendered before anything is submitted, not between two others."""
    for submission in submissions:
        submission.description(rehearsed_paths(workspace), batch=NO_BATCH)


def rehearsed_paths(workspace: Workspace) -> SubmissionPaths:
    """Return where a submission would lie, to make its texts before anything is written."""
    return _paths(workspace, NO_BATCH, workspace.inputs / PAYLOAD_NAME)


def _software(matrix: Matrix) -> set[str]:
    return {run.software for run in matrix.runs}


def stage_payload(delivery: Delivery) -> Path:
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


def _deliver(
    submission: Submission,
    payload: Path,
    delivery: Delivery,
    *,
    common: bool,
    avoided: Collection[str],
) -> Batch:
    workspace, count = delivery.workspace, len(submission.runs)
    key = write_submission(submission, payload, delivery, common=common, avoided=avoided)
    description = (workspace.submission(key) / DESCRIPTION_NAME).read_text("utf-8")
    workspace.note({"event": "intent", "batch": key, "name": submission.name, "count": count})
    cluster = delivery.queue.submit(description, count)
    workspace.note({"event": "commit", "batch": key, "cluster": cluster})
    return Batch(batch=key, name=submission.name, count=count, cluster=cluster)


def write_submission(
    submission: Submission,
    payload: Path,
    delivery: Delivery,
    *,
    common: bool = False,
    late: bool = True,
    avoided: Collection[str] = (),
) -> str:
    """Write what a cluster needs into the folder of a new batch, and return the batch's id.

    All options are as for :meth:`osgrepro.runs.render.Submission.description`.
    """
    workspace = delivery.workspace
    key = uuid.uuid4().hex
    folder = workspace.submission(key)
    description = submission.description(
        _paths(workspace, key, payload),
        batch=key,
        common=common,
        late=late,
        patience_s=delivery.patience_s,
        avoided=avoided,
    )
    write(folder / ITEMS_NAME, (f"{line}\n".encode("ascii") for line in submission.items()))
    write(folder / RESULT_NAME, b"")
    write(folder / SPEC_NAME, orjson.dumps(submission.spec(key), option=orjson.OPT_INDENT_2))
    write(folder / DESCRIPTION_NAME, description.encode())
    return key


def _deliver_brake(
    campaign: Campaign,
    sent: Collection[Batch],
    delivery: Delivery,
    environment: Mapping[str, str],
    avoided: Collection[str],
    notify: Notify,
) -> None:
    """Send the job that watches the clusters of ``sent``; without it they run all the same."""
    workspace = delivery.workspace
    keys = [batch.batch for batch in sent]
    settings = workspace.submission(keys[0]) / BRAKE_SETTINGS_NAME
    built = workspace.inputs / BRAKE_NAME
    program = workspace.stage(built, BRAKE_NAME, pyz.build_brake(built))
    built.unlink()
    content = render.brake_settings(
        {key: str(workspace.event_log(key)) for key in keys},
        {key: str(workspace.submission(key) / ITEMS_NAME) for key in keys},
        avoided,
    )
    write(settings, orjson.dumps(content, option=orjson.OPT_INDENT_2))
    workspace.prepare(delivery.owner)
    paths = render.BrakePaths(
        initial_folder=str(workspace.landing),
        program=str(program),
        settings=str(settings),
        logs=os.path.relpath(workspace.logs, workspace.landing),
    )
    try:
        delivery.queue.submit(render.brake_description(campaign, paths, environment, len(keys)), 1)
    except (PoolError, RenderError) as error:  # an access point may take no such jobs
        notify(Progress(what=f"no brake watches these runs: {error.message}"))


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
