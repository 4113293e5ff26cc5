"""The verb ``import``: the files of an archive become a dataset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from osgrepro import archive, dataset
from osgrepro.errors import InputError, UsageError

_MAX_BYTES = 16_000_000  # of one file; the study's largest has 251 000


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import found.

    Parameters
    ----------
    path : Path
        The new dataset.
    rows, failed : int
        How many rows it has, and how many of them have a number that can't be read.
    software, hardware, experiments : tuple of str
        The names found, sorted.
    repeats : tuple of int
        How many repeats cells have: each number once, sorted.
    cells : int
        How many cells have a row.
    gaps : tuple of (str, str)
        A result file, and what was filled for its rows and from where.
    """

    path: Path
    rows: int
    failed: int
    software: tuple[str, ...]
    hardware: tuple[str, ...]
    experiments: tuple[str, ...]
    repeats: tuple[int, ...]
    cells: int
    gaps: tuple[tuple[str, str], ...]


def import_archive(folder: Path, out: Path | None = None, *, force: bool = False) -> Imported:
    """Read the archive in ``folder`` into the dataset ``out``, by default NAME.parquet here.

    Raises
    ------
    UsageError
        If there is no such folder, or ``out`` is there and not to be replaced.
    InputError
        If there is no result in it, or a file can't be understood.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder", hint="name the folder of the archive")
    name = _name(folder)
    target = out or Path(f"{name}.parquet")
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    try:
        found = archive.read_archive(name, paths, lambda path: _text(folder / path))
    except InputError as error:
        raise InputError(f"{folder}: {error.message}", hint=error.hint) from error
    dataset.write(target, found.rows, force=force)
    repeats: dict[tuple[str, str, str], int] = {}
    for row in found.rows:
        cell = (row["experiment"], row["hardware"], row["software"])
        repeats[cell] = repeats.get(cell, 0) + 1
    return Imported(
        path=target,
        rows=len(found.rows),
        failed=sum(row["status"] == "failed" for row in found.rows),
        experiments=tuple(sorted({cell[0] for cell in repeats})),
        hardware=tuple(sorted({cell[1] for cell in repeats})),
        software=tuple(sorted({cell[2] for cell in repeats})),
        repeats=tuple(sorted(set(repeats.values()))),
        cells=len(repeats),
        gaps=found.gaps,
    )


def _name(folder: Path) -> str:
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name)[:64].strip("-._")
    return slug or "archive"


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise InputError(f"{path.name}: {size} bytes are too many", hint="move it away")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: no UTF-8: {error.reason} at byte {error.start}",
            hint="fetch the file again, or move it away",
        ) from error
