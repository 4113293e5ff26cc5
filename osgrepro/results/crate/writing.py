"""A crate is written: all of its folder or nothing.

Source: Workflow Run RO-Crate 0.5, https://w3id.org/ro/wfrun/workflow/0.5, which builds on RO-Crate
1.1 and on the profiles Process Run Crate 0.5 and Workflow RO-Crate 1.0.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rocrate.model import ContextEntity
from rocrate.model.computerlanguage import ComputerLanguage
from rocrate.rocrate import ROCrate

from osgrepro.common import files
from osgrepro.common.errors import UsageError
from osgrepro.results.crate.parts import Author, Description, Part

_PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
)
# Given in the file itself, so that a reader needs no further context from the network.
_TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
_SPDX = "https://spdx.org/licenses/"


def write(folder: Path, about: Description, parts: Sequence[Part]) -> None:
    """Make the crate ``folder`` of ``parts``, one of which has the role ``campaign``.

    Raises
    ------
    UsageError
        If ``folder`` already exists and holds something, or can't be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: already exists", hint="name a new folder for the crate")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
            inside = Path(beside) / "crate"
            for part in parts:
                _put(inside / part.path, part)
            _metadata(inside, about, parts).metadata.write(inside)
            inside.replace(folder)
    except OSError as error:
        raise UsageError(
            f"{folder}: {error.strerror or error}",
            hint="nothing is left of it; free some space, for example",
        ) from error


def _put(target: Path, part: Part) -> None:
    """Write a part with the rights of what it was made of: no more readable than its source."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(part.content, Path):
        shutil.copy(part.content, target)
    elif part.like is None:
        target.write_bytes(part.content)
    else:
        target.touch(mode=0o600)
        target.write_bytes(part.content)
        shutil.copymode(part.like, target)


def _metadata(inside: Path, about: Description, parts: Sequence[Part]) -> Any:
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(_TERMS)
    crate.name, crate.description, crate.datePublished = about.name, about.text, about.published
    crate.license = _license(crate, about.license)
    crate.root_dataset["conformsTo"] = [
        crate.add(ContextEntity(crate, url, properties=_work(name, version=version)))
        for url, name, version in _PROFILES
    ]
    authors = [
        crate.add(_person(crate, number, author)) for number, author in enumerate(about.authors)
    ]
    if authors:
        crate.root_dataset["author"] = _plain(authors)
    tool = crate.add(_tool(crate, about.version))
    made = {part.path: _file(crate, inside, part) for part in parts}
    for readme in _of(parts, made, "about"):
        readme["about"] = crate.root_dataset
    actions = _actions(crate, about, parts, made, tool)
    for action in actions if authors else ():
        action["agent"] = _plain(authors)
    crate.root_dataset["mentions"] = actions
    return crate


def _file(crate: Any, inside: Path, part: Part) -> Any:
    source = inside / part.path
    properties = {
        "name": part.name,
        "encodingFormat": part.media_type,
        "contentSize": str(source.stat().st_size),
        "sha256": files.sha256(source),
    }
    if part.role != "campaign":
        return crate.add_file(source, part.path, properties=properties)
    language = crate.add(
        ComputerLanguage(
            crate,
            "#campaign-file",
            properties={"name": "osgrepro campaign file", "url": {"@id": "https://toml.io/"}},
        )
    )
    return crate.add_workflow(source, part.path, main=True, lang=language, properties=properties)


def _actions(
    crate: Any, about: Description, parts: Sequence[Part], made: dict[str, Any], tool: Any
) -> list[Any]:
    """Add what was done, the runs and their analysis, and return it."""
    of = {role: _of(parts, made, role) for role in ("campaign", "input", "result", "finding")}
    times = {"startTime": about.started, "endTime": about.ended}
    runs = crate.add_action(
        of["campaign"][0],
        identifier="#runs",
        object=of["input"],
        result=_plain(of["result"]),
        properties={
            "@type": "CreateAction",
            "name": f"The runs of {about.name}",
            "description": "Each run trained once in its image, on a slot of an HTCondor pool.",
            **{name: time for name, time in times.items() if time is not None},
        },
    )
    analysis = crate.add_action(
        tool,
        identifier="#analysis",
        object=_plain(of["result"]),
        result=_plain(of["finding"]),
        properties={
            "@type": "CreateAction",
            "name": f"The analysis of {about.name}",
            "description": "What the dataset says, computed from it alone.",
            "endTime": about.published,
        },
    )
    return [runs, analysis]


def _of(parts: Iterable[Part], made: dict[str, Any], role: str) -> list[Any]:
    return [made[part.path] for part in parts if part.role == role]


def _plain(values: list[Any]) -> Any:
    """Return the only value, or all: RO-Crate wants no list of one."""
    return values[0] if len(values) == 1 else values


def _tool(crate: Any, version: str) -> Any:
    properties = {
        "@type": "SoftwareApplication",
        "name": "osgrepro",
        "softwareVersion": version,
        "description": "Runs an experiment on many kinds of hardware and software over HTCondor, "
        "and says whether its conclusion survives.",
    }
    return ContextEntity(crate, "#osgrepro", properties=properties)


def _person(crate: Any, number: int, author: Author) -> Any:
    properties = {"@type": "Person", "name": author.name}
    return ContextEntity(crate, author.url or f"#author-{number + 1}", properties=properties)


def _license(crate: Any, stated: str | None) -> Any:
    if stated is None:
        none = _work("No licence is stated", description="Ask the crate's author.")
        return crate.add(ContextEntity(crate, "#no-licence", properties=none))
    url = stated if "://" in stated else f"{_SPDX}{stated}"
    properties = _work(stated, description=f"See {url}")
    return crate.add(ContextEntity(crate, url, properties=properties))


def _work(name: str, **more: str) -> dict[str, str]:
    return {"@type": "CreativeWork", "name": name, **more}
