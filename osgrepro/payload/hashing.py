"""Hash the loaded libraries in a thread of the supervisor while the training process works."""

from __future__ import annotations

import queue
import threading
from typing import Any, Dict, Iterable, List, Optional

from .provenance import libraries

_LONGEST_WAIT_S = 120.0


class Hasher:
    """Hashes what it is given, in the background, each library once."""

    def __init__(self) -> None:
        self._hashes = libraries.Hashes()
        self._given: List[str] = []
        self._queue: queue.Queue[Optional[List[str]]] = queue.Queue()
        self._thread: Optional[threading.Thread] = None

    def add(self, paths: Iterable[str]) -> None:
        """Start to hash those of ``paths`` that were not given before."""
        new = [path for path in paths if path not in self._given]
        if not new:
            return
        self._given += new
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()
        self._queue.put(new)

    def finish(self, paths: Iterable[str]) -> List[Dict[str, Any]]:
        """Return path, sha256 and source of each of ``paths``, null what took too long."""
        wanted = list(paths)
        self.add(wanted)
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_LONGEST_WAIT_S)
        return self._hashes.known(wanted)

    def _work(self) -> None:
        for paths in iter(self._queue.get, None):
            self._hashes.add(paths)
