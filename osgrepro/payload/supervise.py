"""One attempt from beginning to end: starts the training process, listens, and writes the result.

The supervisor stays a small process of its own: it can answer SIGTERM while the training is deep in
a long computation, and it outlives a crash of the backend. Called by ``cli``.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import sys
import tempfile
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import faults, fingerprint, result, scrub, selftest
from .faults import (
    FaultError,
    InterruptedRunError,
    OutOfMemoryError,
    SlotError,
    TrainingError,
)
from .processes import channel, leftovers, memory
from .processes.child import STOPPING, Child, Signals, archive, self_command, signal_name
from .processes.hashing import Hasher, ImageHash
from .provenance import classads, image
from .spec import Task
from .training import environment, trace

# A crash here is the backend's on this machine, not the training's; SIGILL always is: the processor
# lacks what the backend was built for.
_SLOT_STAGES = ("starting", "importing")


def run(task: Task, argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Do one attempt of ``task``; return its exit code.

    Parameters
    ----------
    task : Task
        The run.
    argv : sequence of str
        The arguments that name the run, for the processes that are started for it.
    environ : mapping
        The environment of this process.
    """
    clock = result.Clock()
    hasher, image_hash = Hasher(), ImageHash(image.file(task, environ))
    leftovers.adopt()
    with Signals() as signals:
        work = tempfile.mkdtemp(prefix=".osgrepro-", dir=task.scratch)
        try:
            machine_ad = _ad(environ, "_CONDOR_MACHINE_AD")
            child_environ = environment.of_training(environ, task, machine_ad, work)
            state, outcome = _attempt(task, argv, child_environ, signals, hasher)
        finally:
            ended = leftovers.end()
            shutil.rmtree(work, ignore_errors=True)
    _tell_left_behind(state, ended)
    libraries = hasher.finish(state.get("libraries", ()))
    channel.merge(state, {"provenance": {"libraries": libraries}})
    measured = image_hash.finish() if outcome["exit_code"] == faults.OK else None
    if measured is not None:
        image_facts = {"sha256": measured, "sha256_source": "measured"}
        channel.merge(state, {"provenance": {"image": image_facts}})
    return _finish(task, state, environ, clock.ending(**outcome))


def _attempt(
    task: Task, argv: Sequence[str], environ: Mapping[str, str], signals: Signals, hasher: Hasher
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Test the slot, train, and look at the first steps; return what is known and how it ended."""
    tested = selftest.run(task, argv, environ, signals)
    if tested.fault is not None:
        state, outcome = tested.state, _ended(tested.fault)
    else:
        child = Child([*self_command(), "train", *argv], environ)
        child.listen(signals, lambda state: hasher.add(state.get("libraries", ())))
        state, outcome = child.state, _outcome(child, signals)
        if task.trace and outcome["exit_code"] == faults.OK:
            _trace(state, argv, environ, signals)
    channel.merge(state, {"provenance": {"self_test": tested.facts}})
    return state, outcome


def _ended(error: FaultError) -> Dict[str, Any]:
    return {"exit_code": error.exit_code, "exception": faults.describe(error)}


def _outcome(child: Child, signals: Signals) -> Dict[str, Any]:
    """Return exit code and exception, also where the training process could not tell them."""
    recorded: Optional[Dict[str, Any]] = child.state.get("outcome")
    if recorded is not None:
        return recorded
    error: FaultError
    stage, code = child.state.get("stage", "starting"), child.returncode
    stopped = signals.received or (-code if -code in STOPPING else None)
    if stopped is not None:
        error = InterruptedRunError(f"{signal.Signals(stopped).name} while {stage}")
    elif code < 0:
        error_class = (
            SlotError if stage in _SLOT_STAGES or -code == signal.SIGILL else TrainingError
        )
        if error_class is TrainingError and -code == signal.SIGKILL and memory.lacked():
            error_class = OutOfMemoryError
        reason = f": {memory.likely()}" if -code == signal.SIGKILL else ""
        error = error_class(f"ended by {signal_name(-code)} while {stage}{reason}")
    else:
        error = TrainingError(f"ended with {code} while {stage}")
    return _ended(error)


def _tell_left_behind(state: Dict[str, Any], ended: List[str]) -> None:
    """Note what had to be ended: by the training process, of its program, and by this one."""
    provenance = state.setdefault("provenance", {})
    before = (provenance.get("process") or {}).get("left_behind") or {"count": 0, "names": []}
    count = before["count"] + len(ended)
    if not count:
        return
    left_behind = {"count": count, "names": [*before["names"], *ended][: leftovers.SHOWN]}
    channel.merge(state, {"provenance": {"process": {"left_behind": left_behind}}})
    note = leftovers.sentence(count, left_behind["names"])
    provenance["notes"] = [*(provenance.get("notes") or []), note]
    sys.stderr.write(f"osgrepro: {note}\n")


def _trace(
    state: Dict[str, Any], argv: Sequence[str], environ: Mapping[str, str], signals: Signals
) -> None:
    """Trace the first steps; whatever goes wrong is noted, the run's result stands."""
    reason = trace.impossible(environ)
    if reason is not None:
        channel.merge(state, {"provenance": {"errors": {"trace": reason}}})
        return
    with tempfile.TemporaryFile() as output:
        child = Child([*self_command(), "trace", *argv], trace.environment(environ), output)
        child.listen(signals)
        output.seek(0)
        lines = trace.verbose_lines(output.read())
    traced = child.state.get("trace", {})
    provenance: Dict[str, Any] = {
        "framework": {"onednn_verbose": lines},
        "data": {
            "first_batches": traced.get("batches"),
            "first_outputs": traced.get("outputs"),
            "first_weights": traced.get("weights"),
        },
    }
    if child.returncode != 0:
        provenance["errors"] = {"trace": f"the tracing process ended with {child.returncode}"}
    fingerprints = {"gradients": traced.get("gradients")}
    channel.merge(state, {"provenance": provenance, "fingerprints": fingerprints})


def _finish(
    task: Task, state: Dict[str, Any], environ: Mapping[str, str], ending: result.Ending
) -> int:
    """Clean, seal and write the result; return the exit code, which a full disk still changes."""
    clean = scrub.cleaner(scrub.secrets_of(environ), scrub.homes_of(environ, task.scratch))
    state["provenance"] = clean(state["provenance"])
    ending = dataclasses.replace(ending, exception=clean(ending.exception))
    numbers = result.JobNumbers.of(_ad(environ, "_CONDOR_JOB_AD"))
    path = task.result or os.path.join(task.out, numbers.file_name(task.run_id))
    assembled = result.assemble(task, numbers, state, ending, _archive_sha256())
    try:
        result.write(path, result.plain(assembled))
    except OSError as error:
        sys.stderr.write(f"osgrepro: {path}: the result can't be written: {error}\n")
        return SlotError.exit_code
    if ending.exception is not None:
        # The whole message is in the result; a program's own output was passed on as it came.
        message = clean(state.get("brief")) or ending.exception["message"]
        sys.stderr.write(f"osgrepro: {ending.exception['type']}: {message}\n")
    return ending.exit_code


def _ad(environ: Mapping[str, str], name: str) -> Optional[Dict[str, Any]]:
    try:
        return classads.read(environ.get(name))
    except OSError:
        return None


def _archive_sha256() -> Optional[str]:
    path = archive()
    return None if path is None else fingerprint.file_sha256(path)
