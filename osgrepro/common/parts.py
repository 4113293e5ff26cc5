"""Files that are still being written, beside the place that they will take: their names and rests.

Whoever writes a whole file or none names its part here, with the host and the process that write
it; so what a killed process left behind can be told from what another one is writing.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# A process that writes touches its part all the time, on whichever host it is.
ABANDONED_AFTER_S = 86_400.0
_HOST_LETTERS = 32
_NAME = re.compile(r"\..+\.(?P<process>[0-9]{1,10})(?:@(?P<host>[A-Za-z0-9-]+))?\.part")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def part_of(target: Path) -> Path:
    """Return where this process writes what will be ``target``."""
    return target.with_name(f".{target.name}.{os.getpid()}@{_host()}.part")


def abandoned(folders: Iterable[Path], now_s: float | None = None) -> list[Path]:
    """Return the parts in ``folders`` that nobody writes any more, sorted.

    The process of a part must be dead on this host. A part of another host, whose processes can't
    be seen from here, must not have been touched for a day (``ABANDONED_AFTER_S``), and so must one
    of a version that did not name the host.
    """
    at_s = time.time() if now_s is None else now_s
    return sorted(
        path for folder in folders for path in _parts(folder) if _is_abandoned(path, at_s)
    )


def remove(parts: Iterable[Path]) -> list[Path]:
    """Remove parts that nobody writes any more; return those that could be."""
    removed = []
    for path in parts:
        with suppress(OSError):
            path.unlink()
            removed.append(path)
    return removed


def need_room(target: Path, needed: int) -> None:
    """Refuse to begin a file of ``needed`` bytes that there is no room for.

    Raises
    ------
    OSError
        ENOSPC, with the path, what is needed and what is free.
    """
    free = free_bytes(target)
    if free is not None and free < needed:
        raise OSError(errno.ENOSPC, _full(os.strerror(errno.ENOSPC), needed, free), str(target))


@contextmanager
def explaining(target: Path, part: Path, needed: int = 0) -> Iterator[None]:
    """Say of a full disk or quota for which file, how much it takes, and how much is free.

    ``needed`` is how many bytes it takes at least, beyond what of ``part`` was written.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        with suppress(OSError):
            needed = max(needed, part.stat().st_size)
        words = _full(os.strerror(error.errno), needed, free_bytes(target), "at least ")
        raise OSError(error.errno, words, str(target)) from error


def free_bytes(path: Path) -> int | None:
    """Return how much room there is where ``path`` is, or would be; None where nobody can say."""
    for folder in (path, *path.parents):
        with suppress(OSError):
            usage = shutil.disk_usage(folder)
            return usage.free if usage.total else None
    return None


def size(count: int) -> str:
    """Return a number of bytes with a unit that suits it."""
    factor, unit = next((entry for entry in _UNITS if count >= entry[0]), (1, "bytes"))
    return f"{count / factor:.1f} {unit}" if factor > 1 else f"{count} {unit}"


def _full(why: str, needed: int, free: int | None, least: str = "") -> str:
    told_free = "" if free is None else f", {size(free)} are free"
    return f"{why} ({least}{size(needed)} are needed{told_free})"


def _parts(folder: Path) -> Iterator[Path]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _is_abandoned(path: Path, now_s: float) -> bool:
    named = _NAME.fullmatch(path.name)
    try:
        untouched_s = now_s - path.stat().st_mtime
    except OSError:  # finished meanwhile
        return False
    if named is None or named["host"] != _host():
        return untouched_s > ABANDONED_AFTER_S
    return not _lives(int(named["process"]))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", os.uname().nodename)[:_HOST_LETTERS] or "host"
