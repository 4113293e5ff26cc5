"""The verb ``render --dag``: the missing runs of a campaign as a DAG, for DAGMan to submit.

A node is one run in a cluster of its own, with the same description as ``submit`` makes; whatever
reads the folder finds it by its job or its event log, as it finds clusters that a journal has lost.
"""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from osgrepro.common.errors import UsageError
from osgrepro.common.models import Image, Matrix, Notify, Progress, silent
from osgrepro.common.texts import command
from osgrepro.pool import AP
from osgrepro.runs import render
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import adopting, delivery, retries, sending, submitting, workspaces
from osgrepro.workflow.runs.journal import recover
from osgrepro.workflow.runs.monitoring.moments import Moment
from osgrepro.workflow.runs.monitoring.status import Status, of_runs
from osgrepro.workflow.runs.sending import DESCRIPTION_NAME, Delivery

DAG_NAME, CONFIG_NAME = "campaign.dag", "dagman.config"
# Beyond this DAGMan needs gigabytes and a file for each node becomes a burden; clusters don't.
MOST_NODES = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Dag:
    """A DAG that was written: its file, None where no run is missing, and how many runs it has.

    ``whole`` is whether it checks, collects and reports by itself: the mini-pool's user has neither
    our Python nor the right to write into the campaign's folder.
    """

    file: Path | None
    runs: int
    whole: bool
    before: Status


def write(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    *,
    unseen: bool = False,
    unmatched: Collection[str] = (),
    notify: Notify = silent,
) -> Dag:
    """Write a DAG of every run of ``loaded`` that has neither a result nor a job; submit nothing.

    All options are as for :func:`osgrepro.workflow.runs.submitting.submit`. Each call writes
    another DAG; of those only the last should be submitted.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, something can only fail, or there are too many
        runs for a DAG.
    PoolError
        If the queue can't be read, or another DAG of the campaign is in it.
    """
    images = submitting.rehearsed(loaded, place, access, unseen=unseen)
    place = workspaces.of(loaded, place.root)
    access.expose(place.root, *{Path(i.file).parent for i in images.values() if i.file})
    way = submitting.delivery_of(loaded, place, access, notify)
    with place.lock():
        queue = Moment(access.schedd)
        delivery.refuse_dags(loaded.campaign.name, queue)
        recover(place, queue)
        adopting.adopt(loaded.campaign.name, place, queue)
        delivery.restore(loaded.matrix, images, replace(way, queue=queue))
        before = of_runs(loaded.matrix, place, queue)
        wanted = delivery.due(loaded.matrix, before)
        file = _write(loaded, wanted, images, way, unmatched, notify)
    return Dag(file=file, runs=len(wanted.runs), whole=way.owner is None, before=before)


def _write(
    loaded: Loaded,
    wanted: Matrix,
    images: dict[str, Image],
    way: Delivery,
    unmatched: Collection[str],
    notify: Notify,
) -> Path | None:
    workspace, key = way.workspace, uuid.uuid4().hex
    _refuse(workspace, len(wanted.runs))
    if not wanted.runs:
        return None
    requests = retries.read(workspace).requests
    submissions = render.submissions(wanted, images, unmatched=unmatched, requests=requests)
    sending.refuse_any(submissions, workspace)
    payload = sending.prepare(wanted, images, way, notify)
    nodes: dict[str, Path] = {}
    for submission in submissions:
        for run in submission.runs:
            notify(Progress(what="render", done=len(nodes), total=len(wanted.runs)))
            single = replace(submission, runs=(run,))
            batch = sending.write_submission(single, payload, way, late=False)
            nodes[run.run_id] = workspace.submission(batch) / DESCRIPTION_NAME
    scripts = {} if way.owner is not None else _scripts(loaded, workspace)
    text = render.text(
        "dag.j2",
        campaign=loaded.campaign.name,
        dag=key,
        folder=workspace.dag(key),
        nodes=nodes,
        scripts=tuple(scripts),
    )
    limit = f"DAGMAN_MAX_JOBS_IDLE = {loaded.campaign.submit.max_idle}\n"
    files = {**scripts, CONFIG_NAME: limit, DAG_NAME: text}
    workspace.write_dag(key, files, way.owner)
    return workspace.dag(key) / DAG_NAME


def _refuse(workspace: Workspace, runs: int) -> None:
    if runs > MOST_NODES:
        raise UsageError(
            f"{runs} runs are too many for one DAG, which takes {MOST_NODES}",
            hint="select some with --only or --limit, or use `osgrepro submit`, which needs a "
            "cluster for each image and shape alone",
        )
    faults = {
        "with a space in its path": re.search(r"\s", str(workspace.root)) is not None,
        "in /tmp": workspace.root.parts[1] == "tmp",
    }
    for fault, is_so in faults.items():
        if is_so:
            raise UsageError(
                f"{workspace.root}: DAGMan takes no folder {fault}",
                hint="name another one with --workspace",
            )


def _scripts(loaded: Loaded, workspace: Workspace) -> dict[str, str]:
    """Return what the nodes that are no runs do, as shell scripts by name."""
    place = (str(loaded.path), "--workspace", str(workspace.root), "--pool", AP)
    page = workspace.root / "report.html"
    verbs = {
        "check": ("doctor", *place),
        "collect": ("collect", *place),
        "report": ("report", str(workspace.dataset_file), "-o", str(page)),
    }
    return {
        name: f"#!/bin/bash\nexec {command(sys.executable, '-m', 'osgrepro', *words)}\n"
        for name, words in verbs.items()
    }
