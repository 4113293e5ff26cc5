"""Which cells of the matrix have what they need, which are empty, and why."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

from osgrepro import hardware
from osgrepro.common.errors import DatasetError, PoolError
from osgrepro.common.models import Hardware, Matrix, Run, RunState
from osgrepro.hardware import Substitute
from osgrepro.pool import condor
from osgrepro.pool.condor import LiveJob
from osgrepro.results import dataset, records
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.campaign import feasibility
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs.monitoring.status import Status

STARVED = "starved"
STARVED_AFTER_H = 24.0

_WHY = {
    RunState.NEW: "never submitted",
    RunState.LOST: "submitted, and neither a job nor a result is left",
    RunState.REJECTED: "results were not taken",
    RunState.FAILED: "training failed",
    RunState.RETURNED: "returned, not collected yet",
    RunState.HELD: "jobs are held",
    RunState.RUNNING: "running",
    RunState.IDLE: "waiting for a slot",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CellCoverage:
    """What a cell has.

    Parameters
    ----------
    experiment, hardware, software : str
        The cell.
    counts : mapping
        Its runs by state, or "starved": idle and never started, and no slot matched for long.
    landed_elsewhere : int
        How many results landed elsewhere, in all attempts.
    why : tuple of str
        Why it is empty: one sentence for each cause; nothing where a run is done.
    """

    experiment: str
    hardware: str
    software: str
    counts: Mapping[str, int]
    landed_elsewhere: int = 0
    why: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it has no result that counts."""
        return not self.counts.get(RunState.DONE.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """What the pool has instead of a hardware environment that gets no slots: the nearest first."""

    hardware: Hardware
    substitutes: tuple[Substitute, ...]

    def table(self, substitute: Substitute) -> str:
        """Return the ``[[hardware]]`` table of ``one``, with the environment's own requests."""
        asked = self.hardware
        lines = list(
            hardware.table(substitute.hardware_class, asked.gpus.count if asked.gpus else 0)
        )
        requests = ("request_cpus", "request_memory_mb", "request_disk_mb")
        lines += [f"{name} = {getattr(asked, name)}" for name in requests]
        return "\n".join(lines)


@dataclass(slots=True)
class _Tally:
    """What is gathered of a cell on the way."""

    counts: Counter[str] = field(default_factory=Counter)
    waited_s: float = 0.0
    shown: list[str] = field(default_factory=list)
    vacated: list[str] = field(default_factory=list)


def of_campaign(
    loaded: Loaded,
    place: Workspace,
    access: Access | None,
    now: Status,
    starved_after_h: float,
) -> tuple[tuple[CellCoverage, ...], tuple[Suggestion, ...]]:
    """Return what every cell of ``loaded`` has, why it is empty, and what the pool has instead."""
    notes: dict[str, str] = {}
    slots: feasibility.Slots = ()
    if access is not None:
        with suppress(PoolError):  # a pool without machines now says nothing of what can match
            slots = feasibility.slots(loaded.matrix, access)
            notes = feasibility.notes(feasibility.of_slots(loaded.matrix, slots))
    cells = coverage(
        loaded.matrix, place, now, now_s=time.time(), starved_after_h=starved_after_h, notes=notes
    )
    if not slots:
        return cells, ()
    return cells, suggestions(loaded.matrix, cells, notes, slots)


def coverage(
    matrix: Matrix,
    workspace: Workspace,
    now: Status,
    *,
    now_s: float,
    starved_after_h: float = STARVED_AFTER_H,
    notes: Mapping[str, str] = MappingProxyType({}),
) -> tuple[CellCoverage, ...]:
    """Return what every cell of ``matrix`` has, in the matrix's order.

    Parameters
    ----------
    matrix, workspace, now : Matrix, Workspace, Status
        The runs, the campaign's folder, and where the runs stand.
    now_s : float
        The time, in seconds since 1970.
    starved_after_h : float
        A job that never started, and that no slot matched for so many hours, is starved.
    notes : mapping
        By hardware environment: what else is known of why its cells stay empty.
    """
    by_id = {run.run_id: run for run in matrix.runs}
    tallies: dict[tuple[str, str, str], _Tally] = {run.cell: _Tally() for run in matrix.runs}
    for run in matrix.runs:
        tally = tallies[run.cell]
        waited_s = _waited_s(now.jobs.get(run.run_id), now_s)
        starved = waited_s > starved_after_h * 3600
        tally.counts[STARVED if starved else now.states[run.run_id].value] += 1
        if starved:
            tally.waited_s = max(tally.waited_s, waited_s)
    for given_back in now.vacated:
        tallies[by_id[given_back.run_id].cell].vacated.append(given_back.reason)
    for run, message in _elsewhere(workspace, by_id):
        tallies[run.cell].shown.append(message)
    return tuple(_covered(cell, tally, notes.get(cell[1])) for cell, tally in tallies.items())


def suggestions(
    matrix: Matrix,
    cells: Iterable[CellCoverage],
    infeasible: Container[str],
    slots: feasibility.Slots,
) -> tuple[Suggestion, ...]:
    """Return what could stand in for the environments of starved, or empty and infeasible, cells.

    A class is suggested first only once. ``slots`` are the pool's ads: with everything that the
    campaign's environments ask about.
    """
    names = {
        cell.hardware
        for cell in cells
        if STARVED in cell.counts or (cell.empty and cell.hardware in infeasible)
    }
    if not names:
        return ()
    campaign = matrix.campaign.hardware
    traits = [hardware.traits(ad) for ad in slots]
    short = {environment.name: condor.shortfalls(environment, slots) for environment in campaign}
    taken = {
        machine_traits
        for shortfalls in short.values()
        for machine_traits, lacks in zip(traits, shortfalls, strict=True)
        if not lacks.hardware
    }
    classes, suggested = hardware.classes(slots), list[Suggestion]()
    for environment in (environment for environment in campaign if environment.name in names):
        # An environment with GPUs is another experiment without them, and the other way round.
        usable = (
            (machine_traits, lacks.hardware)
            for machine_traits, lacks in zip(traits, short[environment.name], strict=True)
            if lacks.fits and bool(machine_traits.gpus) == (environment.gpus is not None)
        )
        nearest = hardware.nearest(classes, usable, taken)
        taken.update(substitute.hardware_class.traits for substitute in nearest[:1])
        suggested.append(Suggestion(hardware=environment, substitutes=tuple(nearest)))
    return tuple(suggested)


def _waited_s(job: LiveJob | None, now_s: float) -> float:
    """Return how long no slot has matched a job that never started; 0 for any other."""
    if job is None or job.state is not RunState.IDLE or job.starts or job.waiting_since_s is None:
        return 0.0
    return now_s - job.waiting_since_s


def _elsewhere(workspace: Workspace, by_id: Mapping[str, Run]) -> Iterable[tuple[Run, str]]:
    with suppress(DatasetError):  # of one that can't be read the status tells
        for row in dataset.rejected(workspace.rejected_file):
            if row["reason"] == records.ELSEWHERE and row["run_id"] in by_id:
                yield by_id[row["run_id"]], row["message"]


def _covered(cell: tuple[str, str, str], tally: _Tally, note: str | None) -> CellCoverage:
    experiment, hardware, software = cell
    empty = not tally.counts[RunState.DONE.value]
    return CellCoverage(
        experiment=experiment,
        hardware=hardware,
        software=software,
        counts={name: count for name, count in tally.counts.items() if count},
        landed_elsewhere=len(tally.shown),
        why=tuple(_why(tally, note)) if empty else (),
    )


def _why(tally: _Tally, note: str | None) -> Iterator[str]:
    if note:
        yield note
    if tally.counts[STARVED]:
        yield f"starved: no slot matched for {tally.waited_s / 3600:.0f} h"
    for shown, _ in Counter(tally.shown).most_common(1):
        yield f"landed elsewhere: {shown}"
    for reason, _ in Counter(tally.vacated).most_common(1):
        yield f"a slot gave it back: {reason}"
    for state, said in _WHY.items():
        if tally.counts[state.value]:
            yield said
