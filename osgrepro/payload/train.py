"""The training process: provenance, checks, the backend, the experiment, and the evidence.

Started by the supervisor in a session of its own; what it learns goes through the channel at once,
so that a crash or a signal loses nothing that was known.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import Any, Callable, Dict, Mapping, Optional

from . import backends, faults, provenance, scripts, seeding
from .backends import Backend
from .context import Channel, Context
from .faults import SlotError
from .provenance import framework, libraries
from .spec import Task

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
    backend = None
    try:
        known = provenance.before(collector, task, environ)
        channel.send(provenance=known)
        check_slot(task)
        _check_inputs(task, channel)
        backend = prepare(task, collector, channel, environ)
        if not known["emulation"]["simulated_gpu"]:
            check_gpus(task, backend)
        context = make_context(task, channel)
        channel.send(stage="training")
        channel.send(metrics=scripts.execute(task, context))
        outcome: Dict[str, Any] = {"exit_code": faults.OK, "exception": None}
    except BaseException as error:  # a script may raise SystemExit: no metrics, all the same
        outcome = {"exit_code": faults.exit_code_of(error), "exception": faults.describe(error)}
    last = provenance.after(collector, backend, environ)
    channel.send(libraries=last.pop("libraries"))
    channel.send(provenance={**last, "errors": collector.errors}, outcome=outcome)
    return int(outcome["exit_code"])


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
    """Import the image's backend and seed everything; return the backend.

    A user's script may do without one: None then.
    """
    channel.send(stage="importing")
    start = time.monotonic()
    backend = backends.load(environ, needed=scripts.is_built_in(task.experiment))
    channel.send(stage="preparing", timings={"import_s": time.monotonic() - start})
    if backend is not None:
        known = framework.collect(collector, backend)
        channel.send(provenance={"framework": known}, libraries=libraries.loaded())
    seeding.seed_python(task.seed)
    if backend is not None:
        backend.seed(task.seed, task.threads, environ)
    return backend


def _check_inputs(task: Task, channel: Channel) -> None:
    scripts.check_code(task)
    sizes = scripts.check_data(task)
    files = [
        {"file": d.file, "sha256": d.sha256, "bytes": sizes[d.file]} for d in task.experiment.data
    ]
    channel.send(provenance={"data": {"files": files}})


def check_gpus(task: Task, backend: Optional[Backend]) -> None:
    """Refuse a slot whose GPUs the backend doesn't see.

    Raises
    ------
    SlotError
        If there are fewer than the hardware environment asks for.
    """
    if task.gpus == 0 or backend is None:
        return
    present = len(backend.devices())
    if present < task.gpus:
        raise SlotError(f"{task.gpus} GPU(s) asked for, {backend.title} sees {present}")
