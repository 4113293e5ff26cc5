"""What the queue can be told to do with jobs, and how they are named to it."""

from __future__ import annotations

from collections.abc import Iterable

import htcondor2

ACTIONS = {
    "hold": htcondor2.JobAction.Hold,
    "release": htcondor2.JobAction.Release,
    "remove": htcondor2.JobAction.Remove,
}
PAST = {"hold": "held", "release": "released", "remove": "removed"}


def any_of(jobs: Iterable[str]) -> str:
    """Return the constraint for jobs (``cluster.proc``) and whole clusters (``cluster``)."""
    procs: dict[str, list[str]] = {}
    for job in jobs:
        cluster, _, proc = job.partition(".")
        procs.setdefault(cluster, []).append(proc)
    return " || ".join(
        f"ClusterId == {cluster}"
        if "" in wanted
        else f"(ClusterId == {cluster} && member(ProcId, {{{', '.join(wanted)}}}))"
        for cluster, wanted in procs.items()
    )
