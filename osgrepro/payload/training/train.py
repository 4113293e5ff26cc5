"""The training process: provenance, checks, the backend, the experiment, and the evidence.

Started by the supervisor in a session of its own; what it learns goes through the channel at once,
so that a crash or a signal loses nothing that was known.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import Any, Callable, Dict, List, Mapping, Optional

from .. import backends, faults, provenance
from ..backends import Backend
from ..context import Channel, Context
from ..faults import FaultError, SlotError
from ..provenance import framework, gpus, libraries
from ..spec import Task
from . import metrics, nondeterminism, scripts, seeding

_LEAST_FREE_MB = 64


def train(
    task: Task,
    channel: Channel,
    *,
    environ: Mapping[str, str] = os.environ,
    make_context: Callable[[Task, Channel], Context] = Context,
) -> int:
    """Do the run and tell ``channel`` everything; return the exit code."""
    collector = provenance.Collector()
    work = _Work(task, channel, environ, collector)
    try:
        known = provenance.before(collector, task, environ)
        channel.send(provenance=known)
        check_slot(task)
        _check_inputs(task, channel)
        asked = 0 if known["emulation"]["simulated_gpu"] else task.gpus
        check_driver(asked, known["gpus"])
        values, notes = metrics.checked(work.metrics(asked, make_context), task.experiment)
        for note in notes:
            sys.stderr.write(f"osgrepro: {note}\n")
        channel.send(metrics=values, provenance={"notes": notes})
        last = work.shown()
        check_use(asked, last)
        outcome: Dict[str, Any] = {"exit_code": faults.OK, "exception": None}
    except BaseException as error:  # a script may raise SystemExit: no metrics, all the same
        described = faults.describe(error)
        described["message"] = _with_hint(described["message"])
        outcome = {"exit_code": faults.exit_code_of(error), "exception": described}
        channel.send(brief=getattr(error, "brief", None))
        last = work.shown()
    channel.send(libraries=last.pop("libraries"))
    channel.send(provenance={**last, "errors": collector.errors}, outcome=outcome)
    return int(outcome["exit_code"])


def _with_hint(message: str) -> str:
    hint = nondeterminism.hint(message)
    return message if hint is None else f"{message}\n{hint}"


class _Work:
    """What is done between the checks, and what the process that did it shows in the end."""

    def __init__(
        self,
        task: Task,
        channel: Channel,
        environ: Mapping[str, str],
        collector: provenance.Collector,
    ) -> None:
        self._task, self._channel, self._environ = task, channel, environ
        self._collector = collector
        self._backend: Optional[Backend] = None
        self._seeded = False
        self._program: Optional[Dict[str, Any]] = None
        self._shown: Optional[Dict[str, Any]] = None

    def metrics(self, gpus: int, make_context: Callable[[Task, Channel], Context]) -> Any:
        """Train; return the metrics as the experiment tells them."""
        if scripts.is_program(self._task):
            return self._run_program()
        self._backend = prepare(self._task, self._collector, self._channel, self._environ)
        self._seeded = True
        check_gpus(gpus, self._backend)
        context = make_context(self._task, self._channel)
        self._channel.send(stage="training")
        return scripts.call(self._task, context)

    def _run_program(self) -> Any:
        """Run the program: it has its own framework and seeds, nothing of them is in here."""
        self._program = {}
        self._channel.send(stage="training")
        try:
            values, self._program = scripts.start(self._task, self._environ)
        except FaultError as error:
            self._program = error.known
            raise
        return values

    def shown(self) -> Dict[str, Any]:
        """Return what the process that trained shows, once it is done."""
        if self._shown is None:
            if self._program is None:
                self._shown = provenance.after(
                    self._collector, self._backend, self._environ, seeded=self._seeded
                )
            else:
                self._shown = provenance.after_program(self._collector, self._program)
        return self._shown


def check_slot(
    task: Task, free_bytes: Callable[[str], int] = lambda folder: shutil.disk_usage(folder).free
) -> None:
    """Refuse a slot without room for the result.

    Raises
    ------
    SlotError
        If less than 64 MiB are free.
    """
    free_mb = free_bytes(task.scratch) / 2**20
    if free_mb < _LEAST_FREE_MB:
        raise SlotError(f"{task.scratch}: {free_mb:.0f} MiB free, {_LEAST_FREE_MB} are needed")


def prepare(
    task: Task,
    collector: provenance.Collector,
    channel: Channel,
    environ: Mapping[str, str] = os.environ,
) -> Optional[Backend]:
    """Import the framework, the named or the image's, and seed everything; return it.

    A user's script may do without one: None then.
    """
    channel.send(stage="importing")
    start = time.monotonic()
    experiment = task.experiment
    needed = scripts.is_built_in(experiment)
    backend = backends.load(environ, needed=needed, asked=experiment.framework)
    channel.send(stage="preparing", timings={"import_s": time.monotonic() - start})
    if backend is not None:
        known = framework.collect(collector, backend)
        channel.send(provenance={"framework": known}, libraries=libraries.loaded())
    seeding.seed_python(task.seed)
    if backend is not None:
        backend.seed(task.seed, task.threads, environ, experiment.determinism or "on")
    return backend


def _check_inputs(task: Task, channel: Channel) -> None:
    scripts.check_code(task)
    sizes = scripts.check_data(task)
    files = [
        {"file": d.file, "sha256": d.sha256, "bytes": sizes[d.file]} for d in task.experiment.data
    ]
    channel.send(provenance={"data": {"files": files}})


def check_driver(asked: int, shown: List[Mapping[str, Any]], root: str = "/") -> None:
    """Refuse a slot that shows no GPU at all, whatever would compute.

    Raises
    ------
    SlotError
        If GPUs were asked for, and neither a driver nor a device's file shows one.
    """
    if asked and not gpus.shown(shown, root):
        raise SlotError(f"{asked} GPU(s) asked for, but the slot shows none")


def check_gpus(asked: int, backend: Optional[Backend]) -> None:
    """Refuse a slot whose GPUs the backend doesn't see.

    Raises
    ------
    SlotError
        If there are fewer than the hardware environment asks for.
    """
    if asked == 0 or backend is None:
        return
    present = len(backend.devices())
    if present < asked:
        raise SlotError(f"{asked} GPU(s) asked for, but {backend.title} sees {present}")


def check_use(asked: int, shown: Mapping[str, Any]) -> None:
    """Refuse a slot on which the training took the CPU though GPUs were asked for.

    Raises
    ------
    SlotError
        If the process that trained certainly used no GPU, or its framework saw too few.
    """
    if not asked:
        return
    shown_framework = shown.get("framework") or {}
    name, devices = shown_framework.get("backend") or "the training", shown_framework.get("gpus")
    if devices is not None and len(devices) < asked:
        raise SlotError(f"{asked} GPU(s) asked for, but {name} sees {len(devices)}")
    if shown.get("gpu_used") is False:
        raise SlotError(f"{asked} GPU(s) asked for, but the training used none of them")
