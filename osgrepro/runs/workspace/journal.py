"""The file of a campaign's journal: entries on lines of their own, each on the disk when noted.

What they say is the workflow's. A process may be killed at any moment, so the last line may be cut
off: it counts as never written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from osgrepro.common.models import Json
from osgrepro.runs.workspace.files import complaining, sync_folder, write

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


def entries(path: Path) -> list[Json | None]:
    """Return the entries, and None for each line that is not one; none where there is no file.

    A line that isn't a JSON object was damaged, or written by something else. It is passed over:
    what the folder's journal lacks is found again in the queue and in the event logs.
    """
    return [_entry(line) for line in _lines(path)]


def set_aside(path: Path, damaged_path: Path, numbers: Collection[int]) -> None:
    """Move the lines of these numbers, from 1 on, to the end of ``damaged_path``."""
    lines = list(enumerate(_lines(path), start=1))
    before = damaged_path.read_bytes() if damaged_path.exists() else b""
    aside = b"".join(line + b"\n" for number, line in lines if number in numbers)
    write(damaged_path, before + aside)
    write(path, b"".join(line + b"\n" for number, line in lines if number not in numbers))


def _lines(path: Path) -> list[bytes]:
    """Return the whole lines: a last one that was cut off counts as never written."""
    try:
        return path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []


def _entry(line: bytes) -> Json | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _drop_half_line(file: Any) -> None:
    """Cut off a last line that a killed process did not finish."""
    end = file.seek(0, os.SEEK_END)
    tail = min(end, _TAIL_BYTES)
    file.seek(end - tail)
    content = file.read(tail)
    if content and not content.endswith(b"\n"):
        file.truncate(end - tail + content.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)
