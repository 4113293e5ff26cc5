"""The verb ``build``: every software environment of a campaign gets its image."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from osgrepro import apptainer, folders, minipool, shipped, wheelhouse
from osgrepro.apptainer import Container, ImagePlan
from osgrepro.errors import ImageError, UsageError
from osgrepro.models import Campaign, Enclosure, Image, Notify, Software, silent

REMOTE = ("osdf://", "docker://")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageState:
    """How a software environment's image stands.

    ``location`` is where it is or will be; ``plan`` is None for a finished image that the campaign
    names; ``image`` is None while it is not there.
    """

    software: str
    location: str
    plan: ImagePlan | None
    image: Image | None


def states(campaign: Campaign, folder: Path) -> dict[str, ImageState]:
    """Return how the image of each software environment stands; nothing is made.

    Parameters
    ----------
    campaign : Campaign
        Whose environments.
    folder : Path
        The campaign file's folder, from which relative paths of images are read.
    """
    return {software.name: _state(software, folder) for software in campaign.software}


def placeholders(found: Mapping[str, ImageState]) -> dict[str, Image]:
    """Return an image for every environment, where a missing one only has its later location."""
    return {
        name: state.image or Image(software=name, location=state.location, sha256=None)
        for name, state in found.items()
    }


def build(campaign: Campaign, folder: Path, *, notify: Notify = silent) -> dict[str, Image]:
    """Build every image that the campaign needs and that isn't there.

    Parameters
    ----------
    campaign, folder
        As for :func:`states`.
    notify : Notify
        Takes progress.

    Raises
    ------
    ImageError
        If an image doesn't build, or one that the campaign names isn't there.
    PoolError
        If there is no Apptainer here, and none can be provisioned.
    """
    made = {}
    for name, state in states(campaign, folder).items():
        if state.image is not None:
            made[name] = state.image
        elif state.plan is not None:
            made[name] = replace(_build(state.plan, notify), software=name)
        else:
            raise ImageError(
                f"software {name}: there is no image {state.location}",
                hint="put the SIF file there, or name a container of the catalogue instead",
            )
    return made


def _build(plan: ImagePlan, notify: Notify) -> Image:
    enclosure = minipool.enclosure(notify)
    return apptainer.build(
        plan,
        enclosure,
        notify,
        make_base=lambda suite, packages, target: make_base(enclosure, suite, packages, target),
        fetch_wheels=_fetch_wheels,
    )


def ready(campaign: Campaign, folder: Path, wanted: set[str]) -> dict[str, Image]:
    """Return the images of the environments ``wanted``.

    Raises
    ------
    UsageError
        Naming every image that isn't there.
    """
    found = {name: state for name, state in states(campaign, folder).items() if name in wanted}
    missing = [state for state in found.values() if state.image is None]
    if missing:
        raise UsageError(
            "\n".join(
                f"software {s.software}: its image {s.location} is not there" for s in missing
            ),
            hint="`osgrepro build` makes the images of a campaign",
        )
    return placeholders(found)


def _state(software: Software, folder: Path) -> ImageState:
    if software.image is None:
        # An environment of the campaign's own comes before a shipped one of its name.
        catalogues = (folder / "containers", shipped.folder("containers"))
        container = apptainer.load_container(catalogues, software.container or software.name)
        plan = apptainer.plan_image(container, folders.cache())
        built = plan.built_image()
        return ImageState(
            software=software.name,
            location=str(plan.sif),
            plan=plan,
            image=replace(built, software=software.name) if built else None,
        )
    if software.image.startswith(REMOTE):
        image = Image(software=software.name, location=software.image, sha256=None)
        return ImageState(software=software.name, location=software.image, plan=None, image=image)
    path = (folder / software.image).absolute()
    there = path.is_file()
    if there and not apptainer.is_sif(path):
        raise UsageError(
            f"software {software.name}: {path} is no Apptainer image (SIF)",
            hint="`apptainer build` makes one; or name a container of the catalogue instead",
        )
    return ImageState(
        software=software.name,
        location=str(path),
        plan=None,
        image=Image(software=software.name, location=str(path), sha256=apptainer.digest(path))
        if there
        else None,
    )


def _fetch_wheels(container: Container, notify: Notify) -> Path:
    glibc = getattr(container.base, "glibc", "2.31")
    return wheelhouse.fetch(
        container.lock,
        python=container.python,
        glibc=glibc,
        cache=folders.cache(),
        notify=notify,
    )


def make_base(enclosure: Enclosure, suite: str, packages: Sequence[str], target: Path) -> None:
    """Make a minimal Debian of ``suite`` at the folder ``target``, with mmdebstrap.

    Raises
    ------
    ImageError
        With the last that mmdebstrap said.
    """
    target.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(target, enclosure.user.uid, enclosure.user.gid)
    mirror = minipool.mirror()
    leave_out = (f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "info", "man"))
    make = [
        *("mmdebstrap", "--variant=minbase", "--skip=output/dev", "--format=tar"),
        # A mirror can be a few weeks old; what it holds is signed all the same.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *leave_out,
        f"--include={','.join(packages)}",
        *(suite, "-", *([mirror] if mirror else [])),
    ]
    # Unpacked by the ordinary user, whose all files then are: that is what Apptainer can copy.
    pipe = 'set -o pipefail; "$@" | tar --extract --directory "$0" --no-same-owner'
    argv = enclosure.command(["bash", "-c", pipe, str(target), *make], binds=[target])
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ImageError(f"{error.filename}: not found") from None
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise ImageError(
            f"mmdebstrap could not make a Debian {suite}:\n{last}",
            hint="mmdebstrap must be installed, and the machine's apt mirror (or the one that "
            "OSGREPRO_DEBIAN_MIRROR names) must have this suite",
        )
