"""Who the ordinary user is under whom daemons, jobs and Apptainer run: never root."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from osgrepro.common.errors import PoolError
from osgrepro.common.models import User

NAME = "osgrepro"
_FIRST_UID = 45_000
_TRIES = 1000
# Above what directory services and containers are given by default, and below 2^31.
_FIRST_SUB_ID, _LAST_SUB_ID = 0x7F000000, 0x7FFF0000
SUB_IDS = 65_536


def ordinary(environ: Mapping[str, str], uid: int | None = None) -> User:
    """Return the caller; for root who called ``sudo``, else a uid that nobody here has."""
    uid = os.geteuid() if uid is None else uid
    if uid == 0 and environ.get("SUDO_UID", "0").isdigit():
        uid = int(environ.get("SUDO_UID", "0"))
    if uid == 0:
        return _nobodys()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return User(name=NAME, uid=uid, gid=os.getgid() or uid)
    return User(name=entry.pw_name, uid=uid, gid=entry.pw_gid)


def sub_ids(files: Sequence[Path] = (Path("/etc/subuid"), Path("/etc/subgid"))) -> int:
    """Return the first of 65,536 ids that nobody has, neither as their own nor as sub-ids.

    Whoever maps them owns what they own: files of others, if they were others'.
    """
    ranges = [given for file in files for given in _given(file)]
    for first in range(_FIRST_SUB_ID, _LAST_SUB_ID, SUB_IDS):
        overlaps = any(start < first + SUB_IDS and first < start + count for start, count in ranges)
        if not overlaps and not any(map(_taken, (first, first + 1000, first + SUB_IDS - 1))):
            return first
    raise PoolError(
        "builds need 65,536 ids in a row that nobody has, and there are none",
        hint="reserve fewer in /etc/subuid and /etc/subgid",
    )


def _given(file: Path) -> Iterator[tuple[int, int]]:
    """Yield start and count of the ranges that a file of sub-ids gives away."""
    with suppress(OSError):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                _, start, count = line.split(":")
                yield int(start), int(count)


def _nobodys() -> User:
    """Return a uid, and a group of that number, that nobody has.

    Each id is asked for: a directory service may know names that it does not list.
    """
    ids = range(_FIRST_UID, _FIRST_UID + _TRIES)
    uid = next((number for number in ids if not _taken(number)), None)
    if uid is None:
        raise PoolError(
            f"every uid from {ids[0]} to {ids[-1]} is taken, and the daemons need a free one",
            hint="use `sudo`, so that they run as you",
        )
    return User(name=NAME, uid=uid, gid=uid)


def _taken(number: int) -> bool:
    for ask in (pwd.getpwuid, grp.getgrgid):
        try:
            ask(number)
        except KeyError:
            continue
        return True
    return False
