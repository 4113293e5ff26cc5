"""Owns the folder of downloaded wheels: what a lock names, verified, whole or not there.

The workflow hands ``fetch`` to an image's build. pip downloads, with this machine's own
configuration of indexes, proxies and certificates; nothing here knows a server's name.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path

from osgrepro.common import files, locks, processes
from osgrepro.common.errors import InputError
from osgrepro.common.models import Notify, Progress, silent
from osgrepro.software import lockfile
from osgrepro.software.lockfile import Pin

# pip starts once for each part, so that a broken download repeats one part and not everything.
_PARTS = 8
_AT_ONCE = 4
# The oldest glibc that a manylinux tag can name.
_OLDEST_GLIBC_MINOR = 5


def fetch(
    lock: str,
    *,
    python: str,
    glibc: str,
    cache: Path,
    notify: Notify = silent,
    pip: Sequence[str] | None = None,
) -> Path:
    """Return the folder that holds every wheel of ``lock``, downloading what is missing.

    The folder also holds the lock itself, as ``requirements.txt``.

    Parameters
    ----------
    lock : str
        Hash-locked requirements, every package of the closure among them.
    python : str
        The full version of the interpreter that shall import the wheels: ``3.9.2``.
    glibc : str
        The C library that they shall run on: ``2.31``.
    cache : Path
        osgrepro's cache folder; the wheels go to ``wheelhouse/<digest>`` below it.
    notify : Notify
        Told how many wheels are there.
    pip : sequence of str, optional
        The command that is pip; this interpreter's own by default.

    Raises
    ------
    InputError
        If no index answers, a wheel has other bytes than the lock says, or no space is left.
    """
    pins = lockfile.parse(lock, "requirements.txt")
    digest = hashlib.sha256(f"{python}\n{glibc}\n{lock}".encode()).hexdigest()[:12]
    target = cache / "wheelhouse" / digest
    if target.is_dir():
        return target
    partial = target.with_name(f"{digest}.partial")
    with _alone_in(partial):
        if target.is_dir():
            # Another process finished it while this one waited.
            with suppress(OSError):
                partial.rmdir()
        else:
            command = [*(pip or own_pip()), *_download_options(python, glibc)]
            _complete(pins, partial, command, notify)
            _write_lock(partial, lock)
            partial.rename(target)
    return target


def own_pip() -> list[str]:
    """Return the command that is this interpreter's pip, or the one on PATH.

    Raises
    ------
    InputError
        If there is none.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        pip = shutil.which(name)
        if pip is not None:
            return [pip]
    raise InputError(
        "there is no pip to download wheels with",
        hint="install pip into osgrepro's environment: python -m ensurepip",
    )


def _download_options(python: str, glibc: str) -> list[str]:
    major, minor = (int(part) for part in python.split(".")[:2])
    libc_major, libc_minor = (int(part) for part in glibc.split("."))
    tags = [f"manylinux_{libc_major}_{n}" for n in range(libc_minor, _OLDEST_GLIBC_MINOR - 1, -1)]
    tags += ["manylinux2014", "manylinux2010", "manylinux1", "linux"]
    return [
        *("download", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
        *("--require-hashes", "--only-binary=:all:", "--no-deps"),
        *("--python-version", python, "--implementation", "cp"),
        *("--abi", f"cp{major}{minor}", "--abi", "abi3", "--abi", "none"),
        *(word for tag in tags for word in ("--platform", f"{tag}_x86_64")),
    ]


@contextmanager
def _alone_in(partial: Path) -> Iterator[None]:
    """Make the folder of an unfinished download, and keep every other process out of it."""
    _make(partial)
    descriptor = os.open(partial, os.O_RDONLY | os.O_DIRECTORY)
    try:
        locks.take(descriptor, partial, wait=True)
        yield
    finally:
        os.close(descriptor)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The pool's ordinary user reads the wheels too, whatever this process's umask is.
        folder.chmod(0o755)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}") from error


def _complete(pins: Sequence[Pin], folder: Path, command: list[str], notify: Notify) -> None:
    """Download what ``folder`` lacks of ``pins``; what it has is kept if its bytes are right."""
    missing = _missing(pins, folder)
    done = len(pins) - len(missing)
    notify(Progress(what="wheels", done=done, total=len(pins)))
    parts = [part for n in range(_PARTS) if (part := missing[n::_PARTS])]
    executor = ThreadPoolExecutor(_AT_ONCE)
    try:
        started = {executor.submit(_download, part, folder, command): part for part in parts}
        for future in as_completed(started):
            future.result()
            done += len(started[future])
            notify(Progress(what="wheels", done=done, total=len(pins)))
    finally:
        executor.shutdown(cancel_futures=True)
    lacking = _missing(pins, folder)
    if lacking:
        names = ", ".join(f"{pin.name} {pin.version}" for pin in lacking)
        raise InputError(f"wheels that don't match their hashes in the lock file: {names}")


def _missing(pins: Sequence[Pin], folder: Path) -> list[Pin]:
    """Return the pins that have no file in ``folder``, and delete every other file."""
    known = frozenset[str]().union(*(pin.sha256 for pin in pins))
    there = set()
    for path in folder.iterdir():
        digest = files.sha256(path)
        if digest in known:
            path.chmod(0o644)
            there.add(digest)
        else:
            path.unlink()
    return [pin for pin in pins if not pin.sha256 & there]


def _download(part: Sequence[Pin], folder: Path, command: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="osgrepro-") as scratch:
        wanted = Path(scratch) / "requirements.txt"
        wanted.write_text("".join(f"{pin.text}\n" for pin in part))
        argv = [*command, "--requirement", str(wanted), "--dest", str(folder)]
        try:
            done = processes.run(argv)
        except OSError as error:
            raise InputError(f"{argv[0]}: {error.strerror}") from error
    if done.returncode:
        names = ", ".join(f"{pin.name} {pin.version}" for pin in part)
        raise _explain(done.stdout + done.stderr, names)


# What pip says, and what it means; the first that fits counts.
_CAUSES: Mapping[str, tuple[str, str]] = {
    r"No space left on device": (
        "no space is left for the wheels",
        "free some space, or set OSGREPRO_CACHE to a folder on a larger disk",
    ),
    r"DO NOT MATCH THE HASHES": (
        "the index gave a wheel that does not match its hash in the lock file",
        "a download was cut off or the index has changed: try again, then ask who runs the index",
    ),
    r"connection broken|ConnectionError|Max retries exceeded|Name or service not known"
    r"|Temporary failure in name resolution|Read timed out|ReadTimeout|SSLError|ProxyError": (
        "the package index does not answer",
        "check the network, and `pip config list`: osgrepro uses pip's own configuration",
    ),
    r"No matching distribution found": (
        "the package index lacks a wheel that the lock file names",
        "check `pip config list`: the index in use must carry these versions as wheels",
    ),
}


def _explain(output: str, names: str) -> InputError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    said = errors[-1][:300] if errors else "pip said nothing"
    for pattern, (cause, hint) in _CAUSES.items():
        if re.search(pattern, output):
            return InputError(f"{cause} (among {names}): {said}", hint=hint)
    return InputError(f"pip could not download one of {names}: {said}")


def _write_lock(folder: Path, lock: str) -> None:
    path = folder / "requirements.txt"
    path.write_text(lock)
    path.chmod(0o644)
