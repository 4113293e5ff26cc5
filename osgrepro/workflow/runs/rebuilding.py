"""Makes again what jobs in the queue still need of a campaign's folder, where that has lost it.

Their items, their spec and the empty result lie in ``submit/``; their ads name them by paths that
hold hashes, so that the same campaign makes the same files. Called with the folder's lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import orjson

from osgrepro.campaign import expand, select
from osgrepro.common.models import Image, Matrix
from osgrepro.pool.condor import LiveCluster
from osgrepro.runs import render
from osgrepro.runs.render import RESULT_NAME, SPEC_NAME, Submission
from osgrepro.runs.workspace import Workspace, write
from osgrepro.workflow.runs import adopting, jobs
from osgrepro.workflow.runs.journal import ITEMS_NAME, Queue, batches, run_ids


def items(
    matrix: Matrix, images: Mapping[str, Image], workspace: Workspace, queue: Queue
) -> list[int]:
    """Write again the lists of runs of clusters in the queue; return those clusters.

    HTCondor keeps a copy of its own, so jobs are made all the same; the list tells us which runs
    they are. It is made again where the cluster had all runs of its shape: as many as the campaign
    has, and every job that was made already is the run in its place.
    """
    lost = [
        cluster
        for cluster in jobs.clusters(matrix.campaign.name, workspace, queue).values()
        if jobs.is_own(workspace, cluster) and _is_lost(workspace, cluster)
    ]
    if not lost:
        return []
    every = expand(matrix.campaign, code=matrix.code, data=matrix.data)
    shapes = render.submissions(select(every, lambda run: run.software in images), images)
    known = batches(workspace)
    rebuilt = []
    for cluster in lost:
        name = known[cluster.batch].name if cluster.batch in known else adopting.ADOPTED
        fitting = [shape for shape in shapes if _fits(shape, cluster, name)]
        if len(fitting) == 1:
            lines = (f"{line}\n".encode("ascii") for line in fitting[0].items())
            write(workspace.submission(cluster.batch) / ITEMS_NAME, lines)
            rebuilt.append(cluster.cluster)
    return rebuilt


def specs(
    matrix: Matrix, images: Mapping[str, Image], workspace: Workspace, queue: Queue
) -> Iterator[tuple[int, Matrix]]:
    """Write again what queued jobs of ``matrix`` read; yield each cluster and its runs.

    They need their inputs, too: whoever takes these stages the inputs before the next is asked for.
    """
    if all((workspace.submission(key) / SPEC_NAME).is_file() for key in batches(workspace)):
        return
    for batch, cluster in jobs.clusters(matrix.campaign.name, workspace, queue).items():
        spec = workspace.submission(batch) / SPEC_NAME
        if spec.is_file() or not jobs.is_own(workspace, cluster):
            continue
        part = _part(matrix, set(jobs.rows(workspace, cluster).values()))
        submissions = render.submissions(part, images)
        if len(submissions) != 1:  # none of this selection, or not ours to tell
            continue
        yield cluster.cluster, part
        write(spec.parent / RESULT_NAME, b"")
        write(spec, orjson.dumps(submissions[0].spec(batch), option=orjson.OPT_INDENT_2))


def _is_lost(workspace: Workspace, cluster: LiveCluster) -> bool:
    """Whether nobody knows all runs of a cluster once its jobs have left the queue."""
    runs = jobs.rows(workspace, cluster).values()
    return None in runs or not run_ids(workspace, cluster.batch)


def _fits(shape: Submission, cluster: LiveCluster, name: str) -> bool:
    """Whether a cluster can have the runs of ``shape``: as many, each made job in its place.

    ``name`` is what the journal calls it.
    """
    if len(shape.runs) != cluster.count or name not in (shape.name, adopting.ADOPTED):
        return False
    made = {proc: job.run_id for proc, job in cluster.jobs.items() if job.run_id}
    return all(shape.runs[proc].run_id == run_id for proc, run_id in made.items())


def _part(matrix: Matrix, wanted: Collection[str | None]) -> Matrix:
    return select(matrix, lambda run: run.run_id in wanted)
