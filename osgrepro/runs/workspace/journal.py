"""The file of a campaign's journal: entries on lines of their own, each on the disk when noted.

What they say is the workflow's. A process may be killed at any moment, so the last line may be cut
off: it counts as never written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osgrepro.common.errors import WorkspaceError
from osgrepro.common.models import Json
from osgrepro.runs.workspace.files import complaining, sync_folder

_TAIL_BYTES = 65_536


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Append an entry; when this returns, it is on the disk."""
    line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
    with complaining(path), path.open("ab+") as file:
        _drop_half_line(file)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def entries(path: Path) -> list[Json]:
    """Return the entries; none where there is no file.

    Raises
    ------
    WorkspaceError
        If a line other than a cut-off last one is not an entry.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    read = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            read.append(json.loads(line))
        except ValueError:
            raise WorkspaceError(
                f"{path}:{number}: not a journal entry",
                hint="the journal was damaged; restore it from a backup",
            ) from None
    return read


def _drop_half_line(file: Any) -> None:
    """Cut off a last line that a killed process did not finish."""
    end = file.seek(0, os.SEEK_END)
    tail = min(end, _TAIL_BYTES)
    file.seek(end - tail)
    content = file.read(tail)
    if content and not content.endswith(b"\n"):
        file.truncate(end - tail + content.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)
