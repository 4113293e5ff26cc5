"""The catalogue as one works with it: environments by name, how their images stand, and checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osgrepro.common import folders
from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.common.models import Image, Notify, silent
from osgrepro.software import apptainer
from osgrepro.software.apptainer import Check, Container, ImagePlan
from osgrepro.workflow import loading
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.software import builders, images, staging
from osgrepro.workflow.software.staging import Staged


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One environment, where its image belongs, and the image's facts (empty: not built)."""

    container: Container
    plan: ImagePlan
    image_facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Targets:
    """What ``build`` was asked for: whole campaigns, and single environments."""

    campaigns: tuple[Loaded, ...]
    containers: tuple[Container, ...]


def entries(folder: Path) -> list[Entry]:
    """Return every environment of ``folder``'s own catalogue and of the shipped one.

    Raises
    ------
    UsageError
        With every problem of every environment.
    """
    containers = apptainer.load_catalogue(images.catalogues(folder))
    return [_entry(container) for container in containers.values()]


def left_over(listed: Sequence[Entry]) -> list[Path]:
    """Return the images in the cache that no environment of ``listed`` stands for any more."""
    current = {entry.plan.sif for entry in listed}
    built = sorted((folders.cache() / "images").glob("*.sif"))
    return [path for path in built if path not in current]


def targets(words: Sequence[str], folder: Path) -> Targets:
    """Return what ``words`` name: campaign files, shipped campaigns, environments, their folders.

    A word that is both names the campaign.

    Raises
    ------
    UsageError
        If a word names nothing.
    """
    campaigns: list[Loaded] = []
    containers: dict[str, Container] = {}
    for word in words:
        container = _container(word, folder)
        if container is None:
            campaigns.append(loading.load(word))
        else:
            containers[container.name] = container
    return Targets(campaigns=tuple(campaigns), containers=tuple(containers.values()))


def build(asked: Targets, notify: Notify = silent) -> Iterator[Image]:
    """Build what is asked for and isn't there, and yield each image as soon as it is.

    Raises
    ------
    ImageError, InputError, PoolError
        As :func:`osgrepro.workflow.builders.build`.
    """
    for container in asked.containers:
        yield builders.build(images.plan_of(container), notify)
    for loaded in asked.campaigns:
        yield from images.build(loaded.campaign, loaded.path.parent, notify=notify).values()


def check(asked: Targets, notify: Notify = silent) -> Iterator[tuple[Container, Check]]:
    """Build every environment that is asked for twice, and yield what the comparison says.

    Raises
    ------
    ImageError, InputError, PoolError
        As :func:`osgrepro.workflow.builders.check`.
    """
    plans = [images.plan_of(container) for container in asked.containers]
    for loaded in asked.campaigns:
        states = images.states(loaded.campaign, loaded.path.parent).values()
        plans += [state.plan for state in states if state.plan is not None]
    for plan in {plan.stem: plan for plan in plans}.values():
        yield plan.container, builders.check(plan, notify)


def unstaged(asked: Targets) -> list[tuple[Image, Staged]]:
    """Return the images of the campaigns that OSDF shall have, as far as it is not seen to."""
    staged_images = [
        image
        for loaded in asked.campaigns
        for image in images.placeholders(
            images.states(loaded.campaign, loaded.path.parent)
        ).values()
        if image.location.startswith(staging.SCHEME)
    ]
    states = [(image, staging.look(image)) for image in staged_images]
    for image, state in states:
        if state is Staged.THERE:
            staging.note(image)
    return [(image, state) for image, state in states if state is not Staged.THERE]


def _container(word: str, folder: Path) -> Container | None:
    """Return the environment that ``word`` names; None where it names a campaign."""
    path = Path(word)
    if (path / "container.toml").is_file():
        path = path.resolve()
        return apptainer.load_container([path.parent], path.name)
    try:
        loading.find(word)
    except UsageError as error:
        known = images.catalogues(folder)
        if any((catalogue / word).is_dir() for catalogue in known):
            return apptainer.load_container(known, word)
        names = {
            path.parent.name for catalogue in known for path in catalogue.glob("*/container.toml")
        }
        meant = did_you_mean(word, [*sorted(names), *loading.shipped_campaigns()])
        raise UsageError(
            f"{word}: neither a campaign nor a software environment{meant}",
            hint=f"{error.hint}; `osgrepro images` lists the environments",
        ) from None
    return None


def _entry(container: Container) -> Entry:
    plan = images.plan_of(container)
    return Entry(
        container=container, plan=plan, image_facts=apptainer.read_image_facts(plan.sif) or {}
    )
