"""The verb ``export``: a campaign and everything about it in one folder that others can check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from osgrepro.campaign import current_definitions
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command
from osgrepro.results import crate, dataset
from osgrepro.results.crate import Author
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.results import analyzing
from osgrepro.workflow.results.crate_description import description, readme
from osgrepro.workflow.results.exported_parts import (
    campaign_part,
    file_parts,
    finding_parts,
    result_parts,
    software_parts,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """The crate that was made, how many files it has, and what it lacks for a replay, and why."""

    folder: Path
    files: int
    left_out: tuple[str, ...]


def export(
    loaded: Loaded,
    place: Workspace,
    folder: Path,
    *,
    license_: str | None = None,
    authors: Sequence[Author] = (),
) -> Exported:
    """Write campaign, images' definitions and facts, data, dataset, findings and report.

    What a campaign reads goes along if it lies below the campaign file's folder, at the same
    place, so that the crate's campaign file finds it again; files above 100 MB stay behind.

    Parameters
    ----------
    loaded : Loaded
        The campaign.
    place : Workspace
        Its folder, with the dataset.
    folder : Path
        The crate: a new folder, or an empty one.
    license_ : str, optional
        Under what the crate is published: an SPDX identifier or a URL.
    authors : sequence of Author
        Who made it.

    Raises
    ------
    UsageError
        If nothing was collected yet, or ``folder`` holds something.
    """
    if not place.dataset_file.is_file():
        raise UsageError(
            f"{place.dataset_file}: no such file",
            hint=f"`{command('osgrepro', 'collect', loaded.source)}` makes it from the results",
        )
    analysed = analyzing.analyze(place.dataset_file)
    left_out = list(_changed(loaded, place))
    parts = [
        campaign_part(loaded, left_out),
        *software_parts(loaded, place),
        *file_parts(loaded, left_out),
        *result_parts(place),
        *finding_parts(analysed),
    ]
    about = description(loaded, place, analysed, license_, authors)
    parts = list({part.path: part for part in parts}.values())
    parts.append(readme(about, parts, left_out))
    crate.write(folder, about, parts)
    return Exported(folder=folder, files=len(parts), left_out=tuple(left_out))


def _changed(loaded: Loaded, place: Workspace) -> Iterator[str]:
    """Yield what the dataset can't tell of the campaign, where that was changed since."""
    known = dataset.definitions(place.dataset_file)
    if known is not None and known != current_definitions(loaded.matrix):
        yield (
            f"{loaded.path.name}: has changed since the last `osgrepro collect`: the findings are "
            "of what the campaign said then"
        )
