"""Run an unchanged program: start it, pass on what it says, end it whole, and say how it ended.

Called by ``scripts``. What the program's own process shows of itself comes from ``hook``.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any, Dict, List, Mapping, Type

from ..faults import FaultError, InputError, OutOfMemoryError, SlotError, TrainingError
from ..provenance import hook
from ..spec import Task
from . import leftovers
from .child import signal_name
from .memory import lacked, likely
from .terminal import Screen

_PIECE_BYTES = 1 << 16
# All that held the program's error output is gone by then; this is for what hides.
_LAST_WORDS_S = 5.0
_PLACEHOLDER = re.compile(r"\{(seed|repeat|params\.[^{}]+)\}")


def run(task: Task, path: str, environ: Mapping[str, str]) -> Dict[str, Any]:
    """Run the program at ``path`` to its end; return what it showed of itself.

    Raises
    ------
    TrainingError, SlotError
        If it did not end well; ``known`` of the error is what it showed.
    """
    screen = Screen()
    # Keras's home is a folder of this run alone, which the supervisor removes.
    home = environ.get("KERAS_HOME")
    with tempfile.TemporaryDirectory(
        dir=home if home and os.path.isdir(home) else task.scratch, prefix=".osgrepro-"
    ) as folder:
        report = os.path.join(folder, "report.json")
        argv = [sys.executable, path, *arguments(task)]
        changed = {**environ, **_variables(task), **hook.environment(folder, report, environ)}
        leftovers.adopt()
        process = subprocess.Popen(argv, cwd=task.scratch, env=changed, stderr=subprocess.PIPE)
        relay = threading.Thread(target=_relay, args=(process.stderr, screen), daemon=True)
        relay.start()
        process.wait()
        names = leftovers.end()
        relay.join(_LAST_WORDS_S)
        known = hook.read(report)
    if names:
        known["process"] = {**known.get("process", {}), "left_behind": leftovers.described(names)}
    if process.returncode != 0:
        error = _failure(os.path.basename(path), process.returncode, screen.text())
        error.known = known
        raise error
    return known


def arguments(task: Task) -> List[str]:
    """Return the program's arguments: the run's seed, repeat and parameters in their places.

    Raises
    ------
    InputError
        If a place names a parameter that there is not.
    """
    places = {"seed": str(task.seed), "repeat": str(task.repeat)}
    for name, value in task.experiment.params.items():
        places[f"params.{name}"] = value if isinstance(value, str) else json.dumps(value)

    def fill(match: re.Match[str]) -> str:
        if match.group(1) not in places:
            raise InputError(f"arguments: {match.group()}: there is no such parameter")
        return places[match.group(1)]

    return [_PLACEHOLDER.sub(fill, argument) for argument in task.experiment.arguments]


def _variables(task: Task) -> Dict[str, str]:
    return {
        "OSGREPRO_SEED": str(task.seed),
        "OSGREPRO_PARAMS": json.dumps(dict(task.experiment.params), sort_keys=True),
    }


def _relay(stream: IO[bytes], screen: Screen) -> None:
    """Pass the program's error output on as it comes, until nothing holds it open any more."""
    while True:
        data = os.read(stream.fileno(), _PIECE_BYTES)
        if not data:
            return
        sys.stderr.write(screen.feed(data))
        sys.stderr.flush()


def _failure(name: str, returncode: int, last: str) -> FaultError:
    """Return the error for a program that ended badly; its last line is the program's own."""
    error: FaultError
    if returncode > 0:
        reason = f"{name} ended with {returncode}"
        error = TrainingError(f"{reason}:\n{last}".rstrip(":\n"))
    else:
        number = -returncode
        # With SIGILL, the processor lacks what the program was built for.
        error_class: Type[FaultError] = SlotError if number == signal.SIGILL else TrainingError
        reason = f"{name} was ended by {signal_name(number)}"
        if number == signal.SIGKILL:
            reason += f": {likely()}"
            error_class = OutOfMemoryError if lacked() else TrainingError
        error = error_class(f"{last}\n{reason}".lstrip())
    error.brief = reason
    return error
