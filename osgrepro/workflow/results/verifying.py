"""The verb ``verify``: is a crate whole, and do its findings follow from its data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from osgrepro.analysis import findings
from osgrepro.analysis.findings import Difference, differences
from osgrepro.common import files
from osgrepro.common.errors import InputError
from osgrepro.results import crate
from osgrepro.workflow.results import analyzing, untrusted_campaigns


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What a crate is worth: its damaged files, and where its findings differ from new ones."""

    files: int
    damaged: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def sound(self) -> bool:
        """Whether every file is as it was and the findings follow from the data."""
        return not self.damaged and not self.differences


def verify(folder: Path) -> Verified:
    """Check each file of a crate against its sha256, and analyse its dataset again.

    Raises
    ------
    UsageError
        If ``folder`` is not a crate.
    InputError
        If it lacks a dataset or findings, or one of them can't be read.
    """
    promised = crate.sealed(folder)
    strange = _strange(folder, promised)
    damaged = (*_damaged(folder, promised), *strange)
    for name in (crate.DATASET, crate.FINDINGS):
        if not files.is_file(folder / name):
            raise InputError(f"{folder}: {name} is missing", hint="fetch the crate again")
        if (why := files.outside(folder, name)) is not None:
            raise InputError(f"{folder / name}: {why}", hint=untrusted_campaigns.HINT)
    source = folder / crate.FINDINGS
    recorded = findings.from_json(source.read_bytes(), str(source))
    again = analyzing.analyze(folder / crate.DATASET)
    return Verified(
        files=len(promised) + len(strange),
        damaged=damaged,
        differences=differences(recorded, again),
    )


def _damaged(folder: Path, promised: tuple[crate.Sealed, ...]) -> Iterator[str]:
    for file in promised:
        path = folder / file.path
        if files.outside(folder, file.path) is not None:
            yield f"{file.path}: leads out of the crate"
        elif not files.is_file(path):
            yield f"{file.path}: is missing"
        elif (wrong := _wrong(path, file.sha256)) is not None:
            yield f"{file.path}: {wrong}"


def _wrong(path: Path, sha256: str) -> str | None:
    try:
        same = files.sha256(path) == sha256
    except OSError as error:
        return f"can't be read: {error.strerror}"
    return None if same else "its content is not what the crate's metadata say"


def _strange(folder: Path, promised: tuple[crate.Sealed, ...]) -> tuple[str, ...]:
    """Return the files that no sha256 vouches for; what a system hides in folders is its own."""
    known = {file.path for file in promised} | {crate.METADATA}
    present = (
        path.relative_to(folder) for path in sorted(folder.rglob("*")) if files.is_file(path)
    )
    return tuple(
        f"{path.as_posix()}: has no sha256 in the crate's metadata"
        for path in present
        if path.as_posix() not in known and not any(part.startswith(".") for part in path.parts)
    )
