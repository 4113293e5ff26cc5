"""The campaign's folder itself: every path in it, and its lock.

What lies below ``returned/`` is written by HTCondor as the pool's user;
all else is written here. The journal says what was intended and what was done, in that order.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from osgrepro.common import locks, parts
from osgrepro.common.errors import UNFORESEEN, WorkspaceError
from osgrepro.common.files import opened, sha256_of
from osgrepro.common.models import Json, User
from osgrepro.runs.workspace import journal, returned
from osgrepro.runs.workspace.files import complaining, let_in, replacing, write
from osgrepro.runs.workspace.returned import Found

_COPY_BYTES = 1024 * 1024
_WORDS_BYTES = 4096


class Workspace:
    """A campaign's folder; made or opened by :func:`open_workspace`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def identity_file(self) -> Path:
        """Whose folder this is."""
        return self.root / "campaign.json"

    def names(self) -> tuple[str, ...]:
        """Return the names that the folder's campaign has had, the last one first."""
        with suppress(OSError, *UNFORESEEN):
            identity = json.loads(self.identity_file.read_bytes())
            former = [entry["campaign"] for entry in identity.get("former", ())]
            return tuple(dict.fromkeys(map(str, (identity["campaign"], *former))))
        return ()

    @property
    def journal_file(self) -> Path:
        """What was intended and what was done."""
        return self.root / "journal.jsonl"

    @property
    def damaged_journal_file(self) -> Path:
        """Lines that stood in the journal and were no entries."""
        return self.root / "journal.damaged.jsonl"

    @property
    def images_file(self) -> Path:
        """The digests of the images that runs were submitted with."""
        return self.root / "images.json"

    @property
    def inputs(self) -> Path:
        """Data files and scripts, each in a folder named by its hash."""
        return self.root / "inputs"

    @property
    def returned(self) -> Path:
        """What HTCondor writes."""
        return self.root / "returned"

    @property
    def landing(self) -> Path:
        """The jobs' initial folder: whatever a slot sends unasked stays here, and is not read."""
        return self.returned / "landing"

    @property
    def logs(self) -> Path:
        """What jobs wrote on their standard output and error, in folders like the results."""
        return self.returned / "logs"

    @property
    def results(self) -> Path:
        """The returned results, in folders by the first two digits of the run_id."""
        return self.returned / "results"

    @property
    def dataset_file(self) -> Path:
        """The dataset."""
        return self.root / "dataset.parquet"

    @property
    def rejected_file(self) -> Path:
        """The returned files that were not taken, and why."""
        return self.root / "rejected.parquet"

    def submission(self, batch: str) -> Path:
        """Return the folder of one submission: its description, items and spec."""
        return self.root / "submit" / batch

    def event_log(self, batch: str) -> Path:
        """Return the event log of one submission's cluster."""
        return self.returned / "events" / f"{batch}.log"

    def dag(self, key: str) -> Path:
        """Return the folder of a DAG: DAGMan writes beside its file."""
        return self.returned / "dags" / key

    def write_dag(self, key: str, files: Mapping[str, str], owner: User | None) -> None:
        """Write the files of a DAG, in their order; ``owner`` is as for :meth:`prepare`."""
        returned.write_dag(self.root, key, files, owner)

    def event_cache(self, batch: str) -> Path:
        """Return what was already read of that log."""
        return self.root / "cache" / f"{batch}.json"

    def input(self, file_name: str, sha256: str) -> Path:
        """Return where a data file or script lies."""
        return self.inputs / sha256[:12] / file_name

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep every other process out of this folder's state.

        Raises
        ------
        WorkspaceError
            If another process has it, or the folder's file system takes no locks.
        """
        path = self.root / "lock"
        with complaining(path):
            file = path.open("a")
        with file:
            try:
                locks.take(file.fileno(), path)
            except BlockingIOError:
                raise WorkspaceError(
                    f"{self.root}: another osgrepro is at work in this folder",
                    hint="wait until it has ended; its lock ends with it, also if it is killed",
                ) from None
            yield

    def prepare(self, owner: User | None) -> None:
        """Make the folders that jobs write to, for ``owner`` (None: us); let it read the inputs.

        What not everyone may read stays so: it is given to the owner alone.

        Raises
        ------
        WorkspaceError
            If something else stands in place of one of the folders, such as a link.
        """
        returned.prepare(self.root, owner)
        if owner is not None:
            with complaining(self.inputs):
                for path in self.inputs.rglob("*"):
                    let_in(path, owner.uid)

    def returned_files(self) -> Iterator[Found]:
        """Yield every file below the folder of results, sorted by shard and name.

        What stands in place of a shard and is not a folder, such as a link, counts as a file.
        """
        return returned.result_files(self.root)

    def event_batches(self) -> list[str]:
        """Return the batches of which there is an event log, sorted."""
        return returned.event_batches(self.root)

    def open_result(self, file: str) -> BinaryIO:
        """Open a returned file for reading; an ``OSError`` where a link is on the way to it."""
        return opened(self.root, *returned.RESULTS, *file.split("/"))

    def results_of(self, run_id: str, cluster: int, proc: int) -> list[Path]:
        """Return where the results lie that a job returned, in the order of its attempts."""
        return [self.results / file for file in returned.of_job(self.root, run_id, cluster, proc)]

    def log_file(self, run_id: str, cluster: int, proc: int, stream: str) -> Path:
        """Return where a job's output lies; ``stream`` is ``out`` or ``err``."""
        return self.logs / run_id[:2] / f"{run_id}.{cluster}.{proc}.{stream}"

    def open_log(self, run_id: str, cluster: int, proc: int, stream: str) -> BinaryIO:
        """Open a job's output for reading; an ``OSError`` where a link is on the way to it."""
        name = self.log_file(run_id, cluster, proc, stream).name
        return opened(self.root, *returned.LOGS, run_id[:2], name)

    def last_words(self, run_id: str, cluster: int, proc: int) -> str:
        """Return the last line that a job wrote to its standard error; empty without one."""
        with suppress(OSError), self.open_log(run_id, cluster, proc, "err") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - _WORDS_BYTES, 0))
            lines = file.read(_WORDS_BYTES).decode(errors="replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    def note(self, entry: Mapping[str, Any]) -> None:
        """Append an entry to the journal; when this returns, it is on the disk."""
        journal.append(self.journal_file, entry)

    def journal(self) -> list[Json | None]:
        """Return the journal's entries; None for each line that is not a JSON object."""
        return journal.entries(self.journal_file)

    def mend_journal(self, damaged: Collection[int]) -> None:
        """Move the lines of these numbers, from 1 on, out of the journal; called with the lock."""
        journal.set_aside(self.journal_file, self.damaged_journal_file, damaged)

    def abandoned_parts(self) -> list[Path]:
        """Return the files that killed processes did not finish, wherever we write."""
        above = (self.root, self.root / "cache", self.inputs)
        below = (self.root / "submit", self.inputs)
        batches = (folder for parent in below if parent.is_dir() for folder in parent.iterdir())
        return parts.abandoned((*above, *below, *(path for path in batches if path.is_dir())))

    def images(self) -> dict[str, str]:
        """Return the sha256 of the images that runs were submitted with, by software name.

        Raises
        ------
        WorkspaceError
            If the file that remembers them was damaged.
        """
        try:
            remembered = json.loads(self.images_file.read_bytes())
            return {str(name): str(sha256) for name, sha256 in remembered.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError):
            raise WorkspaceError(
                f"{self.images_file}: can't be read", hint="restore it from a backup"
            ) from None

    def remember_images(self, sha256: Mapping[str, str]) -> None:
        """Write the sha256 of the images that runs are submitted with, by software name."""
        write(self.images_file, json.dumps(sha256, indent=1).encode() + b"\n")

    def stage(self, source: Path, file_name: str, sha256: str) -> Path:
        """Copy a data file or script to its place among the inputs, unless it is there.

        Raises
        ------
        WorkspaceError
            If it has another sha256, or there is no room.
        """
        target = self.input(file_name, sha256)
        if target.is_file():
            return target
        with complaining(target), source.open("rb") as file:
            if sha256_of(file) != sha256:
                raise WorkspaceError(f"{source}: its content changed while it was in use")
            needed = file.tell()
            file.seek(0)
            with replacing(target, needed=needed) as copy:
                shutil.copyfileobj(file, copy, _COPY_BYTES)
        return target
