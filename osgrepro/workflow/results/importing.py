"""The verb ``import``: the files of an archive become a dataset."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osgrepro.common import texts
from osgrepro.common.errors import InputError, PartialError, UsageError, did_you_mean
from osgrepro.results import archive, dataset
from osgrepro.results.archive import Archive

_MAX_BYTES = 16_000_000  # of one file; the study's largest has 251 000

_OTHERS = frozenset({".csv", ".tsv", ".json", ".jsonl", ".txt", ".xlsx", ".feather", ".arrow"})


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
    passed_over : tuple of (str, str)
        A file below the folder that is in no row, and why.
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
    passed_over: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TestSet:
    """What an archive doesn't tell of an experiment: its test set's size, and a trivial model's.

    ``baseline`` is the share of the most frequent class, which a model reaches that always says it.
    """

    experiment: str
    items: int
    baseline: float | None = None


def import_archive(
    folder: Path,
    out: Path | None = None,
    *,
    force: bool = False,
    partial: bool = False,
    test_sets: Sequence[TestSet] = (),
) -> Imported:
    """Read the archive in ``folder`` into the dataset ``out``, by default NAME.parquet here.

    With ``partial``, files that can't be understood are passed over, and told.

    Raises
    ------
    UsageError
        If there is no such folder, ``out`` is there and not to be replaced, or a test set is told
        of an experiment that the archive lacks.
    InputError
        If there is no result in it, or a result file can't be understood.
    PartialError
        If files would be passed over without ``partial``; then nothing is written.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder", hint="name the folder of the archive")
    name = _name(folder)
    target = _parquet(out or Path(f"{name}.parquet"))
    read, passed_over = _read(name, folder)
    if passed_over and not partial:
        raise PartialError(
            "\n".join(f"{folder / path}: {why}" for path, why in passed_over),
            hint="nothing was written: move them away, or take the rest with --partial",
        )
    rows = _with_test_sets(read.rows, test_sets)
    dataset.write(target, rows, force=force)
    repeats = Counter((row["experiment"], row["hardware"], row["software"]) for row in rows)
    experiments, hardware, software = (
        tuple(sorted({cell[place] for cell in repeats})) for place in range(3)
    )
    return Imported(
        path=target,
        rows=len(rows),
        failed=sum(row["status"] == "failed" for row in rows),
        experiments=experiments,
        hardware=hardware,
        software=software,
        repeats=tuple(sorted(set(repeats.values()))),
        cells=len(repeats),
        gaps=read.gaps,
        passed_over=passed_over,
    )


def _parquet(target: Path) -> Path:
    """Return the path of a new dataset, unless its name is that of another format."""
    if target.suffix.lower() in _OTHERS:
        raise UsageError(
            f"{target}: a dataset is Parquet, and this is the name of another format",
            hint=f"name it {target.with_suffix('.parquet')}",
        )
    return target


def _read(name: str, folder: Path) -> tuple[Archive, tuple[tuple[str, str], ...]]:
    """Return what an archive holds, and every file below its folder that is not part of it."""
    paths, strangers = _files(folder)
    try:
        read = archive.read_archive(name, paths, lambda path: _text(folder / path))
    except InputError as error:
        raise InputError(f"{folder}: {error.message}", hint=error.hint) from error
    return read, tuple(sorted([*read.passed_over, *strangers]))


def _files(folder: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the files below ``folder``, and what is not a file and why it is passed over.

    Names with a leading dot (``.git``) are the file system's own business: in neither.
    """
    files: list[str] = []
    strangers: list[tuple[str, str]] = []

    def refused(error: OSError) -> None:
        where = os.path.relpath(error.filename or folder, folder)
        strangers.append((where, f"can't be read: {error.strerror}"))

    for top, folders, names in os.walk(folder, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in [*folders, *(name for name in names if not name.startswith("."))]:
            path = Path(top, name)
            below = path.relative_to(folder).as_posix()
            if texts.unicode(below) != below:
                strangers.append((texts.unicode(below), "has a name that is not Unicode text"))
            elif path.is_symlink():
                strangers.append((below, "is a link, and links are not followed"))
            elif name in names and path.is_file():
                files.append(below)
            elif name in names:
                strangers.append((below, "is not a file"))
    return files, strangers


def test_set(text: str) -> TestSet:
    """Read ``EXPERIMENT=ITEMS`` or ``EXPERIMENT=ITEMS:SHARE``.

    Raises
    ------
    UsageError
        If it reads otherwise, or one of the numbers can't be.
    """
    match = re.fullmatch(r"([^=]+)=([0-9]{1,12})(?::([0-9.eE+-]{1,40}))?", text)
    try:
        share = float(match[3]) if match and match[3] else None
        if match and int(match[2]) > 0 and (share is None or 0 < share <= 1):
            return TestSet(experiment=match[1], items=int(match[2]), baseline=share)
    except ValueError:
        pass
    raise UsageError(
        f"--test-set {text}: should be EXPERIMENT=ITEMS or EXPERIMENT=ITEMS:SHARE",
        hint="such as mnist_convnet=10000:0.1135, where 11.35 % are of the most frequent class",
    )


def _with_test_sets(
    rows: Sequence[Mapping[str, Any]], test_sets: Sequence[TestSet]
) -> list[Mapping[str, Any]]:
    """Return ``rows`` with what the user told of their test sets, and that he did."""
    by_experiment = {test_set.experiment: test_set for test_set in test_sets}
    if unknown := sorted(set(by_experiment) - {row["experiment"] for row in rows}):
        known = sorted({row["experiment"] for row in rows})
        meant = did_you_mean(unknown[0], known) if len(unknown) == 1 else ""
        raise UsageError(
            f"--test-set: no experiment {', '.join(unknown)}{meant}",
            hint=f"known: {', '.join(known)}",
        )
    return [
        {
            **row,
            "test_set": own.items,
            "baseline": own.baseline,
            "filled": [*row["filled"], "test_set: given at the import"],
        }
        if (own := by_experiment.get(row["experiment"]))
        else row
        for row in rows
    ]


def _name(folder: Path) -> str:
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name)[:64].strip("-._")
    return slug or "archive"


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise InputError(f"{path.name}: {size} bytes, which is too large", hint="move it away")
    try:
        return texts.decoded(path.read_bytes())
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8: {error.reason} at byte {error.start}",
            hint="fetch the file again, or move it away",
        ) from error
