"""The running pool as a value, and how it is remembered between commands."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from osgrepro.common import private, processes
from osgrepro.common.errors import PoolError
from osgrepro.common.files import opened, whole
from osgrepro.common.models import User
from osgrepro.pool.enclosure import NativeEnclosure, RootEnclosure
from osgrepro.pool.minipool import _processes
from osgrepro.pool.minipool._eps import ExecutionPoint
from osgrepro.pool.minipool._paths import PoolPaths
from osgrepro.pool.minipool._processes import Mark, Process


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
    keeper : Process
        What this user started: the master itself or, for root, the parent of the master, which
        holds the private root's namespaces and never runs anything of the pool's user.
    """

    name: str
    directory: Path
    config: Path
    enclosure: NativeEnclosure | RootEnclosure
    eps: tuple[ExecutionPoint, ...]
    address: str
    master: int
    keeper: Process = field(compare=False)

    @property
    def environment(self) -> dict[str, str]:
        """What HTCondor's commands need in their environment beside the daemons."""
        rooted = isinstance(self.enclosure, RootEnclosure)
        path = "/usr/bin:/bin:/usr/sbin:/sbin" if rooted else os.environ.get("PATH", os.defpath)
        return {"CONDOR_CONFIG": str(PoolPaths(self.directory).config), "PATH": path}

    def expose(self, path: Path) -> None:
        """Let the pool's daemons see the host's ``path``, under the same path, also in later lives.

        Raises
        ------
        PoolError
            If there is no such path, or the pool has gone.
        """
        path = whole(path)
        if not path.exists():
            raise PoolError(f"{path} does not exist, so the mini-pool can't see it")
        if not isinstance(self.enclosure, RootEnclosure):
            return
        with self.namespaces() as (mounts, pids):
            done = processes.run(
                self.enclosure.exposing(mounts, pids, path), pass_fds=(mounts, pids)
            )
        if done.returncode:
            raise PoolError(f"{path} can't be made visible to the mini-pool: {done.stderr.strip()}")
        remember(PoolPaths(self.directory), path)

    @contextmanager
    def namespaces(self) -> Iterator[tuple[int, int]]:
        """Give descriptors of the pool's mount and PID namespaces, of no other process's.

        Raises
        ------
        PoolError
            If the pool has gone.
        """
        with _processes.held(self.keeper) as handle:
            if handle is None:
                raise PoolError("the mini-pool is gone", hint="start it with `osgrepro pool up`")
            names = ("ns/mnt", "ns/pid_for_children")
            opened = [os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=handle) for name in names]
        try:
            yield opened[0], opened[1]
        finally:
            for descriptor in opened:
                os.close(descriptor)


def remember(paths: PoolPaths, path: Path) -> None:
    """Keep ``path`` for the pool's next start, whose queue may still refer to it."""
    known = remembered(paths)
    if path not in known:
        private.write(paths.exposed, json.dumps([*map(str, known), str(path)], indent=1))


def remembered(paths: PoolPaths) -> list[Path]:
    """Return the host folders to show at the next start: those that are still there."""
    try:
        listed = json.loads(private.read(paths.exposed))
    except (OSError, ValueError):
        return []
    return [path for path in map(Path, listed) if path.exists()]


def save(paths: PoolPaths, pool: Pool) -> None:
    """Write down what runs, whole or not at all."""
    master = _processes.look_up(pool.master)
    state = {
        "boot_id": _processes.boot_id(),
        "master": {"pid": pool.master, "started": master.started if master else 0},
        "keeper": {"pid": pool.keeper.pid, "started": pool.keeper.started},
        "address": pool.address,
        "enclosure": {key: _plain(value) for key, value in asdict(pool.enclosure).items()},
        "eps": [asdict(ep) for ep in pool.eps],
    }
    private.write(paths.state, json.dumps(state, indent=1))


def load(paths: PoolPaths) -> Pool | None:
    """Return the pool that was saved, if its master still runs since then."""
    try:
        state = json.loads(private.read(paths.state))
        enclosure = _enclosure(state["enclosure"])
        keeper, master = (_running(state[name]) for name in ("keeper", "master"))
        if state["boot_id"] != _processes.boot_id() or keeper is None or master is None:
            return None
        # The keeper is ours, and the master is what it made.
        descends = keeper.pid in {master.pid, master.parent}
        if not (keeper.only(os.geteuid()) and descends):
            return None
        return Pool(
            name=paths.name,
            directory=paths.directory,
            config=paths.client_config,
            enclosure=enclosure,
            eps=tuple(ExecutionPoint(**ep) for ep in state["eps"]),
            address=state["address"],
            master=master.pid,
            keeper=keeper,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PoolError(
            f"{paths.state} can't be read: {error}", hint="`osgrepro pool down` clears it away"
        ) from error


def new_mark(paths: PoolPaths, user: User) -> Mark:
    """Make up the mark of the pool's new life, and keep it."""
    mark = Mark(pool_id=paths.pool_id, secret=secrets.token_hex(16), uid=user.uid)
    private.write(paths.mark, json.dumps({"secret": mark.secret, "uid": mark.uid}))
    return mark


def mark_of(paths: PoolPaths) -> Mark:
    """Return the mark of the pool's life; where it was lost, only what follows from the folder."""
    try:
        kept = json.loads(private.read(paths.mark))
        return Mark(pool_id=paths.pool_id, secret=str(kept["secret"]), uid=int(kept["uid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Mark(pool_id=paths.pool_id)


def tail(files: Iterable[Path], lines: int) -> str:
    """Return the last ``lines`` lines of each log, under its name."""
    parts = []
    for path in files:
        if text := last_lines(path, lines):
            parts.append("\n".join([f"--- {path}", *text]))
    return "\n".join(parts)


def last_lines(path: Path, lines: int) -> list[str]:
    """Return the last ``lines`` lines of a daemon's log, whose folder is the pool's user's."""
    try:
        with opened(path.parent.parent, path.parent.name, path.name) as file:
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except OSError as error:
        return [f"({error.strerror})"]


def _running(kept: dict[str, Any]) -> Process | None:
    process = _processes.look_up(kept["pid"])
    return process if process is not None and process.started == kept["started"] else None


def _enclosure(state: dict[str, Any]) -> NativeEnclosure | RootEnclosure:
    user = User(**state.pop("user"))
    if state:
        root, place, home = (Path(state[key]) for key in ("root", "place", "home"))
        sub_ids = int(state["sub_ids"])
        return RootEnclosure(user=user, root=root, place=place, home=home, sub_ids=sub_ids)
    return NativeEnclosure(user=user)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
