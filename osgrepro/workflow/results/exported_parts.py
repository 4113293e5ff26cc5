"""The files of an exported crate: campaign, software, results, findings, and what was left out.

Called by ``exporting``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from osgrepro import report
from osgrepro.analysis.findings import Findings
from osgrepro.campaign import without_extra
from osgrepro.common import files
from osgrepro.results import crate
from osgrepro.results.crate import Part
from osgrepro.runs import inputs
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.software import images

MAX_DATA_BYTES = 100_000_000
_PARQUET = "application/vnd.apache.parquet"
_TEXT, _JSON, _BYTES = "text/plain", "application/json", "application/octet-stream"
_IMAGES, _REJECTED, _PAGE = "images.json", "rejected.parquet", "report.html"
# What a script or a data file of the campaign can't be named in the crate.
_TAKEN = frozenset(
    {crate.CAMPAIGN, crate.DATASET, crate.FINDINGS, crate.README, crate.METADATA}
    | {_IMAGES, _REJECTED, _PAGE, "software", "containers"}
)


def campaign_part(loaded: Loaded, left_out: list[str]) -> Part:
    """Return the campaign's file, less the extra lines of its submission."""
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


def software_parts(loaded: Loaded, place: Workspace) -> Iterator[Part]:
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


def file_parts(loaded: Loaded, left_out: list[str]) -> Iterator[Part]:
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


def result_parts(place: Workspace) -> Iterator[Part]:
    """Yield the dataset, and the results that were not taken."""
    for path, file, name in (
        (crate.DATASET, place.dataset_file, "The dataset: one row for each run"),
        (_REJECTED, place.rejected_file, "The results that were not taken, and why"),
    ):
        if file.is_file():
            yield Part(path=path, content=file, name=name, media_type=_PARQUET, role="result")


def finding_parts(analysed: Findings) -> Iterator[Part]:
    """Yield the findings, for programs and as a page."""
    page = report.page(analysed, ", ".join(analysed.data.campaigns))
    for name, text, title, kind in (
        (crate.FINDINGS, _pretty(report.document(analysed)), "What the analysis found", _JSON),
        (_PAGE, page.encode(), "The findings, as a page", "text/html"),
    ):
        yield Part(path=name, content=text, name=title, media_type=kind, role="finding")


def _input(path: str, content: bytes | Path, name: str, media_type: str) -> Part:
    return Part(path=path, content=content, name=name, media_type=media_type, role="input")


def _pretty(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
