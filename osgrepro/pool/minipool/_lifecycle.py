"""Up, down, and what is in between: the verbs of the mini-pool."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from osgrepro.common import locks, private
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Notify, Progress, silent
from osgrepro.pool.enclosure import NativeEnclosure, RootEnclosure, provide
from osgrepro.pool.minipool import _config, _daemons, _processes, _terminal
from osgrepro.pool.minipool._eps import DEFAULT, ExecutionPoint
from osgrepro.pool.minipool._paths import PoolPaths, default_directory
from osgrepro.pool.minipool._pool import Pool, load, mark_of, new_mark, remembered, save, tail
from osgrepro.pool.minipool._status import answering

_TAIL_LINES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a pool is made of; the defaults suit the demo.

    Parameters
    ----------
    directory : Path
        The pool's folder; two folders are two pools.
    eps : tuple of ExecutionPoint
        The hardware that it offers.
    memory_mb : int, optional
        Of each execution point; None: an equal share. It may be more than a share: then they
        share the memory, and are not kept from using it up together.
    least_memory_mb : int
        What an equal share must be at least.
    timeout_s : float
        How long ``up`` waits for the daemons.
    """

    directory: Path = field(default_factory=default_directory)
    eps: tuple[ExecutionPoint, ...] = DEFAULT
    memory_mb: int | None = None
    least_memory_mb: int = 0
    timeout_s: float = 90.0


def up(settings: Settings, notify: Notify = silent) -> Pool:
    """Start the pool, or return the one that runs; return when a container job can match.

    Raises
    ------
    PoolError
        If there is no HTCondor, or the daemons don't come up; the message has their last words.
    """
    settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = _paths(settings.directory)
    with _locked(paths, notify):
        pool = find(paths.directory)
        # One that ends while it is waited for was ending when it was found: its master had been
        # killed a moment before.
        if pool is None or not _matchable(paths, pool, settings.timeout_s, notify):
            pool = _begun(paths, settings, notify)
            if not _matchable(paths, pool, settings.timeout_s, notify):
                raise _unready(paths, "the mini-pool ended before it was ready")
    return pool


def down(directory: Path | None = None, notify: Notify = silent) -> None:
    """Stop the pool; nothing of it is left but its folder with the logs and the queue.

    Works as well when the master was killed, the state is lost, or nothing runs.

    Raises
    ------
    PoolError
        If processes are left.
    """
    paths = _paths(directory)
    notify(Progress(what="mini-pool: stopping the daemons"))
    if not paths.directory.is_dir():
        # Somebody removed the folder; its daemons may still run.
        _clear(paths)
        return
    with _locked(paths, notify):
        _clear(paths)


def find(directory: Path | None = None) -> Pool | None:
    """Return the pool that runs in ``directory``, if one does."""
    return load(_paths(directory))


def shell(directory: Path | None = None, argv: tuple[str, ...] = ("bash",)) -> int:
    """Run a shell among the pool's daemons, as its user, and return its exit code.

    Raises
    ------
    PoolError
        If the pool is down.
    """
    pool = find(directory)
    if pool is None:
        raise PoolError("the mini-pool is down", hint="start it with `osgrepro pool up`")
    environ = _daemons.environment(PoolPaths(pool.directory))
    environ |= {key: os.environ[key] for key in ("TERM", "HOME") if key in os.environ}
    if not isinstance(pool.enclosure, RootEnclosure):
        return _terminal.interact(argv, environ)
    environ |= {"HOME": "/run/home", "PATH": f"{environ.get('PATH', '')}:/usr/sbin:/usr/bin"}
    with pool.namespaces() as (mounts, processes):
        joining = pool.enclosure.joining(mounts, processes, argv)
        return _terminal.interact(joining, environ, (mounts, processes))


def logs(directory: Path | None = None) -> list[Path]:
    """Return the daemons' logs, the most recent log last."""
    folder = _paths(directory).log
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        # The folder is the daemons' user's: no link is followed, and what goes meanwhile is gone.
        times_and_paths = [
            (entry.stat(follow_symlinks=False).st_mtime, Path(entry.path))
            for entry in entries
            if not entry.name.startswith(".")
            and entry.is_file(follow_symlinks=False)
            and entry.stat(follow_symlinks=False).st_size
        ]
    return [path for _time, path in sorted(times_and_paths)]


