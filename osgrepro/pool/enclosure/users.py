"""Who the ordinary user is under whom daemons, jobs and Apptainer run: never root."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Mapping

from osgrepro.common.errors import PoolError
from osgrepro.common.models import User

NAME = "osgrepro"
_FIRST_UID = 45_000
_TRIES = 1000


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


def _nobodys() -> User:
    """Return a uid, and a group of that number, that nobody has.

    Each id is asked for: a directory service may know names that it does not list.
    """
    ids = range(_FIRST_UID, _FIRST_UID + _TRIES)
    uid = next((each for each in ids if not _taken(each)), None)
    if uid is None:
        raise PoolError(
            f"every uid from {ids[0]} to {ids[-1]} is somebody's, and daemons need an ordinary one",
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
