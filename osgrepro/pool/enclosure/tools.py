"""Finds HTCondor and Apptainer on this machine, or has them provisioned."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from osgrepro.common import folders, private, processes
from osgrepro.common.errors import PoolError
from osgrepro.common.models import Notify, User, silent
from osgrepro.pool.enclosure import debian_mirror, rootfs, users
from osgrepro.pool.enclosure.enclosure import NativeEnclosure, RootEnclosure
from osgrepro.pool.enclosure.recipe import Recipe

NEEDED_TOOLS = ("condor_master", "apptainer")

_INSTALL = """\
install HTCondor and Apptainer in one of these ways, or run this as root to have them provisioned:
  Debian, Ubuntu   apt-get install condor apptainer (where a release lacks them, from the
                   repositories that HTCondor's and Apptainer's manuals name)
  RPM              dnf install condor apptainer (EPEL, and HTCondor's repository)
  conda-forge      conda install -c conda-forge htcondor apptainer
  container        run osgrepro as root in a privileged Debian container"""

_CONTAINER = (
    "in a container, grant CAP_SYS_ADMIN (docker run --privileged), or run as an ordinary user with"
    " HTCondor and Apptainer installed"
)
_USER_NAMESPACES = (
    "set the sysctl that forbids it: kernel.apparmor_restrict_unprivileged_userns=0,"
    " kernel.unprivileged_userns_clone=1 or user.max_user_namespaces=10000"
)
# See enter.sh: folders of the machine that a private root does not copy.
_LEFT_OUT = ("home", "root", "mnt", "media", "srv", "run", "tmp")


def provide(
    notify: Notify = silent, *, environ: Mapping[str, str] | None = None
) -> NativeEnclosure | RootEnclosure:
    """Return how to run HTCondor's and Apptainer's commands here.

    Tools on PATH come first. Without them root gets a root file system of its own, made once
    (about half a minute) and kept below the cache folder.

    Raises
    ------
    PoolError
        If there is no HTCondor and Apptainer and none can be provisioned.
    """
    environ = os.environ if environ is None else environ
    user = users.ordinary(environ)
    tools = {tool: shutil.which(tool, path=environ.get("PATH")) for tool in NEEDED_TOOLS}
    missing = [tool for tool, path in tools.items() if not path]
    if os.geteuid() != 0:
        if missing:
            raise PoolError(f"not on PATH: {', '.join(missing)}", hint=_INSTALL)
        return NativeEnclosure(user=user)
    _may_make_namespaces(user)
    cache = folders.cache()

    def enclose(root: Path) -> RootEnclosure:
        return _rooted(root, cache, user)

    if all(path and _seen_inside(Path(path)) for path in tools.values()):
        return enclose(Path("/"))
    folder, recipe = cache / "rootfs", Recipe()
    folder.mkdir(parents=True, exist_ok=True)
    private.must_be_ours(folder / recipe.digest, "OSGREPRO_CACHE")
    root = rootfs.ready(folder, recipe) or rootfs.provision(
        folder, recipe, mirror=debian_mirror.mirror(environ), enclose=enclose, notify=notify
    )
    return enclose(root)


def here(*, environ: Mapping[str, str] | None = None) -> NativeEnclosure | RootEnclosure | None:
    """Return how to run Apptainer's commands here; None where that would have to be provisioned."""
    environ = os.environ if environ is None else environ
    if os.geteuid() != 0:
        if not shutil.which("apptainer", path=environ.get("PATH")):
            return None
        return NativeEnclosure(user=users.ordinary(environ))
    tools = [shutil.which(tool, path=environ.get("PATH")) for tool in NEEDED_TOOLS]
    native = all(path and _seen_inside(Path(path)) for path in tools)
    if not native and not rootfs.ready(folders.cache() / "rootfs", Recipe()):
        return None
    try:
        return provide(environ=environ)
    except PoolError:
        return None


def _rooted(root: Path, cache: Path, user: User) -> RootEnclosure:
    folder = cache / "enclosure"
    place, home = folder / "place", folder / f"home-{user.uid}"
    folder.mkdir(parents=True, exist_ok=True)
    private.must_be_ours(folder, "OSGREPRO_CACHE")
    private.folder(place, 0o755)
    private.folder(home, 0o700, uid=user.uid, gid=user.gid)
    return RootEnclosure(user=user, root=root, place=place, home=home, sub_ids=users.sub_ids())


def _seen_inside(path: Path) -> bool:
    """Tell whether a private root shows ``path``; users' own folders are left out of it."""
    return path.parts[1:2] not in {(name,) for name in _LEFT_OUT}


def _may_make_namespaces(user: User) -> None:
    who = ("setpriv", "--reuid", str(user.uid), "--regid", str(user.gid), "--clear-groups")
    tries = (
        (("unshare", "--mount", "true"), "root may not make a mount namespace here", _CONTAINER),
        (
            (*who, "unshare", "--user", "--map-root-user", "--mount", "true"),
            "this machine does not let ordinary users make user namespaces, which Apptainer needs",
            _USER_NAMESPACES,
        ),
    )
    for argv, failure, hint in tries:
        tried = processes.run(argv)
        if tried.returncode:
            raise PoolError(f"{failure}: {tried.stderr.strip()}", hint=hint)
