"""Who the ordinary user is under whom daemons, jobs and Apptainer run: never root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping

from osgrepro.models import User

NAME = "osgrepro"
_FIRST_UID = 45_000


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
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    uid = next(uid for uid in range(_FIRST_UID, _FIRST_UID + 10_000) if uid not in taken)
    return User(name=NAME, uid=uid, gid=uid)
