"""Looks into the images that a campaign names for the `python3` that starts its runs.

Images of the catalogue were tested when they were built. A version that an image was found to have
is remembered by the image's digest; that it has none is asked again each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from osgrepro.common import files, memo
from osgrepro.common.errors import ImageError
from osgrepro.common.models import Image
from osgrepro.pool import enclosure as place
from osgrepro.software import apptainer
from osgrepro.software.apptainer import Python
from osgrepro.workflow.software import staging


def python_problems(images: Iterable[Image]) -> tuple[list[str], list[str]]:
    """Return what keeps runs from starting in ``images``, and which could not be looked into.

    Each is looked into once: one that could not be asked is not remembered.
    """
    problems, unseen = [], []
    for image in {image.location: image for image in images}.values():
        python = look(image)
        if isinstance(python, str):
            unseen.append(
                f"software {image.software}: whether it has a python3 was not checked: {python}"
            )
        elif python is not None and python.problem:
            problems.append(f"software {image.software}: {image.location} {python.problem}")
    return problems, unseen


def look(image: Image) -> Python | str | None:
    """Return the `python3` of ``image``, or why it could not be asked; None for what isn't here."""
    path = _path(image)
    if path is None or image.sha256 is None:
        return None
    kept = memo.recall("python", image.sha256)
    if isinstance(kept, str):
        return Python(kept)
    enclosure = place.here()
    if enclosure is None:
        return "there is no Apptainer here"
    try:
        python = apptainer.python(path, enclosure)
    except ImageError as error:
        return error.message
    if python.version is not None:
        memo.remember("python", image.sha256, python.version)
    return python


def _path(image: Image) -> Path | None:
    """Return the file of an image that the campaign names, where this machine shows it."""
    if image.labels:  # the catalogue's own
        return None
    if image.file is not None:
        return Path(image.file)
    path = staging.mounted(image.location) if image.location.startswith(staging.SCHEME) else None
    return path if path is not None and files.is_file(path) else None
