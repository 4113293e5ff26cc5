"""Starts the self-test, waits as long as it may take, and says what its end means for the slot."""

from __future__ import annotations

import signal
import tempfile
import time
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from ..faults import SlotError, bounded
from ..processes import memory
from ..processes.child import Child, Signals, self_command, signal_name
from ..spec import Task

# An image on a cold cache loads slowly; a framework that is older than its GPU compiles for it.
LIMIT_S, GPU_LIMIT_S = 300.0, 1200.0


@dataclass(frozen=True)
class Judgement:
    """What the self-test found.

    Attributes
    ----------
    facts : dict
        For the result: ``devices`` and what each computed, ``wall_s``, ``failure``, ``untested``.
    fault : SlotError or None
        Why nothing should be trained here.
    state : dict
        What is known of the slot, as the training process would have told it.
    """

    facts: Dict[str, Any]
    fault: Optional[SlotError]
    state: Dict[str, Any]


def run(
    task: Task,
    argv: Sequence[str],
    environ: Mapping[str, str],
    signals: Signals,
    limits_s: Tuple[float, float] = (LIMIT_S, GPU_LIMIT_S),
) -> Judgement:
    """Test the slot in a process of its own; none of it outlasts this call.

    Parameters
    ----------
    task : Task
        The run.
    argv : sequence of str
        The arguments that name the run.
    environ : mapping
        The training process's environment; Keras writes to its home, which is another here.
    signals : Signals
        Entered; a signal ends the test without a judgement.
    limits_s : tuple of float
        How long it may take, without and with GPUs.
    """
    start, limit_s = time.monotonic(), limits_s[1 if task.gpus else 0]
    with tempfile.TemporaryDirectory(dir=environ["KERAS_HOME"]) as home:
        child = Child([*self_command(), "test", *argv], {**environ, "KERAS_HOME": home})
        child.listen(signals, limit_s=limit_s)
    state = child.state
    failure, untested = _judged(child, signals, limit_s)
    facts = {
        "devices": state.get("devices", []),
        "wall_s": time.monotonic() - start,
        "failure": failure,
        "untested": untested,
    }
    fault = None if failure is None else SlotError(f"the slot's self-test failed: {failure}")
    return Judgement(facts, fault, {"provenance": state.get("provenance", {})})


def _judged(child: Child, signals: Signals, limit_s: float) -> Tuple[Optional[str], Optional[str]]:
    """Return what failed, or else why something was not tested; both None where all is well."""
    state, code = child.state, child.returncode
    if "fault" in state:
        return bounded(state["fault"]), None
    if "outcome" in state:
        return None, state.get("untested")
    doing = state.get("doing", "starting")
    if signals.received is not None:
        return None, f"told to stop while {doing}"
    if child.overdue:
        end = f"{doing}: no answer within {limit_s:.0f} s"
    elif code == -signal.SIGKILL and memory.lacked():
        return None, f"{doing}: ended by SIGKILL, {memory.likely()}"
    else:
        end = f"{doing}: ended {f'by {signal_name(-code)}' if code < 0 else f'with {code}'}"
    # Python itself may be unable to start: as the training, it then says so.
    harmless = state.get("optional", code >= 0)
    return (None, end) if harmless else (end, None)
