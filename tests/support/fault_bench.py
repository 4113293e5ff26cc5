"""A campaign of stand-ins on a real pool, to which something is done while it runs; how it ended.

What a person does is done by the bench's own verbs, each of which is one of osgrepro's commands,
and is noted: the table of ``make faults`` has it in its last column.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import htcondor2
import trial
from real_pool import until

from osgrepro.common.errors import OsgreproError, PoolError
from osgrepro.common.models import Image, Matrix, RunState
from osgrepro.pool import condor, minipool
from osgrepro.pool.minipool import _processes
from osgrepro.pool.minipool._paths import PoolPaths
from osgrepro.pool.minipool._pool import Pool, mark_of
from osgrepro.results import dataset
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.results import collecting, collection
from osgrepro.workflow.runs import jobs
from osgrepro.workflow.runs.delivery import MISSING, submit
from osgrepro.workflow.runs.monitoring.status import Status, of_runs

PLACES = ("host", "threads4")
RUNS = 12
_RUN_S = 2
_PATIENCE_S = 300.0
# A pool of four execution points has no job idle for so long, unless nobody will start it.
_QUIET_S = 15.0
# As many letters of a command's name as Linux keeps of each process.
_COMM_LETTERS = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a fault ended: ``did`` is what a person did, ``seconds`` from the fault to the end."""

    fault: str
    happened: str
    lost: int
    doubled: int
    seconds: float
    did: str


