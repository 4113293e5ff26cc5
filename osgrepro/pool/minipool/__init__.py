"""The mini-pool: a real HTCondor pool and Apptainer on this machine alone.

The one door of the package; called by the workflow. The pool is for whoever started it: loopback
only, a token for the client.
"""

from __future__ import annotations

from osgrepro.pool.minipool._eps import DEFAULT, ExecutionPoint
from osgrepro.pool.minipool._lifecycle import Settings, down, find, logs, shell, up
from osgrepro.pool.minipool._paths import default_directory
from osgrepro.pool.minipool._pool import Pool, last_lines
from osgrepro.pool.minipool._status import EpStatus, PoolStatus, status

__all__ = [
    "DEFAULT",
    "EpStatus",
    "ExecutionPoint",
    "Pool",
    "PoolStatus",
    "Settings",
    "default_directory",
    "down",
    "find",
    "last_lines",
    "logs",
    "shell",
    "status",
    "up",
]
