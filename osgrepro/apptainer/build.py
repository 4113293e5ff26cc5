"""Makes an image of a plan: base, wheels, Apptainer, and the seal that says it is whole.

Called through the room's door. Everything is made under a temporary name; a build that is killed
leaves nothing under a final one, and the next build sweeps up after it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from osgrepro.apptainer import sif
from osgrepro.apptainer.catalogue import Container, DebianBase
from osgrepro.apptainer.plan import (
    SOURCE_DATE_EPOCH,
    SQUASHFS,
    WHEELHOUSE,
    ImagePlan,
    lock_of,
    text_sha256,
)
from osgrepro.errors import ImageError
from osgrepro.models import Enclosure, Image, Notify, Progress, User, silent

# Makes a Debian file system: suite, packages, and the folder that shall be it.
MakeBase = Callable[[str, Sequence[str], Path], None]
# Returns the folder that holds every wheel of the container's lock.
FetchWheels = Callable[[Container, Notify], Path]

# An unpacked environment, its copy in the build, and the image.
_NEEDS_BYTES = 6 * 10**9
_POLL_S = 0.2


def build(
    plan: ImagePlan,
    enclosure: Enclosure,
    notify: Notify = silent,
    *,
    make_base: MakeBase,
    fetch_wheels: FetchWheels,
) -> Image:
    """Return the plan's image, building it if it isn't there.

    Parameters
    ----------
    plan : ImagePlan
        What to build.
    enclosure : Enclosure
        Where Apptainer runs, as an ordinary user.
    notify : Notify
        Told what is being done.
    make_base, fetch_wheels : callable
        Called only for an image that has to be built.

    Raises
    ------
    ImageError
        If a step fails, with the last lines that Apptainer said.
    InputError
        If the wheels can't be had.
    """
    image = plan.built_image()
    if image is not None:
        return image
    for folder in (plan.cache, plan.sif.parent):
        _make(folder)
    with _only_builder(plan, notify) as lock:
        # Whoever built meanwhile may have built this.
        if not plan.is_built:
            _sweep(plan.cache)
            _must_fit(plan.cache)
            base = _base(plan, enclosure.user, make_base, notify)
            wheels = fetch_wheels(plan.container, notify) if plan.container.lock else None
            with _workplace(plan.cache, enclosure.user) as place:
                made = _run_apptainer(
                    plan, enclosure, notify, place=place, wheels=wheels, lock=lock
                )
                _seal(plan, enclosure, made, base)
        image = plan.built_image()
    if image is None:
        raise ImageError(f"{plan.sif}: was changed by somebody while it was built")
    return image


@contextmanager
def _only_builder(plan: ImagePlan, notify: Notify) -> Iterator[int]:
    """Wait until no other build runs below this cache, and keep others out."""
    path = plan.cache / "images" / ".building"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    started = time.monotonic()
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waited = round(time.monotonic() - started)
                notify(Progress(what="waiting for another build to end", done=waited, unit="s"))
                time.sleep(_POLL_S)
        yield descriptor
    finally:
        os.close(descriptor)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The pool's ordinary user reads what lies here, whatever this process's umask is.
        folder.chmod(folder.stat().st_mode | 0o755)
    except OSError as error:
        raise ImageError(
            f"{folder}: {error.strerror}", hint="set OSGREPRO_CACHE to a folder that you own"
        ) from error


def _sweep(cache: Path) -> None:
    """Remove what builds that were killed have left; only the one builder may."""
    leftovers = [*(cache / "building").glob("*"), *(cache / "bases").glob("*.partial")]
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True)


def _must_fit(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < _NEEDS_BYTES:
        raise ImageError(
            f"{cache}: {free / 1e9:.1f} GB are free, and a build needs {_NEEDS_BYTES / 1e9:.0f}",
            hint="free some space, or set OSGREPRO_CACHE to a folder on a larger disk",
        )


def _base(plan: ImagePlan, user: User, make_base: MakeBase, notify: Notify) -> Path | None:
    """Return the folder of the base, made if it isn't there; None where Apptainer pulls it."""
    target, base = plan.base, plan.container.base
    if target is None or not isinstance(base, DebianBase):
        return None
    if target.is_dir():
        if os.geteuid() == 0 and target.stat().st_uid != user.uid:
            _open_up(target, user)
        return target
    notify(Progress(what=f"making a base of Debian {base.suite}"))
    partial = target.with_name(f"{target.name}.partial")
    _make(partial.parent)
    make_base(base.suite, base.packages, partial)
    if not (partial / "usr").is_dir():
        raise ImageError(f"{partial}: no Debian {base.suite} came to be there")
    _open_up(partial, user)
    partial.rename(target)
    return target


