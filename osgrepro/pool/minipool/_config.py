"""Writes what the pool's daemons and clients read: configuration, folders, key and tokens."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common import private
from osgrepro.common.errors import PoolError
from osgrepro.common.files import entered
from osgrepro.pool.enclosure import NativeEnclosure, RootEnclosure
from osgrepro.pool.minipool._eps import ExecutionPoint
from osgrepro.pool.minipool._paths import PoolPaths
from osgrepro.pool.minipool._processes import Mark
from osgrepro.runs import render

# A socket's whole name has 108 bytes at most.
_LONGEST_RUNTIME = 50
# How long a job waits for an execution point that does not answer.
_LEASE_S = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """How much of the machine each execution point offers."""

    cpus: int
    memory_mb: int


def capacity(eps: int, *, memory_mb: int | None = None, least_memory_mb: int = 0) -> Capacity:
    """Share the machine between ``eps`` execution points.

    Each runs a job at a time, or as many as the machine has cores for; nine tenths of the memory
    are shared. More jobs than cores are no harm: transfers and imports of one overlap the training
    of another. (A limit on the schedd, MAX_JOBS_RUNNING, would also count the slots that hold
    common files, and come to a halt.)

    Raises
    ------
    PoolError
        If a share is less than ``least_memory_mb``, or ``memory_mb`` more than there is.
    """
    cores = len(os.sched_getaffinity(0))
    usable = int(_memory_bytes() * 0.9 / 2**20)
    if memory_mb and memory_mb > usable:
        raise PoolError(
            f"{memory_mb} MB of memory for each execution point, but only {usable} MB are usable"
        )
    if not memory_mb and usable // eps < least_memory_mb:
        raise PoolError(
            f"{eps} execution points: {usable} MB of memory leave {usable // eps} MB for each, but"
            f" training takes {least_memory_mb} MB",
            hint=f"{max(1, usable // least_memory_mb)} would fit; or let them share the memory,"
            f" as --memory-mb {least_memory_mb} does",
        )
    share = memory_mb or usable // eps
    return Capacity(cpus=max(1, cores // eps), memory_mb=share)


def write(
    paths: PoolPaths,
    eps: Sequence[ExecutionPoint],
    enclosure: NativeEnclosure | RootEnclosure,
    offered: Capacity,
    mark: Mark,
) -> int:
    """Make the pool's folders, key and configuration; return its port on 127.0.0.1."""
    port = _free_port()
    _make_folders(paths, eps, enclosure)
    installed = _installation(enclosure)
    shared = {"directory": paths.directory, "port": port, "domain": paths.name, "lease_s": _LEASE_S}
    private.write(
        paths.config,
        render.text(
            "pool/condor_config.j2",
            **installed,
            **shared,
            runtime=_runtime(paths, enclosure),
            host=socket.gethostname().partition(".")[0],
            marker=mark.text,
            user=enclosure.user.name,
            capacity=offered,
            eps=eps,
        ),
        **_shown(enclosure),
    )
    client = render.text(
        "pool/client_config.j2",
        **shared,
        libexec=installed["libexec"],
        tokens=paths.client_tokens,
    )
    private.write(paths.client_config, client)
    return port


def _shown(enclosure: NativeEnclosure | RootEnclosure) -> dict[str, int]:
    """Return how a file is kept that the pool's user reads and does not write."""
    if isinstance(enclosure, RootEnclosure):
        return {"gid": enclosure.user.gid, "mode": 0o640}
    return {"mode": 0o600}


