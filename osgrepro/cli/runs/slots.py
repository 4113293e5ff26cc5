"""What the verbs that send runs say of slots: that none matches, or that some get none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from osgrepro.cli import console
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Matrix
from osgrepro.common.texts import counted
from osgrepro.runs.render import Requests
from osgrepro.workflow import pools
from osgrepro.workflow.campaign import feasibility
from osgrepro.workflow.runs import retries


def look_for_slots(
    matrix: Matrix,
    access: pools.Access,
    *,
    strict: bool,
    requests: Mapping[str, Requests] = MappingProxyType({}),
) -> tuple[list[str], list[str]]:
    """Return the hardware that no slot of the pool offers, with a warning; or refuse it.

    Also the runs whose ``requests`` no slot fulfils, where their hardware alone is offered.
    """
    usual, raised = retries.parted(matrix, requests)
    try:
        slots = feasibility.slots(matrix, access)
    except PoolError as error:
        if strict:
            raise
        console.warn(f"whether slots match was not checked: {error.message}")
        return [], []
    verdicts = feasibility.of_slots(usual, slots)
    unmatched = [verdict.hardware for verdict in verdicts if not verdict.matching]
    more = [
        verdict
        for verdict in feasibility.of_slots(raised, slots)
        if verdict.hardware not in unmatched
    ]
    if strict:
        feasibility.refuse((*verdicts, *more))
    for sentence in feasibility.warnings(verdicts):
        console.warn(sentence)
    short = {verdict.hardware for verdict in more if not verdict.matching}
    runs = [run.run_id for run in raised.runs if run.hardware in short]
    for sentence in feasibility.warnings(more):
        console.warn(f"with what a retry gave {counted(len(runs), 'run')}: {sentence}")
    names = [*unmatched, *(f"{name} with what a retry gave" for name in sorted(short))]
    if names:
        console.note(
            f"runs for {', '.join(names)} come after your other jobs, at a lower priority: they"
            " start when a slot matches"
        )
    return unmatched, runs


def say_avoided(machines: Collection[str]) -> None:
    """Say which machines get none of the runs, and how they would."""
    if machines:
        names = ", ".join(machines)
        console.note(f"not on {names}, where runs failed that succeeded elsewhere (but --anywhere)")