def _open_up(root: Path, user: User) -> None:
    """Make a base such that ``user`` can copy it: readable, without devices, and the user's own.

    Apptainer builds in a user namespace where the user is root and there is nobody else, so what
    belongs to the user here belongs to root in the image.
    """
    for folder, names, files in os.walk(root, topdown=False):
        for name in (*names, *files):
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISFIFO(mode):
                path.unlink()
            else:
                _give(path, mode, user)
    # Last: its owner says whether all the rest was done.
    _give(root, root.stat().st_mode, user)


def _give(path: Path, mode: int, user: User) -> None:
    if os.geteuid() == 0:
        os.lchown(path, user.uid, user.gid)
    if stat.S_ISDIR(mode):
        path.chmod(stat.S_IMODE(mode) | 0o755)
    elif stat.S_ISREG(mode):
        path.chmod(stat.S_IMODE(mode) | 0o444)


@contextmanager
def _workplace(cache: Path, user: User) -> Iterator[Path]:
    """Make a folder where the enclosure's user may write, and remove it afterwards."""
    place = cache / "building" / f"{os.getpid()}"
    _make(place.parent)
    _make(place)
    _make(place / "tmp")
    if os.geteuid() == 0:
        for folder in (place, place / "tmp"):
            os.chown(folder, user.uid, user.gid)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run_apptainer(
    plan: ImagePlan,
    enclosure: Enclosure,
    notify: Notify,
    *,
    place: Path,
    wheels: Path | None,
    lock: int,
) -> Path:
    """Build and test inside ``place``; return the image's file there."""
    definition, made = place / "image.def", place / "image.sif"
    definition.write_text(plan.definition, encoding="utf-8")
    definition.chmod(0o644)
    bind = ["--bind", f"{wheels}:{WHEELHOUSE}:ro"] if wheels else []
    # Without sub-ids, the user is root in the build and owns everything: that works everywhere,
    # and hides no folder, as the other way hides what is below /root.
    argv = [
        *("env", f"APPTAINER_TMPDIR={place / 'tmp'}", f"APPTAINER_CACHEDIR={place / 'tmp'}"),
        f"SOURCE_DATE_EPOCH={SOURCE_DATE_EPOCH}",
        *("apptainer", "build", "--ignore-subuid", "--mksquashfs-args", SQUASHFS, *bind),
        *(str(made), str(definition)),
    ]
    full = enclosure.command(argv, binds=[plan.cache], cwd=plan.cache)
    progress = Progress(what=f"building {plan.container.name}")
    notify(progress)
    with plan.log_file.open("wb") as log:
        status = sif.work(full, log=log, holds=lock, progress=progress, notify=notify)
    if status or not made.is_file():
        raise _explain(plan, status)
    return made


def _explain(plan: ImagePlan, status: int) -> ImageError:
    said = plan.log_file.read_text(encoding="utf-8", errors="replace")
    message = f"{plan.container.name}: apptainer build ended with {status}:\n{sif.last_lines(said)}"
    hint = f"everything it said is in {plan.log_file}"
    if "No space left on device" in said:
        hint = "no space is left: free some, or set OSGREPRO_CACHE to a folder on a larger disk"
    return ImageError(message, hint=hint)


def _seal(plan: ImagePlan, enclosure: Enclosure, made: Path, base: Path | None) -> None:
    """Give the finished image its name, and then the lock that makes it count."""
    labels = sif.inspect(made, enclosure)
    version = sif.ask(["apptainer", "--version"], enclosure, what="apptainer does not answer")
    if os.geteuid() == 0:
        os.chown(made, 0, 0)
    made.chmod(0o644)
    facts = made.stat()
    lock = {
        "software": plan.container.name,
        "tensorflow": plan.container.tensorflow,
        "file": plan.sif.name,
        "sha256": sif.sha256(made),
        "size_bytes": facts.st_size,
        "mtime_ns": facts.st_mtime_ns,
        "definition_sha256": text_sha256(plan.definition),
        "lock_sha256": text_sha256(plan.container.lock) if plan.container.lock else None,
        "labels": dict(labels),
        "base": {**plan.container.base.model_dump(), "installed": _installed(base)},
        "built_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "apptainer": version.strip(),
    }
    _write(plan.definition_file, plan.definition)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(plan.sif)
    _write(lock_of(plan.sif), json.dumps(lock, indent=2) + "\n")


def _installed(base: Path | None) -> Mapping[str, Any] | None:
    """Return the Debian packages of a base and their versions."""
    if base is None:
        return None
    status = (base / "var/lib/dpkg/status").read_text(encoding="utf-8")
    return dict(re.findall(r"^Package: (\S+)$(?:\n(?!Version:).+)*\nVersion: (\S+)$", status, re.M))


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
