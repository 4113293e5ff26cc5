"""The verb ``retry``: runs that are held, failed or lost are sent again, with more if need be.

What it is about to do is in the journal first; then held jobs leave the queue, and only runs that
have no job there any more are sent. Killed at any moment, the next one finishes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from osgrepro.campaign import select
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Matrix, Notify, RunState, silent
from osgrepro.pool.condor import REASONS, HoldCode
from osgrepro.runs import render
from osgrepro.runs.render import Requests, Submission
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import adopting, delivery, jobs, retries, sending, submitting
from osgrepro.workflow.runs.journal import Batch, recover
from osgrepro.workflow.runs.monitoring import braked, usage
from osgrepro.workflow.runs.monitoring.event_logs import glance
from osgrepro.workflow.runs.monitoring.status import Status, of_runs
from osgrepro.workflow.software import pinned_images

HELD = RunState.HELD.value
_BY_WORD = {state.value: state for state in (RunState.FAILED, RunState.LOST)}
# So long a removed job may take to leave the queue.
_GONE_S, _FIRST_S, _GROWTH, _LONGEST_S = 60.0, 0.2, 1.5, 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which runs a retry shall send again, and with what.

    Parameters
    ----------
    states : collection of str
        ``held``, ``failed`` or ``lost``; none takes those that are held. What a retry that was
        killed has taken out of the queue counts as held still.
    codes : collection of HoldCode
        Only runs whose job is held with one of these HoldReasonCodes, some with their subcodes.
    requests : Requests
        What the runs shall ask for from now on, where that is more than their campaign says.
    anywhere : bool
        Also on machines on which every attempt failed.
    """

    states: Collection[str] = ()
    codes: Collection[HoldCode] = ()
    requests: Requests = field(default_factory=Requests)
    anywhere: bool = False

    def wanted(self) -> Collection[str]:
        """Return the states that are meant.

        Raises
        ------
        UsageError
            If one is none of these, or codes are given for runs that are not held.
        """
        jobs.check("retry", self.states)
        wanted = set(self.states) or {HELD}
        if self.codes and wanted != {HELD}:
            raise UsageError(
                "--reason is for jobs that are held",
                hint="leave out --state, or write a command for each",
            )
        return wanted


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The runs that a retry sends again.

    Parameters
    ----------
    matrix : Matrix
        The campaign with these runs alone.
    jobs : mapping
        By job (``cluster.proc``) that has to leave the queue: its run.
    codes : mapping
        By run_id: the HoldReasonCode of its job; None of a run that has none.
    requests : mapping
        By run_id: what it will ask for that its campaign does not say.
    before : Status
        Where all runs stand.
    avoided : tuple of str
        Machines that get none of them: all attempts failed there, and not elsewhere.
    """

    matrix: Matrix
    jobs: Mapping[str, str]
    codes: Mapping[str, int | None]
    requests: Mapping[str, Requests]
    before: Status
    avoided: tuple[str, ...] = ()

    @property
    def asking(self) -> Matrix:
        """The same runs, each hardware environment asking for the most that a run of it does."""
        return retries.asking(self.matrix, self.requests)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retried:
    """What a retry did: the clusters that it made, and the jobs that left the queue for them.

    ``left`` are runs that were not sent, since their jobs had not left the queue, or ran again.
    """

    batches: tuple[Batch, ...]
    jobs: Mapping[str, str]
    left: tuple[str, ...]
    before: Status

    @property
    def runs(self) -> int:
        """How many runs were sent again."""
        return sum(batch.count for batch in self.batches)


def choose(loaded: Loaded, place: Workspace, access: Access, selection: Selection) -> Chosen:
    """Return which runs of ``loaded`` a retry would send again, and change nothing.

    Raises
    ------
    UsageError
        If the selection is none.
    PoolError
        If the queue can't be read.
    """
    wanted = selection.wanted()
    before = of_runs(loaded.matrix, place, access.schedd)
    delivery.refuse_unknown(before)
    noted = retries.read(place)
    # While the dataset can't be read, a run that has a result may look as if it were lost.
    by_word = {_BY_WORD[word] for word in wanted if word in _BY_WORD and before.settled}
    chosen: dict[str, int | None] = {
        run_id: None for run_id, state in before.states.items() if state in by_word
    }
    held: Mapping[str, str] = {}
    if HELD in wanted:
        codes = set(selection.codes)
        acted, _ = jobs.select(loaded.matrix, place, access.schedd, "remove", {HELD}, codes)
        held = acted.jobs
        chosen |= {run_id: _code(before, run_id) for run_id in held.values()}
        chosen |= {
            run_id: code
            for run_id, code in noted.between.items()
            if before.settled and before.states.get(run_id) in delivery.MISSING
            if not codes or any(code == _bare(known) for known in codes)
        }
        chosen |= dict.fromkeys(_short_of_memory(place, before, codes))
    asked = {
        run_id: selection.requests.after(noted.requests.get(run_id, Requests()))
        for run_id in chosen
    }
    return Chosen(
        matrix=select(loaded.matrix, lambda run: run.run_id in chosen),
        jobs=held,
        codes=chosen,
        requests={run_id: requests for run_id, requests in asked.items() if requests != Requests()},
        before=before,
        avoided=() if selection.anywhere else _unfit(place, before),
    )


def _short_of_memory(place: Workspace, before: Status, codes: Set[HoldCode]) -> Collection[str]:
    """Return the runs that failed for lack of memory, where it is these that are meant.

    Where only the training was killed, its job is not held, and the result says why.
    """
    if codes.isdisjoint(REASONS["memory"]) or not before.settled:
        return ()
    failed = {run_id for run_id, state in before.states.items() if state is RunState.FAILED}
    return retries.short_of_memory(place.dataset_file, failed) if failed else ()


def _unfit(place: Workspace, before: Status) -> tuple[str, ...]:
    """Return the machines on which runs fail that succeed elsewhere."""
    return tuple(sorted({*usage.unfit(glance(place)), *braked.avoided(place, before)}))


def _bare(code: HoldCode) -> int:
    """Return a code without its subcode, which no journal has."""
    return code if isinstance(code, int) else code[0]


def _code(before: Status, run_id: str) -> int:
    job = before.jobs.get(run_id)
    return (job.hold_code or 0) if job else 0


def rehearse(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    chosen: Chosen,
    *,
    unseen: bool = False,
    unmatched: Collection[str] = (),
) -> tuple[Submission, ...]:
    """Check all that can be checked before a retry, and return the clusters that it would make.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, or something can only fail.
    """
    part = replace(loaded, matrix=chosen.matrix)
    ready_images = submitting.rehearsed(part, place, access, unseen=unseen)
    pinned_images.compare(place, ready_images)
    return render.submissions(
        chosen.matrix, ready_images, unmatched=unmatched, requests=chosen.requests
    )


def retry(
    loaded: Loaded,
    place: Workspace,
    access: Access,
    selection: Selection,
    *,
    unseen: bool = False,
    unmatched: Collection[str] = (),
    notify: Notify = silent,
    sleep: Callable[[float], None] = time.sleep,
) -> Retried:
    """Take held jobs out of the queue and send their runs again, or runs that failed or are lost.

    Results stay, and so does what the runs ask for. ``unseen``, ``unmatched`` and ``notify`` are as
    for :func:`osgrepro.workflow.runs.submitting.submit`; ``sleep`` waits for seconds.

    Raises
    ------
    UsageError
        If an image or a data file isn't there, or something can only fail; nothing was changed.
    PoolError
        If the access point refuses. The same command goes on where this one stopped.
    """
    with place.lock():
        recover(place, access.schedd)
        adopting.adopt(loaded.campaign.name, place, access.schedd)
        chosen = choose(loaded, place, access, selection)
        part = replace(loaded, matrix=chosen.matrix)
        ready_images = submitting.rehearsed(part, place, access, unseen=unseen)
        access.expose(place.root, *{Path(i.file).parent for i in ready_images.values() if i.file})
        left: set[str] = set()

        def clear() -> Collection[str]:
            retries.note(place, chosen.codes, selection.requests)
            left.update(_take_out(chosen, place, access, sleep))
            return left

        batches = sending.send(
            chosen.matrix,
            ready_images,
            submitting.delivery_of(loaded, place, access, notify),
            requests=chosen.requests,
            unmatched=unmatched,
            notify=notify,
            clear=clear,
            avoided=chosen.avoided,
        )
    gone = {job: run_id for job, run_id in chosen.jobs.items() if run_id not in left}
    return Retried(batches=batches, jobs=gone, left=tuple(sorted(left)), before=chosen.before)


def _take_out(
    chosen: Chosen, place: Workspace, access: Access, sleep: Callable[[float], None]
) -> set[str]:
    """Take held jobs out of the queue; return the runs that still have one, given time to leave."""
    campaign = chosen.matrix.campaign.name
    access.schedd.act("remove", chosen.jobs, jobs.WHY.format("retry", campaign), held=True)
    waited_s, pause_s = 0.0, _FIRST_S
    while True:
        left = {
            run_id
            for cluster in jobs.clusters(campaign, place, access.schedd).values()
            for proc, run_id in jobs.rows(place, cluster).items()
            if run_id is not None and run_id in chosen.codes and cluster.job(proc) is not None
        }
        if not left or waited_s > _GONE_S:
            return left
        sleep(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(pause_s * _GROWTH, _LONGEST_S)