@dataclass(kw_only=True)
class Bench:
    """One campaign, a pool, and what a person did to it so far."""

    pool: Pool
    settings: minipool.Settings
    workspace: Workspace
    image: Path
    matrix: Matrix = field(default_factory=partial(trial.expand, RUNS // 2, PLACES, sleep_s=_RUN_S))
    image_sha256: str | None = None
    did: list[str] = field(default_factory=list)
    since_s: float = 0.0

    @property
    def images(self) -> dict[str, Image]:
        """The campaign's image."""
        made = trial.images(self.image)
        return {name: replace(image, sha256=self.image_sha256) for name, image in made.items()}

    @property
    def loaded(self) -> Loaded:
        """The campaign, as if it were read from a file."""
        return Loaded(source="trial.toml", path=Path("trial.toml"), matrix=self.matrix)

    def schedd(self) -> condor.Schedd:
        """Return the access point, once it answers."""
        return until(lambda: _answering(self.pool), "the access point does not answer", _PATIENCE_S)

    def send(self) -> int:
        """Submit what is due; return how many runs that was."""
        delivery = trial.delivery(
            *(self.workspace, self.schedd(), self.pool.enclosure.user),
            brake=self.pool.environment,
        )
        return submit(self.matrix, self.images, delivery).runs

    def start(self) -> None:
        """Submit, and wait until some runs have returned and others run."""
        assert self.send() == RUNS
        until(self._half_way, "no run returned", _PATIENCE_S)

    def status(self) -> Status:
        """Return where every run stands."""
        return of_runs(self.matrix, self.workspace, self.schedd())

    def fault(self) -> None:
        """Note that the fault happens now."""
        self.since_s = time.monotonic()

    def kill(self, command: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to all processes of the pool that bear the name, once there are some."""
        # A job's program begins after its container.
        return until(partial(self.kill_now, command, number), f"there is no {command}")

    def kill_now(self, command: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to all processes of the pool that bear the name; return how many."""
        processes = _processes.of_pool(mark_of(PoolPaths(self.settings.directory)))
        # Linux keeps so many letters of a name.
        chosen = [known for known in processes if known.command == command[:_COMM_LETTERS]]
        for process in chosen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)
        return len(chosen)

    def act(self, action: htcondor2.JobAction) -> None:
        """Do what condor_rm, condor_hold and condor_vacate_job do, by hand, to all jobs."""
        self.schedd()._schedd.act(action, "OsgreproRunId =!= undefined")

    def remove_some(self, last_digit: int) -> None:
        """Do what condor_rm does, by hand, to the jobs whose ProcId ends in a digit."""
        self.schedd()._schedd.act(htcondor2.JobAction.Remove, f"ProcId % 10 == {last_digit}")

    def nearly_done(self, share: float) -> bool:
        """Whether so many of the runs have returned; what is due is submitted, as cron would."""
        counts = dict(now.counts) if (now := self._round()) else {}
        returned = sum(counts.get(state, 0) for state in (RunState.DONE, RunState.RETURNED))
        if sum(counts.get(state, 0) for state in MISSING):
            with contextlib.suppress(OsgreproError):
                self.send()
        return returned >= share * len(self.matrix.runs)

    def let_go(self) -> None:
        """Release the jobs that a fault left held, if there are any."""
        if self.status().held:
            self.person("release")

    def up_again(self) -> None:
        """Start the pool once more, as `osgrepro pool up` does."""
        self.did.append("osgrepro pool up")
        self.pool = minipool.up(self.settings)

    def person(self, verb: str) -> None:
        """Do what `osgrepro VERB` does to the campaign's jobs, and note the command."""
        self.did.append(f"osgrepro {verb}")
        if verb == "submit":
            self.send()
            return
        access = Access(schedd=self.schedd(), pool=self.pool)
        jobs.act(self.loaded, self.workspace, access, verb)

    def ending(self, fault: str, happened: str) -> Ending:
        """Collect until every run has its result, submitting again what waits for that."""
        self.since_s = self.since_s or time.monotonic()
        deadline_s, quiet_since_s = time.monotonic() + _PATIENCE_S, time.monotonic()
        counts: dict[RunState, int] = {}
        while True:
            now, before = self._round(), counts
            counts = dict(now.counts) if now else {}
            if counts != before:
                deadline_s = time.monotonic() + _PATIENCE_S
            if counts == {RunState.DONE: len(self.matrix.runs)}:
                break
            if not now or any(counts.get(state) for state in (RunState.IDLE, RunState.RUNNING)):
                quiet_since_s = time.monotonic()
            elif (
                sum(counts.get(state, 0) for state in MISSING) and _since(quiet_since_s) > _QUIET_S
            ):
                self.person("submit")
                quiet_since_s = time.monotonic()
            assert time.monotonic() < deadline_s, f"{fault}: {counts}, {now and now.held}"
            time.sleep(0.5)
        accepted = dataset.taken(self.workspace.dataset_file)
        runs = {run.run_id for run in self.matrix.runs}
        return Ending(
            fault=fault,
            happened=happened,
            lost=len(runs - set(accepted)),
            doubled=self._doubled(),
            seconds=time.monotonic() - self.since_s,
            did=", ".join(dict.fromkeys(self.did)) or "nothing",
        )

    def _half_way(self) -> bool:
        counts = self.status().counts
        return bool(counts.get(RunState.RETURNED) and counts.get(RunState.RUNNING))

    def _round(self) -> Status | None:
        """Collect, and look where the runs stand; None while nobody answers."""
        schedd = _answering(self.pool)
        if schedd is None:
            return None
        try:
            collecting.take_up(self.loaded, self.workspace, Access(schedd=schedd, pool=self.pool))
            collection.collect(
                self.matrix,
                self.images,
                self.workspace,
                job_ads=partial(condor.starts, schedd),
                clock=lambda: time.time() + 600,
            )
            return of_runs(self.matrix, self.workspace, schedd)
        except PoolError:
            return None

    def _doubled(self) -> int:
        """Return how many runs have usable results of more than one job."""
        refused = {
            row["file"]
            for row in dataset.rejected(self.workspace.rejected_file)
            if row["reason"] != "superseded"
        }
        sent = defaultdict(set)
        for returned in self.workspace.returned_files():
            run_id, cluster, proc, _starts, _json = returned.file.rsplit("/")[-1].split(".")
            if returned.file not in refused:
                sent[run_id].add((cluster, proc))
        return sum(len(of_run) > 1 for of_run in sent.values())


def _since(moment_s: float) -> float:
    return time.monotonic() - moment_s


def _answering(pool: Pool) -> condor.Schedd | None:
    try:
        schedd = condor.connect(pool.config)
        schedd.ping()
    except OsgreproError:
        return None
    return schedd


@contextlib.contextmanager
def a_bench(settings: minipool.Settings, image: Path, root: Path) -> Iterator[Bench]:
    """Give a bench with a folder of its own below ``root``; its jobs are gone afterwards.

    The pool is the one that runs: a fault before may have ended that of the settings' first life.
    """
    pool = minipool.up(settings)
    workspace = trial.opened(root / "trial.runs")
    pool.expose(root)
    bench = Bench(pool=pool, settings=settings, workspace=workspace, image=image)
    try:
        yield bench
    finally:
        schedd = bench.schedd()
        schedd.remove([found.cluster for found in schedd.of_campaign("trial").values()], "test")
        until(lambda: not bench.schedd().of_campaign("trial"), "jobs are not removed", _PATIENCE_S)
        shutil.rmtree(root, ignore_errors=True)
