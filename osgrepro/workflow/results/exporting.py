"""The verb ``export``: a campaign and everything about it in one folder that others can check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import orjson

import osgrepro
from osgrepro import report
from osgrepro.analysis import findings
from osgrepro.analysis.findings import Findings
from osgrepro.campaign import current_definitions, without_extra
from osgrepro.common import files
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command
from osgrepro.results import crate, dataset
from osgrepro.results.crate import Author, Description, Part
from osgrepro.runs import inputs, render
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.results import analyzing
from osgrepro.workflow.software import images

MAX_DATA_BYTES = 100_000_000
_TEXT, _JSON, _BYTES = "text/plain", "application/json", "application/octet-stream"
_PARQUET = "application/vnd.apache.parquet"
_IMAGES, _REJECTED, _PAGE = "images.json", "rejected.parquet", "report.html"
# What a script or a data file of the campaign can't be named in the crate.
_TAKEN = frozenset(
    {crate.CAMPAIGN, crate.DATASET, crate.FINDINGS, crate.README, crate.METADATA}
    | {_IMAGES, _REJECTED, _PAGE, "software", "containers"}
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
        _campaign(loaded, left_out),
        *_software(loaded, place),
        *_files(loaded, left_out),
        *_results(place),
        *_findings(analysed),
    ]
    about = _about(loaded, place, analysed, license_, authors)
    parts = list({part.path: part for part in parts}.values())
    parts.append(_readme(about, parts, left_out))
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


def author(text: str) -> Author:
    """Read ``NAME`` or ``NAME <URL>``.

    Raises
    ------
    UsageError
        If it reads otherwise.
    """
    match = re.fullmatch(r"\s*([^<>]+?)\s*(?:<(https?://[^<>\s]+)>)?\s*", text)
    if match is None:
        raise UsageError(
            f"--author {text}: not of the form NAME <URL>",
            hint='such as "Ada Lovelace <https://orcid.org/…>"',
        )
    return Author(name=match[1], url=match[2])


def _campaign(loaded: Loaded, left_out: list[str]) -> Part:
    name = f"The campaign {loaded.campaign.name}"
    content: bytes | Path = loaded.path
    if loaded.campaign.submit.extra:
        text = without_extra(loaded.path.read_text(encoding="utf-8"), crate.CAMPAIGN)
        if text is None:
            left_out.append(
                "a campaign without submit.extra, which could not be removed: edit the file"
            )
        else:
            content = text.encode()
    return Part(
        path=crate.CAMPAIGN,
        content=content,
        name=name,
        media_type="application/toml",
        role="campaign",
        like=loaded.path,
    )


def _software(loaded: Loaded, place: Workspace) -> Iterator[Part]:
    """Yield each image's definition, its facts, and the folder of the catalogue it came from."""
    states = images.states(loaded.campaign, loaded.path.parent)
    used = place.images()
    image_facts = {
        name: {
            "location": state.location,
            "sha256": used.get(name) or (state.image.sha256 if state.image else None),
        }
        for name, state in states.items()
    }
    yield _input(_IMAGES, _pretty(image_facts), "The images that the runs used", _JSON)
    for name, state in states.items():
        if state.plan is None:
            continue
        definition = state.plan.definition.encode()
        yield _input(f"software/{name}.def", definition, f"Apptainer definition of {name}", _TEXT)
        if state.plan.facts_file.is_file():
            content = state.plan.facts_file.read_bytes()
            yield _input(f"software/{name}.lock.json", content, f"What the image {name} is", _JSON)
        for file in _folder_of(state.plan.container.name, loaded.path.parent):
            path = f"containers/{state.plan.container.name}/{file.name}"
            yield _input(path, file, f"{file.name} of the container {name}", _TEXT)


def _folder_of(container: str, home: Path) -> list[Path]:
    folders = [root / container for root in images.catalogues(home)]
    first = next((folder for folder in folders if folder.is_dir()), None)
    return sorted(path for path in first.iterdir() if path.is_file()) if first else []


def _files(loaded: Loaded, left_out: list[str]) -> Iterator[Part]:
    """Yield scripts and data that a replay needs; tell ``left_out`` what it will lack."""
    home = loaded.path.parent
    code = [
        (code_file.path, "Script", code_file.sha256, code_file.entry)
        for code_file in loaded.matrix.code.values()
        if code_file.path
    ]
    data = [
        (data_file.path, "Data", data_file.sha256, inputs.path_in(data_file.spec) or "")
        for several in loaded.matrix.data.values()
        for data_file in several
        if data_file.path is not None and not data_file.sample
    ]
    for path, kind, sha256, named in dict.fromkeys([*code, *data]):
        if not path.is_file():
            left_out.append(f"{path}: is missing")
        elif not path.resolve().is_relative_to(home.resolve()):
            left_out.append(f"{path}: lies outside the campaign's folder (sha256 {sha256})")
        elif (why := files.outside(home, named)) is not None:
            left_out.append(f"{path}: {why} in the campaign; name it from the campaign's folder")
        elif path.stat().st_size > MAX_DATA_BYTES:
            left_out.append(f"{path}: is larger than 100 MB (sha256 {sha256})")
        elif (inside := path.resolve().relative_to(home.resolve())).parts[0] in _TAKEN:
            left_out.append(f"{path}: the crate has something else named {inside.parts[0]}")
        else:
            yield _input(inside.as_posix(), path, f"{kind} {path.name}", _BYTES)


def _results(place: Workspace) -> Iterator[Part]:
    for path, file, name in (
        (crate.DATASET, place.dataset_file, "The dataset: one row for each run"),
        (_REJECTED, place.rejected_file, "The results that were not taken, and why"),
    ):
        if file.is_file():
            yield Part(path=path, content=file, name=name, media_type=_PARQUET, role="result")


def _findings(analysed: Findings) -> Iterator[Part]:
    page = report.page(analysed, ", ".join(analysed.data.campaigns))
    for name, text, title, kind in (
        (crate.FINDINGS, _pretty(findings.to_json(analysed)), "What the analysis found", _JSON),
        (_PAGE, page.encode(), "The findings, as a page", "text/html"),
    ):
        yield Part(path=name, content=text, name=title, media_type=kind, role="finding")


def _input(path: str, content: bytes | Path, name: str, media_type: str) -> Part:
    return Part(path=path, content=content, name=name, media_type=media_type, role="input")


def _pretty(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _readme(about: Description, parts: Sequence[Part], left_out: Sequence[str]) -> Part:
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


def _about(
    loaded: Loaded,
    place: Workspace,
    analysed: Findings,
    license_: str | None,
    authors: Sequence[Author],
) -> Description:
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
