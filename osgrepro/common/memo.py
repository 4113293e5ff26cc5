"""What was found out with effort, remembered in the cache by what can't come to mean another.

Losing it costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from osgrepro.common import folders
from osgrepro.common.files import beside


def recall(kind: str, key: str) -> Any:
    """Return what is remembered of ``key``; None for nothing."""
    with suppress(OSError, ValueError):
        return json.loads(_file(kind, key).read_text(encoding="utf-8"))
    return None


def remember(kind: str, key: str, value: Any) -> None:
    """Remember ``value``, which JSON can hold, for ``key``; where that can't be written, don't."""
    target = _file(kind, key)
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        with beside(target) as part:
            part.write_text(json.dumps(value), encoding="utf-8")


def state_of(path: Path) -> str:
    """Return a key for the content of a file: another one after every change.

    Nobody sets the time of the last change of an inode; an ``OSError`` if the file isn't there.
    """
    facts = path.stat()
    marks = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
    return f"{path.resolve()} {' '.join(map(str, marks))}"


def _file(kind: str, key: str) -> Path:
    return (
        folders.cache() / "remembered" / kind / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    )
