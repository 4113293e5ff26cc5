"""The training process: provenance, checks, TensorFlow, the experiment, and the evidence.

Started by the supervisor in a session of its own; what it learns goes through the channel at once,
so that a crash or a signal loses nothing that was known.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import time
from typing import Any, Callable, Dict, Mapping, Optional

from . import faults, provenance, scripts, seeding
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
    tensorflow = None
    try:
        known = provenance.before(collector, task, environ)
        channel.send(provenance=known)
        check_slot(task)
        _check_inputs(task, channel)
        tensorflow = prepare(task, collector, channel)
        if not known["emulation"]["simulated_gpu"]:
            check_gpus(task, tensorflow)
        context = make_context(task, channel)
        channel.send(stage="training")
        channel.send(metrics=scripts.execute(task, context))
        outcome: Dict[str, Any] = {"exit_code": faults.OK, "exception": None}
    except BaseException as error:  # a script may raise SystemExit: no metrics, all the same
        outcome = {"exit_code": faults.exit_code_of(error), "exception": faults.describe(error)}
    last = provenance.after(collector, tensorflow, environ)
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


def prepare(task: Task, collector: provenance.Collector, channel: Channel) -> Optional[Any]:
    """Import TensorFlow and seed everything; return TensorFlow.

    A user's script may do without TensorFlow: None then.
    """
    channel.send(stage="importing")
    start = time.monotonic()
    tensorflow = import_tensorflow(needed=scripts.is_built_in(task.experiment))
    channel.send(stage="preparing", timings={"import_s": time.monotonic() - start})
    if tensorflow is not None:
        known = framework.collect(collector, tensorflow)
        channel.send(provenance={"tensorflow": known}, libraries=libraries.loaded())
    seeding.seed_python(task.seed)
    if tensorflow is not None:
        seeding.seed_tensorflow(tensorflow, task.seed, task.threads)
    return tensorflow


def import_tensorflow(*, needed: bool) -> Optional[Any]:
    """Return TensorFlow, or None where the image has none and it is not needed.

    Raises
    ------
    SlotError
        If it doesn't import, or is needed and not there.
    """
    if importlib.util.find_spec("tensorflow") is None:
        if needed:
            raise SlotError("the image has no TensorFlow")
        return None
    try:
        return importlib.import_module("tensorflow")
    except Exception as error:
        raise SlotError(f"TensorFlow doesn't import: {type(error).__name__}: {error}") from error


def _check_inputs(task: Task, channel: Channel) -> None:
    scripts.check_code(task)
    sizes = scripts.check_data(task)
    files = [
        {"file": d.file, "sha256": d.sha256, "bytes": sizes[d.file]} for d in task.experiment.data
    ]
    channel.send(provenance={"data": {"files": files}})


def check_gpus(task: Task, tensorflow: Any) -> None:
    """Refuse a slot whose GPUs TensorFlow doesn't see.

    Raises
    ------
    SlotError
        If there are fewer than the hardware environment asks for.
    """
    if task.gpus == 0 or tensorflow is None:
        return
    present = len(tensorflow.config.list_physical_devices("GPU"))
    if present < task.gpus:
        raise SlotError(f"{task.gpus} GPU(s) asked for, TensorFlow sees {present}")
