"""The images of a campaign's software environments: where they are, and that they are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from osgrepro.common import files, folders, shipped
from osgrepro.common.errors import ImageError, UsageError
from osgrepro.common.models import CVMFS, REMOTE_IMAGES, Campaign, Image, Notify, Software, silent
from osgrepro.software import apptainer
from osgrepro.software.apptainer import Container, ImagePlan
from osgrepro.workflow.software import builders, staging
from osgrepro.workflow.software.staging import Staged

_REGISTRIES = ("docker://", "oras://")
_OWN_IMAGE = "put the SIF file there, or name a container of the catalogue instead"
# What wheels and base systems of the catalogue are made for, and most execution points are.
ARCHITECTURE = "amd64"


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


def catalogues(folder: Path) -> tuple[Path, ...]:
    """Return where environments are looked up: ``containers/`` below ``folder``, then shipped."""
    return tuple(dict.fromkeys((folder / "containers", shipped.folder("containers"))))


def plan_of(container: Container) -> ImagePlan:
    """Return the plan of a container's image in the cache."""
    return apptainer.plan_image(container, folders.cache())


def states(campaign: Campaign, folder: Path) -> dict[str, ImageState]:
    """Return how the image of each software environment stands; nothing is made.

    Parameters
    ----------
    campaign : Campaign
        Whose environments.
    folder : Path
        The campaign file's folder, from which relative paths of images are read.

    Raises
    ------
    UsageError
        If an environment is not in the catalogue, or its image can't be one, or has another digest
        than the campaign says.
    """
    return {
        software.name: _staged(_state(software, folder), campaign.submit.staging)
        for software in campaign.software
    }


def doubts(image_states: Iterable[ImageState]) -> Iterator[str]:
    """Yield what nobody can vouch for: that an image is there, and stays what it is."""
    for state in image_states:
        if state.image is None and state.plan is None:
            yield (
                f"software {state.software}: its image {state.location} is not there; {_OWN_IMAGE}"
            )
        if state.location.startswith(_REGISTRIES):
            yield (
                f"software {state.software}: {state.location} is not seen from here: each slot "
                "fetches it, and a run is held if its slot can't"
            )
        if state.plan is not None and state.plan.container.base_pinned is False:
            yield (
                f"software {state.software}: its base {state.plan.container.base.words}; built "
                "again, it may be another one: give base.digest in its container.toml"
            )
        elif state.location.startswith(_REGISTRIES) and "@sha256:" not in state.location:
            yield (
                f"software {state.software}: {state.location} is named by a tag, which may come to "
                "mean another image: name it as NAME@sha256:…"
            )
        elif state.location.startswith(CVMFS):
            yield (
                f"software {state.software}: {state.location} is a folder in CVMFS, which has no "
                "sha256: what is in it may change between two runs"
            )


def word(state: ImageState) -> str:
    """Return how the image stands, in the one word that every command uses of it."""
    if state.image is None:
        return "to build" if state.plan else "missing"
    return stands(state.image).value


def stands(image: Image) -> Staged:
    """Return how an image stands that is, or is said to be, somewhere."""
    return staging.look(image) if image.location.startswith(REMOTE_IMAGES) else Staged.THERE


