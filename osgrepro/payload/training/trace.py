"""A second look at the first steps, in a process of its own: gradients, batches, oneDNN's words.

The same seeds give the same weights and batches as in the run; this process trains three steps with
hooks in its graph and is thrown away, so that nothing here can change the run's numbers.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from .. import backends, provenance
from ..backends.tensorflow import TensorFlow
from ..context import Channel, Context
from ..spec import Task
from . import scripts, train
from .trace_steps import EnoughError, Steps

STEPS = 3
_VERBOSE_LINES = 24
_VERBOSE = {"ONEDNN_VERBOSE": "1", "DNNL_VERBOSE": "1", "MKLDNN_VERBOSE": "1"}


def impossible(environ: Mapping[str, str]) -> Optional[str]:
    """Return why no trace can be made, or None where one can."""
    backend = backends.named(environ)
    if backend == TensorFlow.name:
        return None
    return f"no steps are traced on the backend {backend}: the hooks are TensorFlow's"


def environment(environ: Mapping[str, str]) -> Dict[str, str]:
    """Return the environment of the tracing process: oneDNN reads its variables when loaded."""
    return {**environ, **_VERBOSE}


def verbose_lines(output: bytes) -> List[str]:
    """Return the first different lines that oneDNN wrote about itself, without their times."""
    lines: Dict[str, None] = {}
    for line in output.decode("utf-8", "replace").splitlines():
        if line.startswith(("onednn_verbose", "dnnl_verbose")):
            is_call = ",exec," in line or ",create" in line
            lines[line.rpartition(",")[0] if is_call else line] = None
    return list(lines)[:_VERBOSE_LINES]


def trace(task: Task, channel: Channel) -> int:
    """Do the first steps of the run again and tell ``channel`` their gradients and batches."""
    scripts.check_code(task)
    if scripts.is_program(task):
        return 0
    if train.prepare(task, provenance.Collector(), Nowhere()) is None:
        return 0
    try:
        scripts.call(task, TraceContext(task, channel))
    except EnoughError:
        return 0
    return 0


class Nowhere:
    """A channel that forgets: the run itself has told all this already."""

    def send(self, **parts: Any) -> None:
        """Forget ``parts``."""


class TraceContext(Context):
    """A context whose ``fit`` stops after three steps and tells what they were made of."""

    def __init__(self, task: Task, channel: Channel) -> None:
        super().__init__(task, Nowhere())
        self._told = channel

    def fit(self, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Train some steps; returns only where the run has fewer of them."""
        steps = Steps(model, self._told, STEPS)
        callbacks = [*kwargs.pop("callbacks", ()), steps.callback()]
        return model.fit(*args, callbacks=callbacks, **kwargs)
