"""The campaign's folder itself: every path in it, and its lock.

What lies below ``returned/`` is written by HTCondor as the pool's user;
all else is written here. The journal says what was intended and what was done, in that order.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from osgrepro.common.errors import WorkspaceError
from osgrepro.common.files import opened, sha256_of, whole
from osgrepro.common.models import Json, User
from osgrepro.runs.workspace import journal, returned
from osgrepro.runs.workspace.files import complaining, let_in, make_folder, replacing, write
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

    @property
    def journal_file(self) -> Path:
        """What was intended and what was done."""
        return self.root / "journal.jsonl"

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
            If another process has it.
        """
        with (self.root / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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

    def last_words(self, run_id: str, cluster: int, proc: int) -> str:
        """Return the last line that a job wrote to its standard error; empty without one."""
        name = f"{run_id}.{cluster}.{proc}.err"
        with suppress(OSError), opened(self.root, *returned.LOGS, run_id[:2], name) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - _WORDS_BYTES, 0))
            lines = file.read(_WORDS_BYTES).decode(errors="replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    def note(self, entry: Mapping[str, Any]) -> None:
        """Append an entry to the journal; when this returns, it is on the disk."""
        journal.append(self.journal_file, entry)

    def journal(self) -> list[Json]:
        """Return the journal's entries.

        Raises
        ------
        WorkspaceError
            If a line other than a cut-off last one is not an entry.
        """
        return journal.entries(self.journal_file)

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
            file.seek(0)
            with replacing(target) as copy:
                shutil.copyfileobj(file, copy, _COPY_BYTES)
        return target


def open_workspace(root: Path, campaign: str, source: str, *, create: bool = True) -> Workspace:
    """Open a campaign's folder, or make it.

    Parameters
    ----------
    root : Path
        The folder.
    campaign, source : str
        The campaign's name, and its file's name: together the folder's owner.
    create : bool
        Whether to make it if it is not there.

    Raises
    ------
    WorkspaceError
        If it belongs to another campaign, is something else, or can't be made.
    """
    workspace = Workspace(whole(root))
    identity = {"schema_version": 1, "campaign": campaign, "source": source}
    if workspace.identity_file.exists():
        _check_identity(workspace, identity)
        return workspace
    if not create:
        raise WorkspaceError(
            f"{root}: nothing has been submitted yet", hint="`osgrepro submit CAMPAIGN` begins"
        )
    with complaining(root):
        make_folder(root)
        foreign = [entry.name for entry in root.iterdir() if entry.name != "lock"]
        if foreign and not all(name.startswith(".") for name in foreign):
            raise WorkspaceError(
                f"{root}: this folder contains other files ({sorted(foreign)[0]}, …)",
                hint="name an empty or new folder with --workspace",
            )
        make_folder(workspace.inputs)
        write(workspace.identity_file, json.dumps(identity, indent=1).encode() + b"\n")
    return workspace


def _check_identity(workspace: Workspace, identity: Json) -> None:
    try:
        recorded = json.loads(workspace.identity_file.read_bytes())
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"{workspace.identity_file}: can't be read: {error}") from None
    if recorded != identity:
        owner = recorded.get("campaign") if isinstance(recorded, dict) else None
        of = recorded.get("source") if isinstance(recorded, dict) else None
        raise WorkspaceError(
            f"{workspace.root}: belongs to another campaign, {owner!r} of {of!r}",
            hint="name another folder with --workspace, or rename neither campaign nor its file",
        )
