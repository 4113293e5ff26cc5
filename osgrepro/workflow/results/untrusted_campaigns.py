"""What a stranger's campaign may name: nothing outside of the crate that it came in.

Called before a crate's campaign is loaded and run: a campaign of one's own may read any file, but
one from elsewhere could take this machine's files along, or run what nobody vouches for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from osgrepro.common import files
from osgrepro.common.models import CVMFS, REMOTE_IMAGES, Campaign, Software
from osgrepro.runs import inputs

HINT = "do not trust this crate: `osgrepro export` never writes such a crate"


def problems(campaign: Campaign, crate: Path) -> Iterator[str]:
    """Yield what the campaign of the folder ``crate`` names and may not, each with its place."""
    for index, experiment in enumerate(campaign.experiments):
        place = f"experiment[{index}]"
        if ":" not in experiment.entry:
            yield from _outside(crate, experiment.entry, f"{place}.entry ({experiment.name})")
        for number, spec in enumerate(experiment.data):
            if (path := inputs.path_in(spec)) is not None:
                yield from _outside(crate, path, f"{place}.data[{number}] ({experiment.name})")
    for index, software in enumerate(campaign.software):
        yield from _software(software, crate, f"software[{index}]")
    if campaign.submit.extra:
        yield (
            "submit.extra: a crate must not contain submit commands; `osgrepro export` leaves them "
            "out"
        )


def _software(software: Software, crate: Path, place: str) -> Iterator[str]:
    image = software.image
    if image is None:
        folder = f"containers/{software.container or software.name}"
        for name in (folder, f"{folder}/container.toml", f"{folder}/requirements.txt"):
            yield from _outside(crate, name, f"{place} ({software.name})")
    elif not image.startswith(REMOTE_IMAGES):
        yield from _outside(crate, image, f"{place}.image ({software.name})")
    elif image.startswith(CVMFS):
        name = image.removeprefix(CVMFS).lstrip("/")
        if files.outside(Path(CVMFS), name) is not None:
            yield f"{place}.image ({software.name}): {image!r:.200} leads out of CVMFS"


def unsealed(campaign: Campaign, crate: Path, sealed: Collection[str]) -> Iterator[str]:
    """Yield what the campaign would use of the folder ``crate`` and no sha256 vouches for.

    It also holds for hidden files, which ``verify`` passes over as the system's own.
    """
    for name in sorted(set(_used(campaign, crate))):
        if files.is_file(crate / name) and name not in sealed:
            yield f"{name}: has no sha256 in the crate's metadata"


def _used(campaign: Campaign, crate: Path) -> Iterator[str]:
    named = [experiment.entry for experiment in campaign.experiments if ":" not in experiment.entry]
    named += [
        path
        for experiment in campaign.experiments
        for spec in experiment.data
        if (path := inputs.path_in(spec)) is not None
    ]
    for software in campaign.software:
        if software.image is not None:
            named += [] if software.image.startswith(REMOTE_IMAGES) else [software.image]
            continue
        folder = crate / "containers" / (software.container or software.name)
        named += [str(file.relative_to(crate)) for file in folder.glob("*")]
    for name in named:
        yield Path(name).as_posix()


def _outside(crate: Path, name: str, place: str) -> Iterator[str]:
    if (why := files.outside(crate, name)) is not None:
        yield f"{place}: {name!r:.200} {why}; whatever a crate uses must lie inside it"
