"""Images elsewhere: whether they are there; those in OSDF, their names and how they get there.

OSDF caches by name and for long, so a name must never come to mean other content: every name that
is made here ends in the first twelve digits of the image's sha256.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from osgrepro.common.errors import UsageError
from osgrepro.common.models import CVMFS, OSDF, Image
from osgrepro.common.texts import quoted
from osgrepro.software import apptainer

SCHEME = OSDF


class Staged(str, Enum):
    """How an image stands that is, or shall be, elsewhere; the value is what is printed."""

    THERE = "there"
    MISSING = "not there"
    OTHER = "other content"
    UNSEEN = "not seen from here"


def location(folder: str, stem: str, sha256: str) -> str:
    """Return the URL of an image in the OSDF folder ``folder``."""
    return f"{folder.rstrip('/')}/{stem}-{sha256[:12]}.sif"


def mounted(url: str) -> Path:
    """Return where an access point shows the file that ``url`` names."""
    return Path("/", url.removeprefix(SCHEME).lstrip("/"))


def look(image: Image, *, root: Path = Path("/")) -> Staged:
    """Return how ``image`` stands where this machine shows OSDF's origin.

    Parameters
    ----------
    image : Image
        With a location in OSDF, in CVMFS, or in a registry; that one is never looked into.
    root : Path
        Where the origin's folders begin.
    """
    path = root / mounted(image.location).relative_to("/")
    elsewhere = image.location.startswith((SCHEME, CVMFS))
    if not elsewhere or not (root / path.relative_to(root).parts[0]).is_dir():
        return Staged.UNSEEN
    if image.location.startswith(CVMFS):  # a folder, whose content has no digest
        return Staged.THERE if path.is_dir() else Staged.MISSING
    try:
        size = path.stat().st_size
    except OSError:
        return Staged.MISSING
    differs = image.file is not None and size != Path(image.file).stat().st_size
    if not differs and image.sha256 is not None:
        differs = apptainer.digest(path) != image.sha256
    return Staged.OTHER if differs else Staged.THERE


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
    if image.file is not None and image.location.startswith(SCHEME):
        apptainer.note_staged(Path(image.file), image.location)


def require(images: Iterable[Image], *, unseen: bool = False, root: Path = Path("/")) -> None:
    """Refuse images elsewhere that this machine doesn't see, or not with their content.

    With ``unseen``, those pass for which it has no way to look. Images of a registry always do:
    no step of ours puts them there.

    Raises
    ------
    UsageError
        Naming every one, with the command that fixes it.
    """
    problems: list[str] = []
    hints: dict[str, None] = {}
    for image in images:
        if not image.location.startswith((SCHEME, CVMFS)):
            continue
        state = look(image, root=root)
        label = f"software {image.software}: {image.location}"
        if state is Staged.THERE:
            note(image)
        elif state is Staged.OTHER:
            problems.append(
                f"{label} has other content than the image {image.file or image.sha256}; OSDF "
                "caches by name, so this name can't be used again"
            )
            hints["remove what is broken, choose another folder in submit.staging"] = None
        elif state is Staged.MISSING or not unseen:
            problems.append(f"{label} is {state.value}")
            hints[_remedy(image, state)] = None
    if problems:
        raise UsageError("\n".join(problems), hint="\n    ".join(hints))


def _remedy(image: Image, state: Staged) -> str:
    """Return what puts ``image`` where it is looked for, or lets somebody vouch for it."""
    put = f"put it there: {command(image)}" if image.file else ""
    if state is Staged.MISSING:
        return put or "put it there, or correct `image` in the campaign"
    vouch = "submit where it is seen, or say --unseen if you know that it is there"
    return f"{put}\n    then {vouch}" if put else vouch
