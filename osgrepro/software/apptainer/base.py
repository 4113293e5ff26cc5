"""The base file system of an image: made once by somebody else, then opened up for the build.

Called by the build.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from osgrepro.common.errors import ImageError
from osgrepro.common.files import entered, opened, set_mode
from osgrepro.common.models import Notify, Progress, User
from osgrepro.software.apptainer import place
from osgrepro.software.apptainer.plan import ImagePlan
from osgrepro.software.base_images import DebianBase

# Makes a Debian file system: suite, packages, and the folder that shall be it.
MakeBase = Callable[[str, Sequence[str], Path], None]


def base(plan: ImagePlan, user: User, make_base: MakeBase, notify: Notify) -> Path | None:
    """Return the folder of the base, made if it isn't there; None where Apptainer pulls it."""
    target, wanted = plan.base, plan.container.base
    if target is None or not isinstance(wanted, DebianBase):
        return None
    if target.is_dir():
        if os.geteuid() == 0 and target.stat().st_uid != user.uid:
            _open_up(target, user)
        return target
    notify(Progress(what=f"making a base of Debian {wanted.suite}"))
    partial = target.with_name(f"{target.name}.partial")
    place.make_folder(partial.parent)
    make_base(wanted.suite, wanted.packages, partial)
    if not (partial / "usr").is_dir():
        raise ImageError(f"{partial}: no Debian {wanted.suite} was made there")
    _open_up(partial, user)
    partial.rename(target)
    return target


def _open_up(root: Path, user: User) -> None:
    """Make a base such that ``user`` can copy it: readable, without devices, and the user's own.

    Apptainer builds in a user namespace where the user is root and there is nobody else, so what
    belongs to the user here belongs to root in the image.
    """
    owner = root.stat().st_uid
    for _folder, names, files, handle in os.fwalk(root, topdown=False):
        for name in (*names, *files):
            facts = os.lstat(name, dir_fd=handle)
            mode = facts.st_mode
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISFIFO(mode):
                os.unlink(name, dir_fd=handle)
            elif stat.S_ISREG(mode) and facts.st_nlink > 1 and facts.st_uid == 0 != owner:
                raise ImageError(f"{root}: {name} in it is a hard link to a file of root's")
            else:
                _give(handle, name, mode, user)
    # Last: its owner says whether all the rest was done.
    with entered(root.parent) as above:
        _give(above, root.name, root.stat().st_mode, user)


def _give(folder: int, name: str, mode: int, user: User) -> None:
    """Give away what stands in a folder that may be the user's already: no link is followed."""
    if os.geteuid() == 0:
        os.chown(name, user.uid, user.gid, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISDIR(mode):
        set_mode(folder, name, stat.S_IMODE(mode) | 0o755)
    elif stat.S_ISREG(mode):
        set_mode(folder, name, stat.S_IMODE(mode) | 0o444)


def installed(base: Path | None) -> Mapping[str, Any] | None:
    """Return the Debian packages of a base and their versions."""
    if base is None:
        return None
    try:
        with opened(base, "var", "lib", "dpkg", "status") as file:  # the folder is the user's
            status = file.read().decode(errors="replace")
    except OSError as error:
        raise ImageError(f"{base}: which packages it has can't be read: {error}") from error
    return dict(re.findall(r"^Package: (\S+)$(?:\n(?!Version:).+)*\nVersion: (\S+)$", status, re.M))
