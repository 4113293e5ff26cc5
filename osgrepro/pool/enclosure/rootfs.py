"""Provisions the root file system: built beside, verified, renamed: it is whole or absent.

Called by the door when the machine has no HTCondor and Apptainer of its own and the caller is root.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from osgrepro.common import locks, processes
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Notify, Progress
from osgrepro.pool.enclosure.enclosure import RootEnclosure
from osgrepro.pool.enclosure.recipe import Recipe

STAMP = ".osgrepro.json"
_NEEDED_BYTES = 1_500_000_000
_TAIL_LINES = 12


def ready(folder: Path, recipe: Recipe) -> Path | None:
    """Return the verified root file system of ``recipe`` below ``folder``, if there is one."""
    root = folder / recipe.digest
    return root if (root / STAMP).is_file() else None


def provision(
    folder: Path,
    recipe: Recipe,
    *,
    mirror: str | None,
    enclose: Callable[[Path], RootEnclosure],
    notify: Notify,
) -> Path:
    """Return the root file system of ``recipe`` below ``folder``, making it if need be.

    Raises
    ------
    PoolError
        If mmdebstrap can't be had or fails, the disk is too full, or what was made does not work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / "lock", notify) as lock:
        if root := ready(folder, recipe):
            return root
        for stale in folder.glob("unfinished-*"):
            shutil.rmtree(stale)
        _check_space(folder)
        _have_mmdebstrap(notify)
        target = folder / f"unfinished-{recipe.digest}"
        try:
            command = recipe.command(target, mirror=mirror, apt_options=_apt_options())
            _run_logged(command, folder / "provision.log", notify, keep_open=lock)
            versions = _verify(enclose(target), notify)
            stamp = {"recipe": recipe.digest, "mirror": mirror, "versions": versions}
            (target / STAMP).write_text(json.dumps(stamp, indent=1) + "\n")
            target.rename(folder / recipe.digest)
        finally:
            shutil.rmtree(target, ignore_errors=True)
    return folder / recipe.digest


@contextmanager
def _only_one(path: Path, notify: Notify) -> Iterator[int]:
    """Hold the lock at ``path``; children that get the descriptor hold it until they end."""
    with path.open("w") as file:
        waiting = Progress(what="waiting: another process provisions HTCondor and Apptainer")
        locks.take_in_turn(file.fileno(), path, notice=lambda: notify(waiting))
        # Without a stdin the file may have its number, under which children get something else.
        handle = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 3)
        try:
            yield handle
        finally:
            os.close(handle)


def _check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _NEEDED_BYTES:
        raise PoolError(
            f"{folder}: {free / 1e9:.1f} GB free, but HTCondor needs {_NEEDED_BYTES / 1e9} GB",
            hint="free some space, or set OSGREPRO_CACHE to a folder on a larger disk",
        )


def _have_mmdebstrap(notify: Notify) -> None:
    if shutil.which("mmdebstrap"):
        return
    hint = "install mmdebstrap, or HTCondor and Apptainer themselves"
    if not shutil.which("apt-get"):
        raise PoolError("mmdebstrap is missing, and there is no apt-get to install it", hint=hint)
    notify(Progress(what="installing mmdebstrap with apt-get"))
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["mmdebstrap", "debian-archive-keyring"]
    for argv in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = processes.run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", *argv], env=quiet)
    if not shutil.which("mmdebstrap"):
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL_LINES:])
        raise PoolError(f"apt-get could not install mmdebstrap:\n{tail}", hint=hint)


def _apt_options() -> list[str]:
    """Return this machine's own proxy and certificate settings, in apt's words."""
    kinds = ("Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::https::CaInfo")
    if not shutil.which("apt-config"):
        return []
    asked = ["apt-config", "dump", "--no-empty", "--format", '%F "%v"%n', *kinds]
    dump = processes.run(asked).stdout
    options = [line for line in dump.splitlines() if line.endswith('"')]
    bundle = os.environ.get("SSL_CERT_FILE", "")
    if Path(bundle).is_file() and not any("CaInfo" in option for option in options):
        options.append(f'Acquire::https::CaInfo "{bundle}"')
    return options


def _run_logged(argv: Sequence[str], log: Path, notify: Notify, *, keep_open: int) -> None:
    """Run ``argv`` in namespaces that end with it; its steps go to ``notify`` and ``log``."""
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", *argv]
    with (
        log.open("w") as file,
        processes.begin(
            command,
            stdin=processes.DEVNULL,
            stdout=processes.PIPE,
            stderr=processes.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(keep_open,),
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                file.write(line)
                if line.startswith("I: "):
                    notify(Progress(what=f"root file system: {line[3:].strip()}"))
        except BaseException:
            processes.end(process, grace_s=0)
            raise
    if process.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
        raise PoolError(
            f"mmdebstrap failed with exit code {process.returncode} (all of it: {log}):\n{tail}",
            hint="if the mirror is not reachable, set OSGREPRO_DEBIAN_MIRROR to one that is",
        )


def _verify(enclosure: RootEnclosure, notify: Notify) -> list[str]:
    """Return the versions of what was installed, having run it as the ordinary user."""
    notify(Progress(what="root file system: checking HTCondor and Apptainer"))
    versions = []
    for argv in (["condor_master", "-version"], ["apptainer", "--version"]):
        done = processes.run(enclosure.command(argv))
        if done.returncode:
            raise PoolError(
                f"{' '.join(argv)} does not run in {enclosure.root}: {done.stderr.strip()}",
                hint="root needs the right to make mount namespaces, and a cache folder on a file"
                " system that is not mounted nosuid or noexec (set OSGREPRO_CACHE)",
            )
        versions.append(done.stdout.splitlines()[0])
    return versions
