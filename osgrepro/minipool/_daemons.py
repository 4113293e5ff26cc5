"""Starts the daemons, and asks them how they are: through HTCondor's own command-line tools."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from osgrepro.errors import PoolError
from osgrepro.minipool import _processes
from osgrepro.minipool._enclosure import NativeEnclosure, RootEnclosure
from osgrepro.minipool._paths import PoolPaths
from osgrepro.models import Json

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
    paths: PoolPaths, enclosure: NativeEnclosure | RootEnclosure, binds: Sequence[Path]
) -> int:
    """Start the master, detached from this process, and return its pid.

    Raises
    ------
    PoolError
        If it does not come up.
    """
    argv = ["condor_master", "-f"]
    if isinstance(enclosure, RootEnclosure):
        argv = enclosure.first_process(argv, binds=[paths.directory, *binds])
    output = paths.log / "master.out"
    output.unlink(missing_ok=True)
    with output.open("wb") as file:
        subprocess.run(
            ["setsid", "--fork", *argv],
            env={**environment(paths), _processes.MARK: paths.pool_id},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=True,
        )
    deadline = time.monotonic() + _BEGIN_S
    while time.monotonic() < deadline:
        if master := _processes.master_of(paths.pool_id):
            return master.pid
        time.sleep(0.05)
    said = output.read_text(errors="replace").strip()
    raise PoolError(f"condor_master did not start: {said or 'it said nothing'}")


def ads(paths: PoolPaths, enclosure: NativeEnclosure | RootEnclosure) -> list[Json]:
    """Return the ads of all daemons; none while the collector does not answer."""
    argv = ["condor_status", "-any", "-json", "-attributes", ",".join(_ATTRIBUTES)]
    done = _run(paths, enclosure, argv)
    if done.returncode or not done.stdout.strip():
        return []
    try:
        found: list[Json] = json.loads(done.stdout)
    except ValueError:
        return []
    return found


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
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        enclosure.command(argv, binds=[paths.directory]),
        env=environment(paths),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
