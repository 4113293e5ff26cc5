"""Decides what an image is made from and what its files are called, without making anything.

Called by the build, and by `osgrepro render`, which needs no pool, network or cache for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from osgrepro import __version__
from osgrepro.common import models
from osgrepro.runs import render
from osgrepro.software.base_images import DebianBase, DockerBase
from osgrepro.software.containers import Container

# Where the build finds the wheels: a folder that every Debian has, and that stays empty.
WHEELHOUSE = "/mnt"
# What the build makes bears at most this date (2022-01-01), so that it does not tell the time.
SOURCE_DATE_EPOCH = 1640995200
# Measured on TensorFlow 2.21 against gzip at level 1: the image is 7 % smaller, is written in three
# quarters of the time, and imports TensorFlow in 3.8 s of processor time instead of 5.4.
SQUASHFS = "-comp zstd -Xcompression-level 1"
# Raise it when the way of making a base or an image changes what is inside.
RECIPE = "3"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagePlan:
    """One image to be: its inputs, the digest of them (12 hex), and where its files belong."""

    container: Container
    definition: str
    digest: str
    cache: Path

    @property
    def stem(self) -> str:
        """What the names of all its files begin with."""
        return f"{self.container.name}-{self.digest}"

    @property
    def sif(self) -> Path:
        """The image."""
        return self.cache / "images" / f"{self.stem}.sif"

    @property
    def definition_file(self) -> Path:
        """The definition that built it."""
        return self.sif.with_name(f"{self.stem}.def")

    @property
    def facts_file(self) -> Path:
        """What is known of it, written last: without it the image does not count as built."""
        return facts_file(self.sif)

    @property
    def log_file(self) -> Path:
        """What Apptainer said at the last try."""
        return self.sif.with_name(f"{self.stem}.log")

    @property
    def base(self) -> Path | None:
        """The folder of the base file system; None where the base is pulled."""
        name = base_name(self.container)
        return self.cache / name if name else None

    @property
    def pulled(self) -> Path:
        """Where Apptainer keeps the layers of a base that it pulls, until the image is built."""
        return self.cache / "pulled" / self.stem

    @property
    def is_built(self) -> bool:
        """Whether the image is there, as the facts about it say."""
        return read_image_facts(self.sif) is not None

    def built_image(self) -> models.Image | None:
        """The image, if it is built."""
        image_facts = read_image_facts(self.sif)
        if image_facts is None:
            return None
        return models.Image(
            software=self.container.name,
            location=str(self.sif),
            sha256=image_facts["sha256"],
            file=str(self.sif),
            labels=image_facts["labels"],
        )


def plan(container: Container, cache: Path) -> ImagePlan:
    """Return the plan of the container's image below the folder ``cache``."""
    # osgrepro's own version is a label, but no reason to build an image again.
    inputs = (RECIPE, SQUASHFS, _fill(container, version=""), container.lock)
    digest = text_sha256("\0".join(inputs))[:12]
    return ImagePlan(
        container=container,
        definition=definition_text(container),
        digest=digest,
        cache=cache,
    )


def definition_text(container: Container) -> str:
    """Return the definition that a build of the container uses."""
    return _fill(container, version=__version__)


def definition(container: Container, base: str, wheelhouse: str) -> str:
    """Return a definition on the folder ``base`` that finds the wheels at ``wheelhouse``."""
    return _fill(container, version=__version__, base=base, wheelhouse=wheelhouse)


def _fill(
    container: Container, *, version: str, base: str | None = None, wheelhouse: str = WHEELHOUSE
) -> str:
    pulled = isinstance(container.base, DockerBase)
    return render.text(
        "image.def.j2",
        container=container,
        # Relative to the cache, where Apptainer runs: the text is the same on every machine.
        base="" if pulled else base or base_name(container),
        reference=_reference(container.base),
        wheelhouse=wheelhouse,
        epoch=SOURCE_DATE_EPOCH,
        date=datetime.fromtimestamp(SOURCE_DATE_EPOCH, timezone.utc).isoformat(),
        lock_sha256=text_sha256(container.lock) if container.lock else "",
        version=version,
    )


def _reference(base: DebianBase | DockerBase) -> str:
    """Return what is pulled: by digest where it is known, and then Apptainer wants no tag."""
    if not isinstance(base, DockerBase):
        return ""
    if base.digest is None:
        return base.reference
    registry, slash, name = base.reference.rpartition("/")
    return f"{registry}{slash}{name.partition(':')[0]}@{base.digest}"


def base_name(container: Container) -> str:
    """Return the path of the container's base below the cache; empty where it is pulled."""
    base = container.base
    if not isinstance(base, DebianBase):
        return ""
    inputs = json.dumps([RECIPE, base.suite, sorted(base.packages)])
    return f"bases/{base.suite}-{text_sha256(inputs)[:12]}"


def facts_file(sif: Path) -> Path:
    """Return where the facts about the image ``sif`` are, if it was built."""
    return sif.with_suffix(".json")


def read_image_facts(sif: Path) -> Mapping[str, Any] | None:
    """Return the facts about ``sif``; None where there are none, or they are of another file.

    Size and modification time decide: digesting hundreds of megabytes takes a second and more.
    """
    try:
        image_facts = json.loads(facts_file(sif).read_text(encoding="utf-8"))
        facts = sif.stat()
        same = (image_facts["size_bytes"], image_facts["mtime_ns"]) == (
            facts.st_size,
            facts.st_mtime_ns,
        )
        whole = isinstance(image_facts["sha256"], str) and isinstance(image_facts["labels"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return image_facts if same and whole else None


def text_sha256(text: str) -> str:
    """Return the SHA-256 of ``text`` in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
