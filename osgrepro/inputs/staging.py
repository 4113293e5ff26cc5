"""Put the file that a campaign names into a folder: fetched, generated, or copied, and verified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from osgrepro.errors import InputError
from osgrepro.inputs import generators
from osgrepro.inputs.catalogue import KERAS, SAMPLES
from osgrepro.inputs.download import Open, fetch, open_address
from osgrepro.inputs.files import beside, copy, room_in, sha256_of
from osgrepro.models import DataFile, Notify, Progress, silent

_GENERATORS: dict[str, Callable[[Path], bytes]] = {
    "sample:digits": generators.digits,
    "sample:reviews": generators.reviews,
    "sample:transactions": generators.transactions,
}


def stage(
    data: DataFile,
    folder: Path,
    cache: Path,
    notify: Notify = silent,
    *,
    samples: Path,
    opened: Open = open_address,
) -> Path:
    """Return the path in ``folder`` under which ``data`` lies, verified.

    Parameters
    ----------
    data : DataFile
        What ``describe`` returned.
    folder : Path
        Where the file is wanted, under its own name; one that is there with the right sha256 stays.
    cache : Path
        osgrepro's cache folder; what is fetched or generated is kept in its folder ``data``.
    notify : Notify
        Takes progress.
    samples : Path
        The shipped folder ``samples``.
    opened : callable
        Asks for an address; a test gives its own.

    Raises
    ------
    InputError
        If the file is missing, can't be fetched, has other bytes, or there is no room.
    """
    target = folder / data.file_name
    if target.is_file() and sha256_of(target) == data.sha256:
        return target
    source, ours = _source(data, cache / "data", notify, samples, opened)
    found = sha256_of(source)
    if found != data.sha256:
        raise InputError(
            f"{source} has sha256 {found}, not {data.sha256}",
            hint="Put the right file there, or correct the campaign's #sha256=.",
        )
    with room_in(folder):
        copy(source, target, link=ours)
    return target


def _source(
    data: DataFile, cache: Path, notify: Notify, samples: Path, opened: Open
) -> tuple[Path, bool]:
    """Return where the content lies, and whether that is a file of ours, which nobody edits."""
    if data.path is not None:
        if not data.path.is_file():
            raise InputError(f"data: {data.path} is not there", hint="Check the path.")
        return data.path, False
    place = cache / data.file_name
    if place.is_file() and sha256_of(place) == data.sha256:
        return place, True
    if data.spec in SAMPLES:
        notify(Progress(what=f"making {data.file_name}"))
        with room_in(cache), beside(place) as part:
            part.write_bytes(_GENERATORS[data.spec](samples))
        return place, True
    known = KERAS.get(data.spec)
    if known is None or known.address is None:
        raise InputError(f"data: {data.spec} has neither a path nor an address")
    return fetch(known.address, known.sha256, place, notify, opened), True
