"""Hash libraries and the image in threads of the supervisor while the training process works."""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import threading
from typing import Any, Dict, Iterable, List, Optional

from ..provenance import libraries

_LONGEST_WAIT_S = 120.0
# Some gigabytes are read in seconds, beside a training that takes longer; a short run waits.
_LONGEST_IMAGE_WAIT_S = 60.0
_BLOCK_BYTES = 1 << 20
_LOWEST_PRIORITY = 19


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


class ImageHash:
    """The sha256 of the image's file, read with the lowest priority while the training works."""

    def __init__(self, path: Optional[str]) -> None:
        self._path = path
        self._sha256: Optional[str] = None
        self._stop = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        if path is not None:
            self._thread.start()

    def finish(self) -> Optional[str]:
        """Return it; None without a file, or one that can't be read or takes too long."""
        if self._path is not None:
            self._thread.join(_LONGEST_IMAGE_WAIT_S)
        self._stop = True
        return self._sha256

    def _work(self) -> None:
        with contextlib.suppress(OSError):  # Linux counts priorities by thread
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
        digest = hashlib.sha256()
        with contextlib.suppress(OSError), open(str(self._path), "rb") as file:
            for block in iter(lambda: file.read(_BLOCK_BYTES), b""):
                if self._stop:
                    return
                digest.update(block)
            self._sha256 = digest.hexdigest()
