"""Looks into the images that a campaign names for the `python3` that starts its runs.

Images of the catalogue were tested when they were built. What an image was found to have is kept in
the cache by the image's digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from osgrepro.common import files, folders
from osgrepro.common.errors import ImageError
from osgrepro.common.models import Image
from osgrepro.pool import enclosure as place
from osgrepro.software import apptainer
from osgrepro.software.apptainer import Python
from osgrepro.workflow.software import staging

# Raise it when images are asked another way.
_ASKED = "1"


def problems(images: Iterable[Image]) -> Iterator[str]:
    """Yield what keeps runs from starting in those of ``images`` that can be looked into."""
    for image in {image.location: image for image in images}.values():
        found = look(image)
        if isinstance(found, Python) and found.problem:
            yield f"software {image.software}: {image.location} {found.problem}"


def unseen(images: Iterable[Image]) -> Iterator[str]:
    """Yield why an image that is a file here could not be looked into."""
    for image in images:
        found = look(image)
        if isinstance(found, str):
            yield f"software {image.software}: nobody looked for a python3 in it: {found}"


def look(image: Image) -> Python | str | None:
    """Return the `python3` of ``image``, or why it could not be asked; None for what isn't here."""
    path = _path(image)
    if path is None or image.sha256 is None:
        return None
    memo = folders.cache() / "looked" / f"{image.sha256}.json"
    if (known := _recall(memo)) is not None:
        return known
    enclosure = place.here()
    if enclosure is None:
        return "there is no Apptainer here"
    try:
        found = apptainer.python(path, enclosure)
    except ImageError as error:
        return error.message
    _remember(memo, found)
    return found


def _path(image: Image) -> Path | None:
    """Return the file of an image that the campaign names, where this machine shows it."""
    if image.labels:  # the catalogue's own
        return None
    if image.file is not None:
        return Path(image.file)
    path = staging.mounted(image.location) if image.location.startswith(staging.SCHEME) else None
    return path if path is not None and files.is_file(path) else None


def _recall(memo: Path) -> Python | None:
    try:
        kept = json.loads(memo.read_text(encoding="utf-8"))
        return Python(kept["python"]) if kept["asked"] == _ASKED else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remember(memo: Path, found: Python) -> None:
    memo.parent.mkdir(parents=True, exist_ok=True)
    with files.beside(memo) as part:
        part.write_text(json.dumps({"asked": _ASKED, "python": found.version}), encoding="utf-8")
