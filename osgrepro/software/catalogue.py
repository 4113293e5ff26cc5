"""Reads the catalogue: one folder for each software environment, its parameters and its lock.

Called through the room's door; a fault of a folder is reported with every other one of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from osgrepro.common import texts, toml
from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.common.models import NAME_PATTERN
from osgrepro.software.containers import BACKENDS, Container
from osgrepro.software.lock_check import lock_problems

_HINT = "`osgrepro help containers` describes the files of an environment"


def load_all(folders: Sequence[Path]) -> dict[str, Container]:
    """Return every environment of the catalogues ``folders``, by name; the first of a name counts.

    Raises
    ------
    UsageError
        With every problem of every environment.
    """
    containers, problems = {}, []
    for name in _names(folders):
        try:
            containers[name] = load(folders, name)
        except UsageError as error:
            problems.append(error.message)
    if problems:
        raise UsageError("\n".join(problems), hint=_HINT)
    return containers


def load(folders: Sequence[Path], name: str) -> Container:
    """Return the environment ``name`` of the first of the catalogues ``folders`` that has it.

    A folder that isn't there is an empty catalogue.

    Raises
    ------
    UsageError
        If there is none of that name, or with every problem that it has.
    """
    folder = find(folders, name)
    container, problems = _parse(folder)
    if container is not None:
        problems += lock_problems(container, folder / "requirements.txt")
    if container is None or problems:
        raise UsageError("\n".join(problems), hint=_HINT)
    return container


def find(folders: Sequence[Path], name: str) -> Path:
    """Return the folder of the environment ``name``.

    Raises
    ------
    UsageError
        If none of the catalogues has it; it says what they have.
    """
    # The name comes from a campaign: it must not walk out of the catalogue.
    if re.match(NAME_PATTERN, name):
        for folder in folders:
            if (folder / name).is_dir():
                return folder / name
    there = _names(folders)
    raise UsageError(
        f"there is no software environment {name!r} in {' or '.join(map(str, folders))}"
        f"{did_you_mean(name, there)}",
        hint=f"there are: {', '.join(there)}" if there else _HINT,
    )


def parameters(folder: Path) -> Container:
    """Return the environment of one folder, whatever its lock says.

    Raises
    ------
    UsageError
        With every problem of its ``container.toml``.
    """
    container, problems = _parse(folder)
    if container is None or problems:
        raise UsageError("\n".join(problems), hint=_HINT)
    return container


def _names(folders: Sequence[Path]) -> list[str]:
    return sorted({p.parent.name for folder in folders for p in folder.glob("*/container.toml")})


def _parse(folder: Path) -> tuple[Container | None, list[str]]:
    """Return what ``container.toml`` says, and every problem of it."""
    path, requirements = folder / "container.toml", folder / "requirements.txt"
    content = toml.loads(_read(path), str(path))
    lock = _read(requirements) if requirements.is_file() else ""
    own = sorted({"name", "lock"} & content.keys())
    problems = [f"{key}: not a key of container.toml" for key in own]
    problems += _contradictions(content)
    container = None
    try:
        # By way of JSON, because TOML knows arrays and strict validation wants tuples.
        text = json.dumps({**content, "name": folder.name, "lock": lock}, default=str)
        container = Container.model_validate_json(text)
    except ValidationError as error:
        problems += [f"{_place(e['loc'])}: {e['msg']}" for e in error.errors()]
    return container, [f"{path}: {problem}" for problem in problems]


def _contradictions(content: Mapping[str, Any]) -> list[str]:
    """Return what is wrong between keys, of which each may be right on its own."""
    problems = []
    frameworks = [name for name in BACKENDS if name in content]
    if len(frameworks) > 1:
        problems.append(f"{', '.join(frameworks)}: give the version of one framework")
    elif "keras" in content and not frameworks:
        problems.append(f"keras: give the version of what it stands on: {', '.join(BACKENDS)}")
    base = content.get("base")
    kind = base.get("kind") if isinstance(base, dict) else None
    if kind == "debian" and not content.get("requirements"):
        problems.append("requirements: a debian base has no packages of Python: name them")
    if kind == "docker" and content.get("requirements") and "glibc" not in content["base"]:
        problems.append("base.glibc: `requirements` are locked for a C library: give its version")
    return problems


def _read(path: Path) -> str:
    try:
        return texts.decoded(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error


def _place(location: tuple[int | str, ...]) -> str:
    # The tag of the base's kind stands in pydantic's location, but not in the file.
    parts = [part for part in location if part not in ("debian", "docker")]
    return ".".join(str(part) for part in parts).replace("..", ".")