def _begun(paths: PoolPaths, settings: Settings, notify: Notify) -> Pool:
    """Start the pool; where that fails nothing of it is left."""
    enclosure = provide(notify)
    _clear(paths)
    try:
        return _start(paths, settings, enclosure, notify)
    except BaseException:
        _clear(paths)
        raise


def _start(
    paths: PoolPaths,
    settings: Settings,
    enclosure: NativeEnclosure | RootEnclosure,
    notify: Notify,
) -> Pool:
    notify(Progress(what="mini-pool: starting the daemons"))
    offered = _config.capacity(
        len(settings.eps), memory_mb=settings.memory_mb, least_memory_mb=settings.least_memory_mb
    )
    mark = new_mark(paths, enclosure.user)
    port = _config.write(paths, settings.eps, enclosure, offered, mark)
    token = _daemons.token(paths, enclosure)
    private.write(paths.client_tokens / paths.name, token)
    user = enclosure.user
    private.write(paths.tokens / paths.name, token, uid=user.uid, gid=user.gid)
    keeper, master = _daemons.start(paths, enclosure, remembered(paths), mark)
    pool = Pool(
        name=paths.name,
        directory=paths.directory,
        config=paths.client_config,
        enclosure=enclosure,
        eps=settings.eps,
        address=f"127.0.0.1:{port}",
        master=master.pid,
        keeper=keeper,
    )
    save(paths, pool)
    return pool


def _matchable(paths: PoolPaths, pool: Pool, timeout_s: float, notify: Notify) -> bool:
    """Wait until all parts answer; False if the pool ended before."""
    expected = len(pool.eps) + 1

    def tell(done: int, total: int) -> None:
        task = "mini-pool: waiting for its schedd and execution points"
        notify(Progress(what=task, done=done, total=total))

    matchable = _daemons.wait(
        lambda: (answering(_daemons.ads(paths, pool.enclosure), pool), expected),
        lambda: find(paths.directory) is not None,
        timeout_s=timeout_s,
        tell=tell,
    )
    if not matchable and find(paths.directory) is not None:
        raise _unready(paths, f"the mini-pool was not ready within {timeout_s:g} s")
    return matchable


def _unready(paths: PoolPaths, what: str) -> PoolError:
    """Return the error that says so with the daemons' last words; the pool is ended."""
    said = tail(logs(paths.directory), _TAIL_LINES)
    _clear(paths)
    return PoolError(
        f"{what}; its daemons' logs end:\n{said}",
        hint=f"the logs are in {paths.log}",
    )


def _clear(paths: PoolPaths) -> None:
    """End whatever runs for this pool, and remove what only makes sense while it runs."""
    _processes.end_all(mark_of(paths))
    for file in (paths.state, paths.mark):
        file.unlink(missing_ok=True)
    gone = (paths.client_tokens, paths.tokens, paths.keys, paths.execute, paths.gpus)
    for folder in (*gone, paths.short_runtime):
        shutil.rmtree(folder, ignore_errors=True)
    for file in paths.log.glob(".*_address*") if paths.log.is_dir() else ():
        file.unlink(missing_ok=True)


@contextmanager
def _locked(paths: PoolPaths, notify: Notify) -> Iterator[None]:
    """Let one command at a time change the pool; the lock is on the folder, and leaves no file."""
    handle = os.open(paths.directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if os.fstat(handle).st_uid != os.geteuid():
            raise PoolError(
                f"{paths.directory}: belongs to another user",
                hint="set OSGREPRO_POOL_DIR to another folder, or do this as that user",
            )
        waiting = Progress(what="mini-pool: waiting for another command")
        locks.take_in_turn(handle, paths.directory, notice=lambda: notify(waiting))
        yield
    finally:
        os.close(handle)


def _paths(directory: Path | None) -> PoolPaths:
    """Return the paths of the pool in ``directory``, by its own name: a link is only a way to it.

    Raises
    ------
    PoolError
        If we are root, and somebody else may bend the way.
    """
    chosen = (directory or default_directory()).absolute()
    if os.geteuid() == 0:
        private.must_be_ours(chosen, "OSGREPRO_POOL_DIR")
    return PoolPaths(chosen.resolve())
