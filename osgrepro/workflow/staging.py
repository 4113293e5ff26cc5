"""Images in OSDF: their names there, whether they are there, and the command that puts them there.

OSDF caches by name and for long, so a name must never come to mean other content: every name that
is made here ends in the first twelve digits of the image's sha256.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from osgrepro import apptainer
from osgrepro.errors import UsageError
from osgrepro.models import OSDF, Image
from osgrepro.texts import quoted

SCHEME = OSDF


class Staged(str, Enum):
    """How an image stands in OSDF; the value is what is printed."""

    THERE = "staged"
    MISSING = "not staged"
    OTHER = "other content"
    UNSEEN = "not seen from here"


def location(folder: str, stem: str, sha256: str) -> str:
    """Return the URL of an image in the OSDF folder ``folder``."""
    return f"{folder.rstrip('/')}/{stem}-{sha256[:12]}.sif"


def mounted(url: str) -> Path:
    """Return where an access point shows the file that ``url`` names."""
    return Path("/", url.removeprefix(SCHEME).lstrip("/"))


def look(image: Image, *, thorough: bool = False, root: Path = Path("/")) -> Staged:
    """Return how ``image`` stands where this machine shows OSDF's origin.

    Parameters
    ----------
    image : Image
        With a location in OSDF.
    thorough : bool
        Read the whole file instead of its size alone.
    root : Path
        Where the origin's folders begin.
    """
    path = root / mounted(image.location).relative_to("/")
    if not (root / path.relative_to(root).parts[0]).is_dir():
        return Staged.UNSEEN
    try:
        size = path.stat().st_size
    except OSError:
        return Staged.MISSING
    if image.file is not None and size != Path(image.file).stat().st_size:
        return Staged.OTHER
    if thorough and image.sha256 is not None and apptainer.digest(path) != image.sha256:
        return Staged.OTHER
    return Staged.THERE


def command(image: Image) -> str:
    """Return the shell command that puts ``image`` where its location says, whole or not at all."""
    source, url = quoted(Path(image.file or "")), image.location
    if not url.startswith(f"{SCHEME}/ospool/"):
        return f"pelican object put {source} {quoted(url)}"
    target = mounted(url)
    partial = target.with_name(f".{target.name}.partial")
    there, half = quoted(target), quoted(partial)
    return f"cp {source} {half} && mv {half} {there}"


def note(image: Image) -> None:
    """Remember beside an image of the cache that it was seen in OSDF."""
    if image.file is not None:
        apptainer.note_staged(Path(image.file), image.location)


def require(images: Iterable[Image], *, root: Path = Path("/")) -> None:
    """Refuse images that this machine could see in OSDF, and doesn't, or not with their content.

    Raises
    ------
    UsageError
        Naming every one, with the command that mends it.
    """
    problems, commands = [], []
    for image in images:
        state = look(image, thorough=True, root=root)
        if state is Staged.THERE:
            note(image)
        elif state is Staged.MISSING:
            problems.append(f"software {image.software}: {image.location} is not there yet")
            commands += [command(image)] if image.file else []
        elif state is Staged.OTHER:
            problems.append(
                f"software {image.software}: {image.location} has other content than the image "
                f"{image.file or image.sha256}; OSDF caches by name, so this name is spent"
            )
    if problems:
        advice = "remove what is broken, choose another folder in submit.staging"
        hint = "\n    ".join(["put it there:", *commands]) if commands else advice
        raise UsageError("\n".join(problems), hint=hint)