def _make_folders(
    paths: PoolPaths, eps: Sequence[ExecutionPoint], enclosure: NativeEnclosure | RootEnclosure
) -> None:
    """Make the pool's folders anew, its key and the GPUs of its execution points."""
    user = enclosure.user
    # The configuration stays ours; without a root of its own, the daemons' user is us.
    rooted = isinstance(enclosure, RootEnclosure)
    own = {"uid": user.uid, "gid": user.gid} if rooted else {}
    passed = {"gid": user.gid, "mode": 0o710} if rooted else {"mode": 0o700}
    private.folder(paths.directory, **passed)
    for folder in (paths.execute, paths.gpus, paths.keys, paths.tokens, paths.client_tokens):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (paths.client_tokens, paths.execute, paths.keys):
        private.folder(folder)
    private.folder(paths.gpus, **passed)
    for ep in eps:
        private.folder(paths.execute / ep.name, **own)
        if ep.gpu is not None:
            private.write(paths.gpus / ep.name, _inventory(ep.name, ep.gpu), **_shown(enclosure))
    private.write(paths.keys / "POOL", secrets.token_hex(32), **own)
    for folder in (paths.log, paths.spool):
        if rooted:
            _hand_over(folder, user.uid, user.gid)
    for folder in (paths.log, paths.spool, paths.execute, paths.keys, paths.tokens):
        private.folder(folder, **own)


def _inventory(name: str, gpu: Mapping[str, str]) -> str:
    """Return what condor_gpu_discovery would say if there were such a GPU."""
    properties = "; ".join(f"{name}={value}" for name, value in gpu.items())
    word = "GPU-" + hashlib.sha256(name.encode()).hexdigest()[:8]
    lines = (f'DetectedGPUs="{word}"', f'{word.replace("-", "_")}=[ id="{word}"; {properties}; ]')
    return "\n".join(lines) + "\n"


def _hand_over(top: Path, uid: int, gid: int) -> None:
    """Give what the pool's last user had in a folder to the present one, and nobody else's."""
    try:
        with entered(top.parent, top.name) as handle:
            last = os.fstat(handle).st_uid
            if last == uid:
                return
            for _path, folders, files, here in os.fwalk(".", dir_fd=handle):
                for name in (*folders, *files):
                    if os.stat(name, dir_fd=here, follow_symlinks=False).st_uid == last:
                        os.chown(name, uid, gid, dir_fd=here, follow_symlinks=False)
            os.fchown(handle, uid, gid)
    except FileNotFoundError:
        return
    except OSError as error:
        raise PoolError(f"{error.filename or top}: {error.strerror}") from error


def _runtime(paths: PoolPaths, enclosure: NativeEnclosure | RootEnclosure) -> Path:
    """Return a folder with a short name for sockets and locks, of which nothing stays behind."""
    if isinstance(enclosure, RootEnclosure):
        return Path("/run/p")
    folder = paths.short_runtime
    if len(str(folder)) > _LONGEST_RUNTIME:
        raise PoolError(
            f"{folder}: too long for HTCondor's sockets", hint="set TMPDIR to a short path"
        )
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise PoolError(f"{folder}: {error.strerror}", hint="remove it and try again") from error
    return folder


def _installation(enclosure: NativeEnclosure | RootEnclosure) -> dict[str, str]:
    """Return where HTCondor's parts are, as seen by the daemons."""
    root = enclosure.root if isinstance(enclosure, RootEnclosure) else Path("/")
    if root == Path("/"):
        master, apptainer = shutil.which("condor_master"), shutil.which("apptainer")
    else:
        master, apptainer = "/usr/sbin/condor_master", "/usr/bin/apptainer"
    if not master or not apptainer:
        raise PoolError("condor_master and apptainer are not on PATH")
    # Not resolved: the path must be the one that is valid inside.
    prefix = Path(master).parent.parent
    folders = (
        prefix / part
        for part in ("libexec/condor", "lib/condor/libexec", "libexec")
        if (root / str(prefix / part / "condor_shared_port").lstrip("/")).exists()
    )
    libexec = next(folders, None)
    if libexec is None:
        raise PoolError(f"{prefix} has condor_master, but not HTCondor's libexec folder")
    return {
        "release_dir": str(prefix),
        "bin": str(prefix / "bin"),
        "sbin": str(Path(master).parent),
        "libexec": str(libexec),
        "apptainer": apptainer,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _memory_bytes() -> int:
    """Return the machine's memory, or the container's where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            total = min(total, int((Path("/sys/fs/cgroup") / limit).read_text()))
        except (OSError, ValueError):
            continue
    return total
