"""What an exported crate says of itself: its README, and the description in its metadata.

Called by ``exporting``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

import osgrepro
from osgrepro.analysis.findings import Findings
from osgrepro.results import crate, dataset
from osgrepro.results.crate import Author, Description, Part
from osgrepro.runs import render
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded


def readme(about: Description, parts: Sequence[Part], left_out: Sequence[str]) -> Part:
    """Return the README: what is in the crate, what was left out, and how to check it."""
    text = render.text(
        "crate/README.md.j2",
        name=about.name,
        text=about.text,
        version=about.version,
        parts=parts,
        left_out=left_out,
    )
    return Part(
        path=crate.README,
        content=text.encode(),
        name="What is in this crate, and how to check it",
        media_type="text/markdown",
        role="about",
    )


def description(
    loaded: Loaded,
    place: Workspace,
    analysed: Findings,
    license_: str | None,
    authors: Sequence[Author],
) -> Description:
    """Return what the metadata say of the crate as a whole."""
    columns = dataset.read(place.dataset_file, ["started_at", "ended_at"])
    times = [value for name in columns.column_names for value in columns[name].to_pylist() if value]
    campaign = loaded.campaign
    seeds = len(campaign.seeds)
    return Description(
        name=campaign.name,
        text=f"{len(campaign.experiments)} experiments on {len(campaign.hardware)} hardware and "
        f"{len(campaign.software)} software environments, "
        f"{f'{seeds} seeds, ' if seeds > 1 else ''}{campaign.repeats} repeats each: "
        f"{analysed.data.rows} results, what they say, and everything that a rerun needs."
        f"{_of_former_definitions(analysed)}",
        version=osgrepro.__version__,
        published=_iso(datetime.now(timezone.utc)),
        started=_iso(min(times)) if times else None,
        ended=_iso(max(times)) if times else None,
        license=license_,
        authors=tuple(authors),
    )


def _of_former_definitions(analysed: Findings) -> str:
    """Return, for a text, that the dataset has runs that the findings are not of."""
    former = sum(definition.rows - definition.analysed for definition in analysed.definitions)
    return f" {former} more in the dataset are of former definitions." if former else ""


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
