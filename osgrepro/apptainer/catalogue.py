"""Reads the catalogue: one folder for each software environment, its parameters and its lock.

Called through the room's door; a fault of a folder is reported with every other one of it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from osgrepro import lockfile, toml
from osgrepro.errors import UsageError
from osgrepro.models import NAME_PATTERN

_HINT = "containers/README.md describes the files of an environment"

# These words go into a definition file and into command lines; their alphabets can leave neither.
Version = Annotated[str, Field(pattern=r"^\d+(\.\d+){1,3}([a-z0-9.+-]*)$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]*$")]
Line = Annotated[str, Field(pattern=r"^[^{}\x00-\x1f\x7f-\x9f\u2028\u2029]+$")]
Reference = Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9._/:-]*$")]
Requirement = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[\w,-]+\])?[\w.!=<>~,+*-]*$")
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class DebianBase(_Frozen):
    """A minimal Debian of one suite, made on this machine from its own mirror."""

    kind: Literal["debian"]
    suite: Word
    glibc: Annotated[str, Field(pattern=r"^2\.\d+$")]
    packages: Annotated[tuple[Word, ...], Field(min_length=1)]


class DockerBase(_Frozen):
    """An image of a registry, by its tag and, when it is known, by its digest."""

    kind: Literal["docker"]
    reference: Reference
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None


class Container(_Frozen):
    """One software environment of the catalogue.

    ``lock`` is the text of its ``requirements.txt``, the hash-locked closure of ``requirements``;
    both are empty where the base already holds everything.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    why: Line
    tensorflow: Version
    python: Annotated[str, Field(pattern=r"^3\.\d+\.\d+$")]
    cuda: Version | None = None
    cudnn: Version | None = None
    base: Annotated[DebianBase | DockerBase, Field(discriminator="kind")]
    requirements: tuple[Requirement, ...] = ()
    lock: str = ""


def load_all(folder: Path) -> dict[str, Container]:
    """Return every environment of the catalogue ``folder``, by name.

    Raises
    ------
    UsageError
        With every problem of every environment.
    """
    containers, problems = {}, []
    for path in sorted(folder.glob("*/container.toml")):
        try:
            containers[path.parent.name] = load(folder, path.parent.name)
        except UsageError as error:
            problems.append(error.message)
    if problems:
        raise UsageError("\n".join(problems), hint=_HINT)
    return containers


def load(folder: Path, name: str) -> Container:
    """Return the environment ``name`` of the catalogue ``folder``.

    Raises
    ------
    UsageError
        If there is none of that name, or with every problem that it has.
    """
    path = folder / name / "container.toml"
    # The name comes from a campaign: it must not walk out of the catalogue.
    if not re.match(NAME_PATTERN, name) or not path.is_file():
        there = ", ".join(sorted(p.parent.name for p in folder.glob("*/container.toml")))
        raise UsageError(
            f"there is no software environment {name!r} in {folder}",
            hint=f"it has: {there}" if there else _HINT,
        )
    content = toml.loads(_read(path), str(path))
    requirements = path.with_name("requirements.txt")
    lock = _read(requirements) if requirements.is_file() else ""
    own = sorted({"name", "lock"} & content.keys())
    problems = [f"{path}: {key}: this is no key of container.toml" for key in own]
    container = None
    try:
        # By way of JSON, because TOML knows arrays and strict validation wants tuples.
        text = json.dumps({**content, "name": name, "lock": lock}, default=str)
        container = Container.model_validate_json(text)
    except ValidationError as error:
        problems += [f"{path}: {_place(e['loc'])}: {e['msg']}" for e in error.errors()]
    if container is not None:
        problems += _lock_problems(container, requirements)
    if container is None or problems:
        raise UsageError("\n".join(problems), hint=_HINT)
    return container


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error


def _place(location: tuple[int | str, ...]) -> str:
    # The tag of the base's kind stands in pydantic's location, but not in the file.
    parts = [part for part in location if part not in ("debian", "docker")]
    return ".".join(str(part) for part in parts).replace("..", ".")


def _lock_problems(container: Container, path: Path) -> list[str]:
    """Return where the lock does not say what the parameters say."""
    if not container.lock:
        wants = container.requirements or isinstance(container.base, DebianBase)
        return [f"{path}: missing, or empty: it locks `requirements`"] if wants else []
    if isinstance(container.base, DockerBase):
        return [f"{path}: an environment on a docker base takes its packages from there"]
    try:
        pins = {pin.name: pin.version for pin in lockfile.parse(container.lock, str(path))}
    except UsageError as error:
        return [error.message]
    problems = []
    for requirement in container.requirements:
        name = lockfile.normalise(re.split(r"[\[=<>~!]", requirement)[0])
        exact = requirement.partition("==")[2]
        if name not in pins:
            problems.append(f"{path}: {name} is missing, but container.toml requires it")
        elif exact and pins[name] != exact:
            problems.append(
                f"{path}: {name} is locked to {pins[name]}, but container.toml says {exact}"
            )
    found = {pins.get(name) for name in ("tensorflow", "tensorflow-cpu")} - {None}
    if found != {container.tensorflow}:
        locked = ", ".join(sorted(v for v in found if v)) or "none"
        problems.append(
            f"{path}: locks TensorFlow {locked}, but container.toml says {container.tensorflow}"
        )
    if "pip" not in pins:
        problems.append(f"{path}: pip is missing: it installs the other packages in the image")
    return problems
