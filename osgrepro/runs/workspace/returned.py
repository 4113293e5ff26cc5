"""The part of a campaign's folder that is the pool's user's: ``returned/`` and what is below it.

That user runs what campaigns bring, and may put a link in any place there; we may be root. So all
that is done here goes through descriptors, a step at a time, and follows no link.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common import texts
from osgrepro.common.errors import WorkspaceError
from osgrepro.common.files import entered, made
from osgrepro.common.models import User
from osgrepro.runs.workspace.files import complaining

NAME = "returned"
RESULTS = (NAME, "results")
LOGS = (NAME, "logs")
EVENTS = (NAME, "events")
DAGS = "dags"
_SHARDS = tuple(f"{number:02x}" for number in range(256))
_FOLDERS = (("results", _SHARDS), ("events", ()), ("logs", _SHARDS), ("landing", ()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A file that a job returned: its path below the folder of results, size, time of change."""

    file: str
    size_bytes: int
    modified_ns: int
    is_file: bool


def prepare(root: Path, owner: User | None) -> None:
    """Make the folders below ``root`` that jobs write to, for ``owner`` (None: us).

    Raises
    ------
    WorkspaceError
        If something else stands in place of one of them, such as a link.
    """
    top = root / NAME
    with complaining(top), entered(root) as above, _own(above, top, owner) as handle:
        for name, shards in _FOLDERS:
            with _own(handle, top / name, owner) as folder:
                for shard in shards:
                    with _own(folder, top / name / shard, owner):
                        pass


def write_dag(root: Path, key: str, files: Mapping[str, str], owner: User | None) -> None:
    """Write the files of a DAG into a new folder of ``owner`` (None: us), each executable."""
    top = root / NAME / DAGS
    with (
        complaining(top / key),
        entered(root, NAME) as above,
        _own(above, top, owner) as dags,
        _own(dags, top / key, None) as folder,
    ):
        for name, content in files.items():
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(name, flags, 0o755, dir_fd=folder), "wb") as file:
                file.write(content.encode())
        if owner is not None:
            os.fchown(folder, owner.uid, owner.gid)


def result_files(root: Path) -> Iterator[Found]:
    """Yield every file below the folder of results, sorted by shard and name.

    What stands in place of a shard and is not a folder, such as a link, counts as a file.
    """
    with complaining(root.joinpath(*RESULTS)):
        try:
            with entered(root, *RESULTS) as results:
                shards = [name for name in _names(results) if name in _SHARDS]
        except FileNotFoundError:
            return
    for shard in shards:
        with complaining(root.joinpath(*RESULTS, shard)):
            entries = _entries(root, shard)
        yield from entries


def of_job(root: Path, run_id: str, cluster: int, proc: int) -> list[str]:
    """Return the results of a job, below the folder of results, by the number of the attempt."""
    shard, begin = run_id[:2], f"{run_id}.{cluster}.{proc}."
    try:
        with entered(root, *RESULTS, shard) as folder:
            names = _names(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    numbers = (re.fullmatch(rf"{re.escape(begin)}([0-9]{{1,6}})\.json", name) for name in names)
    attempts = sorted(int(number[1]) for number in numbers if number)
    return [f"{shard}/{begin}{attempt}.json" for attempt in attempts]


def event_batches(root: Path) -> list[str]:
    """Return the batches of which there is an event log, sorted."""
    with complaining(root.joinpath(*EVENTS)):
        try:
            with entered(root, *EVENTS) as events:
                names = _names(events)
        except (FileNotFoundError, NotADirectoryError):
            return []
    return [named[1] for name in names if (named := re.fullmatch(r"([0-9a-f]{32})\.log", name))]


def _entries(root: Path, shard: str) -> list[Found]:
    try:
        with entered(root, *RESULTS, shard) as folder:
            names = _names(folder)
            facts = [_facts(f"{shard}/{name}", name, folder) for name in names]
    except NotADirectoryError:
        with entered(root, *RESULTS) as results:
            facts = [_facts(shard, shard, results)]
    return [entry for entry in facts if entry is not None]


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries)


def _facts(file: str, name: str, folder: int) -> Found | None:
    """Return the facts of an entry of ``folder``; None if it has just gone."""
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return Found(
        # A name that is not Unicode text is not a result's: it is only told of, and always so.
        file=texts.unicode(file),
        size_bytes=facts.st_size,
        modified_ns=facts.st_mtime_ns,
        is_file=stat.S_ISREG(facts.st_mode),
    )


@contextmanager
def _own(above: int, path: Path, owner: User | None) -> Iterator[int]:
    """Give a descriptor of the folder ``path`` in ``above``, made if need be, of ``owner``."""
    try:
        handle = made(above, path.name, 0o755)
    except NotADirectoryError:
        raise WorkspaceError(
            f"{path}: is not a folder; jobs write there, so a link is not followed",
            hint="move away what is there; the folder is made again",
        ) from None
    try:
        if owner is not None and os.fstat(handle).st_uid != owner.uid:
            os.fchown(handle, owner.uid, owner.gid)
        yield handle
    finally:
        os.close(handle)
