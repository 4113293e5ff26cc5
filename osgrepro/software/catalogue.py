"""Reads the catalogue: one folder for each software environment, its parameters and its lock.

Called through the room's door; a fault of a folder is reported with every other one of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from osgrepro.common import texts, toml
from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.common.models import NAME_PATTERN
from osgrepro.common.texts import command
from osgrepro.software import lockfile

_HINT = "`osgrepro help containers` describes the files of an environment"

# These words go into a definition file and into command lines; their alphabets can leave neither.
Version = Annotated[str, Field(pattern=r"^\d+(\.\d+){1,3}([a-z0-9.+-]*)$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]*$")]
Line = Annotated[str, Field(pattern=r"^[^{}\x00-\x1f\x7f-\x9f\u2028\u2029]+$")]
Reference = Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9._/:-]*$")]
Requirement = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[\w,-]+\])?[\w.!=<>~,+*-]*$")
]


Glibc = Annotated[str, Field(pattern=r"^2\.\d+$")]

Backend = Literal["tensorflow", "jax", "torch"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)
# Which packages may bring what container.toml gives a version of.
_PACKAGES = {
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "jax": ("jax",),
    "torch": ("torch",),
    "keras": ("keras",),
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class DebianBase(_Frozen):
    """A minimal Debian of one suite, made on this machine from its own mirror."""

    kind: Literal["debian"]
    suite: Word
    glibc: Glibc
    packages: Annotated[tuple[Word, ...], Field(min_length=1)]

    @property
    def words(self) -> str:
        """What it is, for people."""
        return f"Debian {self.suite}"


class DockerBase(_Frozen):
    """An image of a registry, by its tag and, when it is known, by its digest.

    ``packages`` are added with the image's own package manager, apt; ``glibc`` is the C library
    that the wheels of a lock have to fit.
    """

    kind: Literal["docker"]
    reference: Reference
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    packages: tuple[Word, ...] = ()
    glibc: Glibc | None = None

    @property
    def words(self) -> str:
        """What it is, for people, and whether it can come to mean other bytes."""
        pinned = self.digest or "by its tag: not pinned"
        return f"docker://{self.reference} ({pinned})"


class Container(_Frozen):
    """One software environment of the catalogue.

    Exactly one of ``tensorflow``, ``jax`` and ``torch`` is given. ``lock`` is the text of its
    ``requirements.txt``, the hash-locked closure of ``requirements``; both are empty where the
    base already holds everything.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    why: Line
    tensorflow: Version | None = None
    jax: Version | None = None
    torch: Version | None = None
    keras: Version | None = None
    python: Annotated[str, Field(pattern=r"^3\.\d+\.\d+$")]
    cuda: Version | None = None
    cudnn: Version | None = None
    base: Annotated[DebianBase | DockerBase, Field(discriminator="kind")]
    requirements: tuple[Requirement, ...] = ()
    lock: str = ""

    @property
    def backend(self) -> Backend:
        """What computes: TensorFlow, or what Keras stands on."""
        return next(name for name in BACKENDS if getattr(self, name) is not None)

    @property
    def framework(self) -> str:
        """The version of the backend."""
        return str(getattr(self, self.backend))

    @property
    def base_pinned(self) -> bool | None:
        """Whether a registry's base is named by its digest; None where the base is made here."""
        return self.base.digest is not None if isinstance(self.base, DockerBase) else None

    @property
    def glibc(self) -> str:
        """The C library that wheels have to fit; empty where there are none to install."""
        return self.base.glibc or ""

    @property
    def lock_header(self) -> str:
        """The first line of a lock of these parameters."""
        return lockfile.header(self.requirements, python=self.python, glibc=self.glibc)


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


def lock_problems(container: Container, path: Path) -> list[str]:
    """Return where the container's lock, at ``path``, does not say what its parameters say."""
    if not container.requirements:
        needless = f"{path}: container.toml has no `requirements` that this lock file could be of"
        return [needless] if container.lock else []
    remedy = f"`{command('osgrepro', 'lock', path.parent)}`"
    if not container.lock:
        return [f"{path}: missing, or empty: {remedy} makes it from `requirements`"]
    try:
        pins = {pin.name: pin.version for pin in lockfile.parse(container.lock, str(path))}
    except UsageError as error:
        return [error.message]
    if container.lock.splitlines()[0] != container.lock_header:
        changed = "was made from other requirements, python or glibc than container.toml has now"
        return [f"{path}: {changed}: {remedy} makes it again"]
    problems = []
    for requirement in container.requirements:
        name = lockfile.normalise(re.split(r"[\[=<>~!]", requirement)[0])
        exact = re.search(r"==([\w.!+-]+)$", requirement)
        if name not in pins:
            problems.append(f"{name} is missing, but container.toml requires it")
        elif exact and pins[name] != exact[1]:
            problems.append(f"{name} is locked to {pins[name]}, but container.toml says {exact[1]}")
    problems += _version_problems(container, pins)
    if "pip" not in pins:
        problems.append("pip is missing: it installs the other packages in the image")
    return [f"{path}: {problem}" for problem in problems]


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
    if sum(name in content for name in BACKENDS) != 1:
        problems.append(f"{', '.join(BACKENDS)}: give the version of exactly one of them")
    elif "tensorflow" not in content and "keras" not in content:
        problems.append("keras: give its version, because there is no TensorFlow to bring it")
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


def _version_problems(container: Container, pins: Mapping[str, str]) -> list[str]:
    """Return which of the versions that container.toml declares the lock does not have."""
    declared: dict[str, str] = {container.backend: container.framework}
    if container.keras is not None:
        declared["keras"] = container.keras
    problems = []
    for name, version in declared.items():
        locked_versions = {pins[package] for package in _PACKAGES[name] if package in pins}
        if locked_versions != {version}:
            locked = " and ".join(sorted(locked_versions)) or "none"
            problems.append(f"locks {name} {locked}, but container.toml says {version}")
    return problems
