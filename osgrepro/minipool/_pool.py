"""The running pool as a value, and how it is remembered between commands."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from osgrepro.errors import PoolError
from osgrepro.files import beside
from osgrepro.minipool import _processes
from osgrepro.minipool._enclosure import NativeEnclosure, RootEnclosure
from osgrepro.minipool._eps import ExecutionPoint
from osgrepro.minipool._paths import PoolPaths
from osgrepro.models import User


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A mini-pool that is up.

    Parameters
    ----------
    name : str
        Also the domain of its users.
    directory : Path
        Its folder.
    config : Path
        What a client on this machine sets CONDOR_CONFIG to.
    enclosure : Enclosure
        How HTCondor's and Apptainer's commands are run; ``enclosure.user`` owns jobs and results.
    eps : tuple of ExecutionPoint
        What it is made of.
    address : str
        The collector's address.
    master : int
        The pid of the condor_master.
    """

    name: str
    directory: Path
    config: Path
    enclosure: NativeEnclosure | RootEnclosure
    eps: tuple[ExecutionPoint, ...]
    address: str
    master: int

    def expose(self, path: Path) -> None:
        """Let the pool's daemons see the host's ``path``, under the same path, also in later lives.

        Raises
        ------
        PoolError
            If there is no such path, or the pool has gone.
        """
        path = path.absolute()
        if not path.exists():
            raise PoolError(f"{path} does not exist, so the mini-pool can't see it")
        if not isinstance(self.enclosure, RootEnclosure):
            return
        done = subprocess.run(
            self.enclosure.exposing(self.master, path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PoolError(f"the mini-pool can't be shown {path}: {done.stderr.strip()}")
        remember(PoolPaths(self.directory), path)


def remember(paths: PoolPaths, path: Path) -> None:
    """Keep ``path`` for the pool's next start, whose queue may still refer to it."""
    known = remembered(paths)
    if path not in known:
        write_whole(paths.exposed, json.dumps([*map(str, known), str(path)], indent=1))


def remembered(paths: PoolPaths) -> list[Path]:
    """Return the host folders to show at the next start: those that are still there."""
    try:
        listed = json.loads(paths.exposed.read_text())
    except (OSError, ValueError):
        return []
    return [path for path in map(Path, listed) if path.exists()]


def save(paths: PoolPaths, pool: Pool) -> None:
    """Write down what runs, whole or not at all."""
    master = _processes.look_up(pool.master)
    state = {
        "boot_id": _processes.boot_id(),
        "master": {"pid": pool.master, "started": master.started if master else 0},
        "address": pool.address,
        "enclosure": {key: _plain(value) for key, value in asdict(pool.enclosure).items()},
        "eps": [asdict(ep) for ep in pool.eps],
    }
    write_whole(paths.state, json.dumps(state, indent=1))


def load(paths: PoolPaths) -> Pool | None:
    """Return the pool that was saved, if its master still runs since then."""
    try:
        state = json.loads(paths.state.read_text())
        master = _processes.look_up(state["master"]["pid"])
        if (
            master is None
            or state["boot_id"] != _processes.boot_id()
            or master.started != state["master"]["started"]
        ):
            return None
        return Pool(
            name=paths.name,
            directory=paths.directory,
            config=paths.client_config,
            enclosure=_enclosure(state["enclosure"]),
            eps=tuple(ExecutionPoint(**ep) for ep in state["eps"]),
            address=state["address"],
            master=master.pid,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PoolError(
            f"{paths.state} can't be read: {error}", hint="`osgrepro pool down` clears it away"
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` to ``path``: all of it or nothing."""
    with beside(path) as part:
        part.write_text(text + "\n")


def tail(files: Iterable[Path], lines: int) -> str:
    """Return the last ``lines`` lines of each file, under its name."""
    parts = []
    for path in files:
        text = path.read_text(errors="replace").splitlines()[-lines:]
        if text:
            parts.append("\n".join([f"--- {path}", *text]))
    return "\n".join(parts)


def _enclosure(state: dict[str, Any]) -> NativeEnclosure | RootEnclosure:
    user = User(**state.pop("user"))
    if state:
        return RootEnclosure(user=user, **{key: Path(value) for key, value in state.items()})
    return NativeEnclosure(user=user)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
