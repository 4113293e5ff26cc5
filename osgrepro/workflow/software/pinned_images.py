"""Which image each software environment of a submitted campaign was, and shall stay.

A run's id names its software environment, not the image's bytes. So the campaign's folder remembers
the digest that the first submission had; no later one may have another, and results are judged by
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from osgrepro.common.errors import UsageError
from osgrepro.common.models import Image
from osgrepro.runs.workspace import Workspace


def pin(workspace: Workspace, images: Mapping[str, Image]) -> None:
    """Remember the images that are about to be submitted; refuse those that have changed.

    Raises
    ------
    UsageError
        As :func:`compare`.
    """
    compare(workspace, images)
    known = workspace.images()
    new = {name: i.sha256 for name, i in images.items() if i.sha256 and name not in known}
    if new:
        workspace.remember_images({**known, **new})


def compare(workspace: Workspace, images: Mapping[str, Image]) -> None:
    """Refuse images that are other ones than those that runs were submitted with.

    Raises
    ------
    UsageError
        Naming every environment whose image is another one than at its first submission.
    """
    known = workspace.images()
    problems = [
        f"software {name}: its image was {known[name][:12]} when runs were first submitted, and "
        f"{image.location} is {image.sha256[:12]}"
        for name, image in images.items()
        if image.sha256 is not None and known.get(name, image.sha256) != image.sha256
    ]
    if problems:
        raise UsageError(
            "\n".join(problems),
            hint="one name must not mean two images: bring the former image back, or give the new "
            "one a name of its own ([[software]] name = …, container or image as before)",
        )


def settled(workspace: Workspace, images: Mapping[str, Image]) -> dict[str, Image]:
    """Return ``images`` as they were when they were first submitted.

    An image that is another one by now has that one's digest, and no labels: nobody knows them.
    """
    known = workspace.images()
    return {
        name: image
        if known.get(name, image.sha256) == image.sha256
        else replace(image, sha256=known[name], labels={})
        for name, image in images.items()
    }
