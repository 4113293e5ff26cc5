"""Makes an image of a plan: base, wheels, Apptainer, and the seal that says it is whole.

Called through the room's door.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from osgrepro.common.errors import ImageError
from osgrepro.common.models import Enclosure, Image, Notify, Progress, silent
from osgrepro.software.apptainer import base as bases
from osgrepro.software.apptainer import contents, header, place, sif
from osgrepro.software.apptainer.base import MakeBase
from osgrepro.software.apptainer.plan import (
    SOURCE_DATE_EPOCH,
    SQUASHFS,
    WHEELHOUSE,
    ImagePlan,
    facts_file,
    text_sha256,
)
from osgrepro.software.containers import Container

# Returns the folder that holds every wheel of the container's lock.
FetchWheels = Callable[[Container, Notify], Path]

# The catalogue's locks name wheels of this architecture.
_ARCHITECTURE = "x86_64"


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
    with place.only_builder(plan.cache, notify) as lock:
        # Whoever built meanwhile may have built this.
        if not plan.is_built:
            build_alone(
                plan,
                enclosure,
                notify,
                make_base=make_base,
                fetch_wheels=fetch_wheels,
                lock=lock,
                log_file=plan.log_file,
            )
        image = plan.built_image()
    if image is None:
        raise ImageError(f"{plan.sif}: was changed by somebody else while it was built")
    return image


def build_alone(
    plan: ImagePlan,
    enclosure: Enclosure,
    notify: Notify,
    *,
    make_base: MakeBase,
    fetch_wheels: FetchWheels,
    lock: int,
    log_file: Path,
) -> None:
    """Build the plan's image as the only builder, who holds the descriptor ``lock``.

    ``log_file`` takes what Apptainer says.
    """
    if platform.machine() != _ARCHITECTURE:
        raise ImageError(
            f"{plan.container.name}: the catalogue's images are for {_ARCHITECTURE}, and this "
            f"machine is {platform.machine()}",
            hint=f"build on a machine that is {_ARCHITECTURE}",
        )
    place.make_folder(plan.cache)
    place.make_folder(plan.sif.parent)
    place.must_fit(plan.cache)
    base = bases.base(plan, enclosure.user, make_base, notify)
    wheels = fetch_wheels(plan.container, notify) if plan.container.lock else None
    with place.workplace(plan.cache, enclosure.user) as work:
        made = _run_apptainer(
            plan, enclosure, notify, work=work, wheels=wheels, lock=lock, log_file=log_file
        )
        header.normalise(made, SOURCE_DATE_EPOCH)
        notify(Progress(what=f"digesting {plan.container.name}"))
        listed = contents.contents(made, enclosure, work.theirs)
        _seal(plan, enclosure, made, base=base, content_sha256=contents.digest(listed))


def _run_apptainer(
    plan: ImagePlan,
    enclosure: Enclosure,
    notify: Notify,
    *,
    work: place.Workplace,
    wheels: Path | None,
    lock: int,
    log_file: Path,
) -> Path:
    """Build and test as the user; return the image's file, which is ours."""
    definition, name, temporary = work.ours / "image.def", "image.sif", work.ours / "tmp"
    # Only what is pulled is worth keeping.
    pulled = plan.pulled if plan.base is None else work.ours / "pulled"
    place.make_owned(temporary, enclosure.user)
    place.make_owned(pulled, enclosure.user)
    definition.write_text(plan.definition, encoding="utf-8")
    definition.chmod(0o644)
    bind = ["--bind", f"{wheels}:{WHEELHOUSE}:ro"] if wheels else []
    # Without sub-ids, the user is root in the build and owns everything: that works everywhere,
    # and hides no folder, as the other way hides what is below /root. With --force the definition's
    # labels replace Apptainer's own: the date of the build is not part of what was built.
    argv = [
        *("env", f"APPTAINER_TMPDIR={temporary}", f"APPTAINER_CACHEDIR={pulled}"),
        f"SOURCE_DATE_EPOCH={SOURCE_DATE_EPOCH}",
        *("apptainer", "build", "--force", "--ignore-subuid", "--mksquashfs-args", SQUASHFS),
        *(*bind, str(work.theirs / name), str(definition)),
    ]
    binds = [plan.cache, *([wheels] if wheels else [])]
    full = enclosure.command(argv, binds=binds, cwd=plan.cache)
    progress = Progress(what=f"building {plan.container.name}")
    notify(progress)
    with log_file.open("wb") as log:
        status = sif.work(full, log=log, holds=lock, progress=progress, notify=notify)
    try:
        made = place.taken(work, name) if not status else None
    except OSError:
        made = None
    if made is None:
        raise _explain(plan.container.name, log_file, status)
    place.remove(pulled)
    return made


# What Apptainer said, and what it means; the first that fits counts.
_CAUSES = (
    (
        r"(?i)no space left on device|disk quota exceeded",
        "no space is left",
        "free some, or set OSGREPRO_CACHE to a folder on a larger disk",
    ),
    (
        r"THESE PACKAGES DO NOT MATCH THE HASHES",
        "a wheel does not match its hash in the lock file",
        "remove the folder wheelhouse in osgrepro's cache and build again",
    ),
    (
        r"failed to execute %test script",
        "the image does not pass its own test",
        "",
    ),
    (
        r"(?i)initializing source|while pulling|unable to copy docker image|conveyor failed to get",
        "the base can't be pulled",
        "the registry must be reachable and have it; what was pulled is kept for the next try",
    ),
)


def _explain(name: str, log_file: Path, status: int) -> ImageError:
    said = log_file.read_text(encoding="utf-8", errors="replace")
    cause, advice = f"apptainer build ended with {status}", ""
    for words, meaning, hint in _CAUSES:
        if re.search(words, said):
            cause, advice = meaning, f"{hint}; " if hint else ""
            break
    return ImageError(
        f"{name}: {cause}:\n{sif.last_lines(said)}",
        hint=f"{advice}everything that Apptainer said is in {log_file}",
    )


def _seal(
    plan: ImagePlan, enclosure: Enclosure, made: Path, *, base: Path | None, content_sha256: str
) -> None:
    """Give the finished image its name, and then the facts that make it count."""
    container = plan.container
    labels = sif.inspect(made, enclosure)
    version = sif.ask(["apptainer", "--version"], enclosure, failure="apptainer does not answer")
    facts = made.stat()
    image_facts = {
        "software": container.name,
        "backend": container.backend,
        "framework": container.framework,
        "file": plan.sif.name,
        "sha256": sif.sha256(made),
        "content_sha256": content_sha256,
        "size_bytes": facts.st_size,
        "mtime_ns": facts.st_mtime_ns,
        "definition_sha256": text_sha256(plan.definition),
        "lock_sha256": text_sha256(container.lock) if container.lock else None,
        "architecture": header.read(made).architecture,
        "labels": dict(labels),
        "base": {**container.base.model_dump(), "installed": bases.installed(base)},
        "built_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "apptainer": version.strip(),
    }
    place.write(plan.definition_file, plan.definition)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(plan.sif)
    place.write(facts_file(plan.sif), json.dumps(image_facts, indent=2) + "\n")
