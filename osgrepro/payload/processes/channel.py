"""What the training process tells its supervisor, as it learns it: JSON objects, one a line.

The supervisor merges them into one state, so that a result can be written from what was known
when the training process was killed, crashed or was still busy.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Dict


def merge(state: Dict[str, Any], part: Dict[str, Any]) -> None:
    """Put ``part`` into ``state``: mappings are merged, everything else is replaced."""
    for key, value in part.items():
        known = state.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merge(known, value)
        else:
            state[key] = value


class Sender:
    """The training process's end of the channel.

    Parameters
    ----------
    descriptor : int
        A pipe's writing end; programs that the training process starts don't inherit it.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor

    def send(self, **parts: Any) -> None:
        """Tell the supervisor ``parts``; a supervisor that is gone is no reason to fail."""
        rest = (json.dumps(parts, default=str) + "\n").encode("ascii")
        with contextlib.suppress(OSError):
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]


class Receiver:
    """The supervisor's end: bytes in, one merged ``state`` out."""

    def __init__(self) -> None:
        self.state: Dict[str, Any] = {}
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take ``data`` as it comes; a last line that was cut off is left out."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                part = json.loads(line.decode("ascii"))
            except ValueError:
                continue
            if isinstance(part, dict):
                merge(self.state, part)