def placeholders(image_states: Mapping[str, ImageState]) -> dict[str, Image]:
    """Return an image for every environment, where a missing one only has its later location."""
    return {
        name: state.image or Image(software=name, location=state.location, sha256=None)
        for name, state in image_states.items()
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
    for name, state in states(campaign, folder).items():
        if state.image is None and state.plan is None:
            raise ImageError(
                f"software {name}: there is no image {state.location}",
                hint=_OWN_IMAGE,
            )
        if state.image is None and state.plan is not None:
            builders.build(state.plan, notify)
    return placeholders(states(campaign, folder))


def ready(campaign: Campaign, folder: Path, wanted: set[str]) -> dict[str, Image]:
    """Return the images of the environments ``wanted``.

    Raises
    ------
    UsageError
        Naming every image that isn't there.
    """
    wanted_states = {
        name: state for name, state in states(campaign, folder).items() if name in wanted
    }
    missing = [state for state in wanted_states.values() if state.image is None]
    if missing:
        raise UsageError(
            "\n".join(
                f"software {s.software}: its image {s.location} is not there" for s in missing
            ),
            hint="; ".join(dict.fromkeys(_remedy(state) for state in missing)),
        )
    return placeholders(wanted_states)


def _remedy(state: ImageState) -> str:
    """Return what brings an image where it is looked for: we make the catalogue's alone."""
    return "`osgrepro build` makes the catalogue's images" if state.plan else _OWN_IMAGE


def here(image: Image) -> Image:
    """Return ``image`` at its place on this machine, for a pool that is this machine.

    Raises
    ------
    UsageError
        If it is only in OSDF, which a mini-pool has no way to.
    """
    if image.file is None and image.location.startswith(staging.SCHEME):
        raise UsageError(
            f"software {image.software}: {image.location} can't be had here: the mini-pool does "
            "not reach OSDF",
            hint="submit on an access point of OSPool, or name the image's file on this machine",
        )
    if image.location.startswith(CVMFS) and not Path(image.location).is_dir():
        raise UsageError(
            f"software {image.software}: {image.location} can't be had here: this machine does not "
            "have CVMFS, or not this folder of it",
            hint="submit on an access point of OSPool, or name the image's file on this machine",
        )
    return replace(image, location=image.file or image.location)


def _state(software: Software, folder: Path) -> ImageState:
    if software.image is None:
        container = apptainer.load_container(
            catalogues(folder), software.container or software.name
        )
        plan = plan_of(container)
        built = plan.built_image()
        return ImageState(
            software=software.name,
            location=str(plan.sif),
            plan=plan,
            image=replace(built, software=software.name) if built else None,
        )
    if software.image.startswith(REMOTE_IMAGES):
        return _finished(software, software.image, staging.mounted(software.image))
    path = files.whole(folder / software.image)
    return _finished(software, str(path), path)


def _finished(software: Software, location: str, path: Path) -> ImageState:
    """Return the state of an image that the campaign names, whose file may be seen at ``path``."""
    remote = location.startswith(REMOTE_IMAGES)
    # What a registry has, or a folder in CVMFS, is not a file whose digest could be told.
    there = not location.startswith((*_REGISTRIES, CVMFS)) and files.is_file(path)
    sha256 = _checked(software, path) if there else software.sha256
    image = Image(
        software=software.name,
        location=location,
        sha256=sha256,
        file=None if remote else str(path),
    )
    return ImageState(
        software=software.name,
        location=location,
        plan=None,
        image=image if there or remote else None,
    )


def _checked(software: Software, path: Path) -> str:
    """Return the digest of a finished image that can be used."""
    if not apptainer.is_sif(path):
        raise UsageError(
            f"software {software.name}: {path} is not an Apptainer image (SIF)",
            hint="`apptainer build` makes one; or name a container of the catalogue instead",
        )
    architecture = apptainer.read_header(path).architecture
    if architecture != ARCHITECTURE:
        raise UsageError(
            f"software {software.name}: {path} is an image for {architecture}, and runs are "
            f"submitted for {ARCHITECTURE} (x86_64)",
            hint=f"build it with `apptainer build --arch {ARCHITECTURE}`",
        )
    sha256 = apptainer.digest(path)
    if software.sha256 not in (None, sha256):
        raise UsageError(
            f"software {software.name}: {path} has the sha256 {sha256}, but the campaign says "
            f"{software.sha256}",
            hint="put the image that the campaign means there, or correct the campaign",
        )
    return sha256


def _staged(state: ImageState, folder: str | None) -> ImageState:
    """Return ``state`` with its place in the OSDF folder of the campaign, if it has one."""
    image = state.image
    if folder is None or state.location.startswith(REMOTE_IMAGES):
        return state
    stem = state.plan.container.name if state.plan else Path(state.location).stem
    if image is None or image.sha256 is None:
        return state
    url = staging.location(folder, stem, image.sha256)
    return replace(state, location=url, image=replace(image, location=url))
