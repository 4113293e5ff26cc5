"""Bring the file that a campaign names: fetched, generated or as the user has it, and verified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from osgrepro.common.errors import InputError
from osgrepro.common.files import beside, folder_mode, mode_of_copy
from osgrepro.common.models import DataFile, Notify, Progress, silent
from osgrepro.runs.inputs import generators
from osgrepro.runs.inputs.download import Open, download, open_address
from osgrepro.runs.inputs.files import copy, room_in, sha256_of
from osgrepro.runs.inputs.known_data import KERAS

_GENERATORS: dict[str, Callable[[], bytes]] = {
    "sample:digits": generators.digits,
    "sample:reviews": generators.reviews,
    "sample:transactions": generators.transactions,
}


def fetch(
    data: DataFile, cache: Path, notify: Notify = silent, *, opened: Open = open_address
) -> Path:
    """Return where the content of ``data`` lies on this machine, verified.

    Parameters
    ----------
    data : DataFile
        What ``describe`` returned.
    cache : Path
        osgrepro's cache folder; what is fetched or generated is kept in its folder ``data``. A
        user's own file stays where it is.
    notify : Notify
        Takes progress.
    opened : callable
        Asks for an address; a test gives its own.

    Raises
    ------
    InputError
        If the file is missing, can't be fetched, has other bytes, or there is no room.
    """
    place = data.path or cache / "data" / data.file_name
    known = KERAS.get(data.spec)
    if data.path is None and not (place.is_file() and sha256_of(place) == data.sha256):
        if known is not None:
            return download(known.address, known.sha256, place, notify, opened)
        notify(Progress(what=f"making {data.file_name}"))
        with room_in(place.parent), beside(place) as part:
            part.write_bytes(_GENERATORS[data.spec]())
    if not place.is_file():
        raise InputError(f"data: {place} is not there", hint="Check the path in the campaign.")
    actual = sha256_of(place)
    if actual != data.sha256:
        raise InputError(
            f"{place} has sha256 {actual}, not {data.sha256}",
            hint="Put the right file there, or correct the campaign's #sha256=.",
        )
    return place


def stage(
    data: DataFile,
    folder: Path,
    cache: Path,
    notify: Notify = silent,
    *,
    opened: Open = open_address,
) -> Path:
    """Return the path in ``folder`` under which ``data`` lies, verified, whole or not at all.

    A file that already exists with the right sha256 stays; parameters and errors as
    :func:`fetch`.
    """
    target = folder / data.file_name
    mode = 0o644 if data.path is None else mode_of_copy(data.path)
    if target.is_file() and sha256_of(target) == data.sha256:
        _tighten(target, mode)
        return target
    source = fetch(data, cache, notify, opened=opened)
    with room_in(folder, folder_mode(mode)):
        # Nobody edits what lies in the cache, so that it need not lie on the disk twice.
        copy(source, target, link=data.path is None)
    return target


def _tighten(target: Path, mode: int) -> None:
    """Take everyone's rights from a copy that an older osgrepro made of a private file."""
    now = target.stat().st_mode
    if now & ~mode & 0o077:
        target.chmod(now & ~0o077)
