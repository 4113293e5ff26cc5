"""The mini-pool: a real HTCondor pool and Apptainer on this machine alone.

The one door of the package; called by the workflow. ``enclosure`` says how HTCondor's and
Apptainer's commands are run here, ``enclosure_here`` whether they can be without making anything,
``mirror`` where Debian packages come from; the other functions are the pool's life. The pool is for
whoever started it: loopback only, a token for the client.
"""

from __future__ import annotations

from osgrepro.minipool._enclosure import NativeEnclosure, RootEnclosure
from osgrepro.minipool._eps import DEFAULT, ExecutionPoint
from osgrepro.minipool._find import enclosure, enclosure_here
from osgrepro.minipool._lifecycle import Settings, down, find, logs, shell, up
from osgrepro.minipool._mirror import mirror
from osgrepro.minipool._paths import default_directory
from osgrepro.minipool._pool import Pool, last_lines
from osgrepro.minipool._status import EpStatus, PoolStatus, status

__all__ = [
    "DEFAULT",
    "EpStatus",
    "ExecutionPoint",
    "NativeEnclosure",
    "Pool",
    "PoolStatus",
    "RootEnclosure",
    "Settings",
    "default_directory",
    "down",
    "enclosure",
    "enclosure_here",
    "find",
    "last_lines",
    "logs",
    "mirror",
    "shell",
    "status",
    "up",
]
