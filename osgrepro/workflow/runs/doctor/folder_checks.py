"""Checks of a campaign's folder: whose it is, its journal, its tables, its rights and its room."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sized
from pathlib import Path

import orjson

from osgrepro.common import locks, parts, texts
from osgrepro.common.errors import UNFORESEEN, DatasetError
from osgrepro.common.texts import counted
from osgrepro.results import dataset
from osgrepro.runs.render import SPEC_NAME
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import jobs, journal
from osgrepro.workflow.runs.doctor.checks import Check, fault, ok, warning
from osgrepro.workflow.runs.journal import ITEMS_NAME

Todo = Callable[..., str]

# A file that a campaign writes has megabytes; one that an image takes has gigabytes.
_FEW_BYTES, _FEWER_BYTES, _FEW_FILES = 2_000_000_000, 50_000_000, 10_000
_SKEW_S = 10.0


def whose(loaded: Loaded, place: Workspace) -> list[Check]:
    """Say whose folder it is, and which names the campaign had before."""
    former = [name for name in place.names() if name != loaded.campaign.name]
    renamed = f", formerly {', '.join(map(repr, former))}" if former else ""
    return [ok("folder", f"{place.root} is that of {loaded.campaign.name!r}{renamed}")]


def of_lock(place: Workspace) -> list[Check]:
    """Say whether the folder's file system takes locks, of which every command needs one."""
    with tempfile.TemporaryFile(dir=place.root) as file:
        locks.take(file.fileno(), place.root / "lock")
    return [ok("lock", "the folder can be locked")]


def of_journal(place: Workspace, todo: Todo) -> list[Check]:
    """Say which lines of the journal are no entries."""
    known = journal.batches(place)
    complaints = list(journal.complaints(place))
    if complaints:
        return [warning("journal", complaints[0], todo("doctor", "--fix"))]
    return [ok("journal", f"{counted(len(known), 'submission')}, every line is an entry")]


def leftovers(place: Workspace, todo: Todo) -> list[Check]:
    """Say what killed commands left half written, and which caches can't be read."""
    checks = []
    if left := place.abandoned_parts():
        size = parts.size(sum(path.stat().st_size for path in left))
        text = f"{len(left)} half-written files of killed commands, {size}, such as {left[0]}"
        checks.append(warning("leftovers", text, todo("doctor", "--fix")))
    if broken := broken_caches(place):
        text = f"{len(broken)} caches can't be read, such as {broken[0]}: they are made again"
        checks.append(warning("leftovers", text, todo("doctor", "--fix")))
    return checks or [ok("leftovers", "nothing of killed commands is left")]


def broken_caches(place: Workspace) -> list[Path]:
    """Return the caches of event logs that can't be read."""
    return [path for path in sorted((place.root / "cache").glob("*.json")) if not _is_json(path)]


def _is_json(path: Path) -> bool:
    try:
        orjson.loads(path.read_bytes())
    except UNFORESEEN:
        return False
    return True


def submissions(loaded: Loaded, place: Workspace, access: Access | None, todo: Todo) -> list[Check]:
    """Say which clusters in the queue lack what their jobs read, or the list of their runs."""
    if access is None:
        return []
    clusters = jobs.clusters(loaded.campaign.name, place, access.schedd)
    known = journal.batches(place)
    own = [cluster for cluster in clusters.values() if jobs.is_own(place, cluster)]
    lacking = [
        str(cluster.cluster)
        for cluster in own
        for name in (ITEMS_NAME, SPEC_NAME)
        if not (place.submission(cluster.batch) / name).is_file()
    ]
    if lacking:
        numbers = ", ".join(dict.fromkeys(lacking))
        text = f"the folder has lost what jobs of cluster {numbers} read, in submit/"
        return [fault("queue", text, todo("doctor", "--fix"))]
    if any(cluster.batch not in known for cluster in own):
        text = "clusters in the queue are missing from the journal"
        return [warning("queue", text, todo("doctor", "--fix"))]
    count = sum(len(cluster.jobs) for cluster in own)
    return [ok("queue", f"{count} jobs in {len(own)} clusters, and all that they read is there")]


def tables(place: Workspace, todo: Todo) -> list[Check]:
    """Say whether the dataset and the rejects' table can be read."""
    checks = []
    read: tuple[tuple[str, Path, Callable[[Path], Sized]], ...] = (
        ("dataset", place.dataset_file, dataset.taken),
        ("rejected", place.rejected_file, dataset.rejected),
    )
    for subject, path, rows_of in read:
        try:
            rows = len(rows_of(path))
        except DatasetError as error:
            aside = texts.command("mv", path, path.with_name(f"{path.name}.damaged"))
            checks.append(fault(subject, error.message, f"{aside} && {todo('collect')}"))
            continue
        text = counted(rows, "row") if path.exists() else "none yet"
        checks.append(ok(subject, text))
    return checks


def rights(place: Workspace) -> list[Check]:
    """Say where we can't write; jobs write below ``returned/`` as the pool's user."""
    own = (place.root, place.inputs, place.root / "submit", place.root / "cache")
    closed = [path for path in own if path.is_dir() and not os.access(path, os.W_OK | os.X_OK)]
    closed += [path for path in (place.journal_file,) if path.exists() and not _writable(path)]
    if not closed:
        return [ok("rights", f"{place.root} can be written to")]
    remedy = texts.command("chmod", "-R", "u+rwX", closed[0])
    if closed[0].stat().st_uid != os.geteuid():
        remedy = f"be the user who owns {closed[0]}, or copy the folder and use --workspace"
    return [fault("rights", f"{closed[0]} can't be written to", remedy)]


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK)


def room(path: Path, subject: str = "space") -> list[Check]:
    """Say how much room there is where ``path`` is, also by the user's quota."""
    free = parts.free_bytes(path)
    if free is None:
        return [ok(subject, f"how much room there is in {path} is not known")]
    text = f"{parts.size(free)} free for {path}"
    checks = []
    if free < _FEWER_BYTES:
        checks.append(fault(subject, text, "make room: `osgrepro help clean-up` says what may go"))
    elif free < _FEW_BYTES:
        todo = "make room soon: `osgrepro help clean-up` says what may go"
        checks.append(warning(subject, text, todo))
    folder = next(folder for folder in (path, *path.parents) if folder.is_dir())
    usage = os.statvfs(folder)
    if usage.f_files and usage.f_favail < _FEW_FILES:
        more = f"only {usage.f_favail} more files fit where {path} is"
        checks.append(warning(subject, more, "every run returns a file: remove some others"))
    return checks or [ok(subject, text)]


def of_quota_and_clock(place: Workspace) -> list[Check]:
    """Write a megabyte and look at its time: quotas and other clocks are seen in no other way."""
    if not os.access(place.root, os.W_OK | os.X_OK):
        return []
    probe = parts.part_of(place.root / "doctor")
    try:
        began_s = time.time()
        probe.write_bytes(bytes(1_000_000))
        skew_s = probe.stat().st_mtime - began_s
    except OSError as error:
        why = error.strerror or str(error)
        todo = "make room: `osgrepro help clean-up` says what may go"
        return [fault("quota", f"a megabyte in {place.root} is refused: {why}", todo)]
    finally:
        parts.remove([probe])
    checks = [ok("quota", f"a megabyte can be written to {place.root}")]
    if abs(skew_s) > _SKEW_S:
        text = f"the clock of {place.root} is {skew_s:+.0f} s from this machine's"
        return [*checks, warning("clock", text, "have both set by NTP: results are aged by it")]
    return [*checks, ok("clock", "this machine and the folder agree on the time")]
