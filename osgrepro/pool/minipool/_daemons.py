"""Starts the daemons, and asks them how they are: through HTCondor's own command-line tools."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from osgrepro.common import processes
from osgrepro.common.errors import PoolError
from osgrepro.common.files import entered
from osgrepro.common.models import Json
from osgrepro.pool.enclosure import NativeEnclosure, RootEnclosure
from osgrepro.pool.minipool import _processes
from osgrepro.pool.minipool._paths import PoolPaths
from osgrepro.pool.minipool._processes import Mark, Process

_ATTRIBUTES = (
    *("MyType", "Name", "OsgreproEP", "HasSIF", "HasSingularity", "SlotType", "State", "Cpus"),
    *("TotalSlotMemory", "TotalRunningJobs", "TotalIdleJobs", "TotalHeldJobs"),
)
# What the daemons take over from whoever starts them; above all no _CONDOR_ settings.
_PASSED = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_BEGIN_S = 15.0


def environment(paths: PoolPaths) -> dict[str, str]:
    """Return the environment of commands that speak to the pool as its own user."""
    kept = {key: os.environ[key] for key in (*_PASSED, *_PROXIES) if key in os.environ}
    return {**kept, "CONDOR_CONFIG": str(paths.config)}


def token(paths: PoolPaths, enclosure: NativeEnclosure | RootEnclosure) -> str:
    """Return a token with which its holder is the pool's user."""
    argv = ["condor_token_create", "-identity", f"{enclosure.user.name}@{paths.name}"]
    done = _run(paths, enclosure, argv)
    if done.returncode or not done.stdout.strip():
        raise PoolError(f"condor_token_create: {done.stderr.strip()}")
    return done.stdout


def start(
    paths: PoolPaths,
    enclosure: NativeEnclosure | RootEnclosure,
    binds: Sequence[Path],
    mark: Mark,
) -> tuple[Process, Process]:
    """Start the master, detached from this process; return what was started, and the master.

    They are one without a root of its own; else the master is the other's child.

    Raises
    ------
    PoolError
        If it does not come up.
    """
    argv = ["condor_master", "-f"]
    if isinstance(enclosure, RootEnclosure):
        argv = enclosure.first_process(argv, binds=[paths.directory, *binds])
    with _output(paths) as file:
        said = processes.run(
            # What is started tells its pid itself, so that no other can be taken for it.
            ["setsid", "--fork", "sh", "-c", 'echo $$; exec "$@" >&2', "sh", *argv],
            env={**environment(paths), _processes.MARK: mark.text},
            cwd="/",
            stderr=file,
        ).stdout
        pid = int(said or 0)
        deadline = time.monotonic() + _BEGIN_S
        while (keeper := _processes.look_up(pid)) and time.monotonic() < deadline:
            if master := _master(keeper, enclosure):
                return keeper, master
            time.sleep(0.05)
        file.seek(0)
        words = file.read().decode(errors="replace").strip()
    raise PoolError(f"condor_master did not start: {words or 'it said nothing'}")


def _master(keeper: Process, enclosure: NativeEnclosure | RootEnclosure) -> Process | None:
    """Return the master once it is what ``keeper`` shall become or have made."""
    mine = [keeper]
    if isinstance(enclosure, RootEnclosure):
        mine = [
            process for process in _processes.children(keeper) if process.only(enclosure.user.uid)
        ]
    return next((process for process in mine if process.command == "condor_master"), None)


def _output(paths: PoolPaths) -> BinaryIO:
    """Open a new file for what the master says before it has a log, in the daemons' folder."""
    name = "master.out"
    try:
        with entered(paths.directory, paths.log.name) as folder:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            return os.fdopen(os.open(name, flags, 0o600, dir_fd=folder), "w+b")
    except OSError as error:
        raise PoolError(
            f"{paths.log / name}: {error.strerror}", hint="move it away, and try again"
        ) from error


def ads(paths: PoolPaths, enclosure: NativeEnclosure | RootEnclosure) -> list[Json]:
    """Return the ads of all daemons; none while the collector does not answer."""
    argv = ["condor_status", "-any", "-json", "-attributes", ",".join(_ATTRIBUTES)]
    done = _run(paths, enclosure, argv)
    if done.returncode or not done.stdout.strip():
        return []
    try:
        daemon_ads: list[Json] = json.loads(done.stdout)
    except ValueError:
        return []
    return daemon_ads


def wait(
    ready: Callable[[], tuple[int, int]],
    alive: Callable[[], bool],
    *,
    timeout_s: float,
    poll_s: float = 0.3,
    tell: Callable[[int, int], None],
) -> bool:
    """Wait until ``ready`` counts all of its total; False if time or the master's life is over."""
    deadline = time.monotonic() + timeout_s
    while True:
        done, total = ready()
        tell(done, total)
        if done == total:
            return True
        if time.monotonic() > deadline or not alive():
            return False
        time.sleep(poll_s)


def _run(
    paths: PoolPaths, enclosure: NativeEnclosure | RootEnclosure, argv: Sequence[str]
) -> processes.Ended[str]:
    return processes.run(enclosure.command(argv, binds=[paths.directory]), env=environment(paths))
