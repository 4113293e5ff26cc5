"""The verb ``confirm --replay``: remote outcome classes are put to the test on the twin's pool.

The plan's runs go through the verbs that every run goes through, in a folder of their own. Begun
again, it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from osgrepro.analysis.findings import Confirmation
from osgrepro.analysis.replication import confirmations, emulates
from osgrepro.campaign import select
from osgrepro.common.errors import PoolError, UsageError
from osgrepro.common.models import Notify, RunState, silent
from osgrepro.common.texts import command
from osgrepro.pool import LOCAL, minipool
from osgrepro.pool.tally import Tally
from osgrepro.runs import workspace
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow import pools
from osgrepro.workflow.campaign import feasibility
from osgrepro.workflow.hardware import twins
from osgrepro.workflow.replication import confirming
from osgrepro.workflow.replication.replay_plan import Plan
from osgrepro.workflow.results import collecting
from osgrepro.workflow.runs import submitting
from osgrepro.workflow.runs.monitoring import waiting

# A run is over so, and its replay with it.
_ENDED = (RunState.DONE, RunState.FAILED)


def submit(plan: Plan, *, notify: Notify = silent) -> bool:
    """Submit the plan's runs that have no result yet, and return whether any is to be waited for.

    Raises
    ------
    PoolError
        If there is something to run, and the mini-pool is not up as this twin.
    UsageError
        If an image or a data file isn't there, or no slot is large enough.
    """
    if not plan.replays or not _open(plan):
        return False
    require_pool(plan)
    ids = {replay.run.run_id for replay in plan.replays}
    wanted = replace(plan.loaded, matrix=select(plan.loaded.matrix, lambda run: run.run_id in ids))
    access = pools.access(LOCAL)
    if problems := feasibility.warnings(feasibility.of_pool(wanted.matrix, access)):
        up = command("osgrepro", "pool", "up", "--twin", plan.source)
        # They would wait for ever: the pool is all there is, and no other slot will come.
        raise UsageError(
            "\n".join(problems),
            hint="ask for less in the campaign, or give each execution point more: "
            f"`osgrepro pool down`; then `{up} --memory-mb N`",
        )
    submitting.submit(wanted, _place(plan), access, notify=notify)
    return True


def wait(plan: Plan, *, every: Callable[[Tally], None] = lambda _tally: None) -> None:
    """Return when no run of the plan is on its way any more, with the results collected."""
    place, access = _place(plan), pools.access(LOCAL)
    waiting.wait(place, access.schedd, every=every)
    collecting.collect(plan.loaded, place, access)


def judge(plan: Plan) -> tuple[Confirmation, ...]:
    """Return what the results say of the remote runs."""
    rows, counterparts = plan.rows, dict(plan.counterparts)
    waiting = _open(plan) if plan.replays else {}
    if plan.replays and (dataset := _place(plan).dataset_file).exists():
        own = [row | {"letter": None} for row in confirming.read(dataset) if emulates(row)]
        rows = rows + confirming.placed(own, plan.verdicts)
    for replay in plan.replays:
        if state := waiting.get(replay.run.run_id):
            said = f"its run {replay.run.run_id} is {state.value}; the same command goes on with it"
            counterparts |= {
                cell: replace(counterparts[cell], lacking=(said,)) for cell in replay.remote
            }
    return confirmations(rows, counterparts)


def _place(plan: Plan) -> Workspace:
    return workspace.open_workspace(
        plan.folder, plan.loaded.campaign.name, plan.loaded.path.name, create=True
    )


def _open(plan: Plan) -> dict[str, RunState]:
    """Take what has returned, and return the runs that have no result, with their states."""
    place = _place(plan)
    access = pools.access(LOCAL) if minipool.find() else None
    states = collecting.collect(plan.loaded, place, access).now.states
    ids = {replay.run.run_id for replay in plan.replays}
    return {run_id: states[run_id] for run_id in ids if states[run_id] not in _ENDED}


def require_pool(plan: Plan) -> None:
    """Make sure that the mini-pool is up with the machines that the plan needs.

    Raises
    ------
    PoolError
        If it isn't.
    """
    pool = minipool.find()
    names = list(dict.fromkeys(replay.run.hardware for replay in plan.replays))
    only = (word for name in names for word in ("--only", name))
    hint = f"start it with `{command('osgrepro', 'pool', 'up', '--twin', plan.source, *only)}`"
    if pool is None:
        raise PoolError("the mini-pool is down", hint=hint)
    running = {ep.name: ep for ep in pool.eps}
    wanted = [verdict for verdict in plan.verdicts if verdict.machine.name in names]
    lacking = [
        verdict.machine.name
        for verdict, ep in zip(wanted, twins.execution_points(wanted), strict=True)
        if running.get(ep.name) != ep
    ]
    if lacking:
        raise PoolError(
            f"the mini-pool is up without the twin's {', '.join(lacking)}",
            hint=f"`osgrepro pool down`; then {hint}",
        )
