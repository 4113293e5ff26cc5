"""What is this user's alone: files with secrets or the pool's state, and ways nobody else can bend.

Root acts on what stands in the pool's folder and in the cache; so nobody else may write there.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from osgrepro.common.errors import PoolError
from osgrepro.common.files import beside, entered, made

_PRIVATE_DIR = 0o700
_MOST_LINKS = 40
_ACL = "system.posix_acl_access"
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def folder(path: Path, mode: int = _PRIVATE_DIR, *, uid: int = -1, gid: int = -1) -> None:
    """Make a folder of ours, or give the one that is there ``mode`` and the owner ``uid``, ``gid``.

    Raises
    ------
    PoolError
        If it is a link, or somebody else's.
    """
    try:
        with entered(path.parent) as above:
            handle = made(above, path.name, mode)
    except OSError as error:
        raise PoolError(f"{path}: {error.strerror}: not a folder of yours") from error
    try:
        if os.fstat(handle).st_uid not in {os.geteuid(), uid}:
            raise PoolError(
                f"{path}: belongs to another user", hint="set OSGREPRO_POOL_DIR to another folder"
            )
        os.fchmod(handle, mode)
        if os.geteuid() == 0:
            os.fchown(handle, uid, gid)
    finally:
        os.close(handle)


def write(path: Path, text: str, *, mode: int = 0o600, uid: int = -1, gid: int = -1) -> None:
    """Write a whole file or none, with ``mode`` from the first byte on, for ``uid`` and ``gid``."""
    with beside(path) as part:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
            if os.geteuid() == 0:
                os.fchown(file.fileno(), uid, gid)


def read(path: Path) -> str:
    """Return what we wrote to ``path``; an ``OSError`` if somebody else may have written it."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), errors="replace") as file:
        facts = os.fstat(file.fileno())
        if facts.st_uid != os.geteuid() or facts.st_mode & _OTHERS:
            raise PermissionError("somebody else may have written it")
        return file.read()


def must_be_ours(path: Path, variable: str) -> None:
    """Refuse a path that somebody else may bend: for root, who acts on what is there.

    Every step counts, also those that a link leads through, and the links themselves. What isn't
    there yet is made by us.

    Raises
    ------
    PoolError
        If something on the way belongs to another user than root, or others may write there.
    """
    here, rest, links = Path("/"), [*path.absolute().parts[1:]], 0
    _ours(here, path, variable)
    while rest:
        step = rest.pop(0)
        if step == "..":
            here = here.parent
            continue
        place = here / step
        if not _ours(place, path, variable):
            if _anybodys(here):
                raise PoolError(
                    f"{path}: is not there, and others could make {place} before root does",
                    hint=f"make it, or set {variable} to a folder of root's",
                )
            return
        if not place.is_symlink():
            if not rest and _anybodys(place):
                raise _bent(path, place, variable)  # what is in it may be anybody's
            here = place
            continue
        links += 1
        target = place.readlink()
        if links > _MOST_LINKS:
            raise PoolError(
                f"{path}: {place} is a loop of links", hint=f"set {variable} to another folder"
            )
        rest = [*target.parts[target.is_absolute() :], *rest]
        here = Path("/") if target.is_absolute() else here


def _ours(place: Path, path: Path, variable: str) -> bool:
    """Return whether ``place`` is there; a ``PoolError`` if somebody else may change it."""
    try:
        facts = place.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise PoolError(f"{place}: {error.strerror}") from error
    link = stat.S_ISLNK(facts.st_mode)  # everybody may write to one, by its mode
    group = facts.st_mode & stat.S_IWGRP and (facts.st_gid or _shared(place))
    # In a sticky folder nobody moves another's things.
    bent = (facts.st_mode & stat.S_IWOTH or group) and not facts.st_mode & stat.S_ISVTX
    if (bent and not link) or facts.st_uid not in {0, os.geteuid()}:
        raise _bent(path, place, variable)
    return True


def _bent(path: Path, place: Path, variable: str) -> PoolError:
    return PoolError(
        f"{path}: users other than root may write to {place}, and root acts on what is there",
        hint=f"set {variable} to a folder of root's (`sudo -H` has root's own home)",
    )


def _anybodys(folder: Path) -> bool:
    """Whether everybody may make things in a folder, such as /tmp, if not move others'."""
    return bool(folder.stat().st_mode & stat.S_ISVTX and folder.stat().st_mode & _OTHERS)


def _shared(folder: Path) -> bool:
    """Whether an access list gives a folder to others: its mode shows them as a group's rights."""
    with suppress(OSError):
        return _ACL in os.listxattr(folder, follow_symlinks=False)
    return False
