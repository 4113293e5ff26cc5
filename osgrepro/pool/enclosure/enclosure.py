"""How a command is run where HTCondor and Apptainer are: plainly, or in a root of its own.

Both classes satisfy ``models.Enclosure``. As root, commands always get a private mount namespace
(``templates/pool/enter.sh``) whose root is the provisioned root file system or, with native
tools, this machine's own; so root's folders are seen and root's rights are not.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common.files import whole
from osgrepro.common.models import User
from osgrepro.runs import render


@dataclass(frozen=True, kw_only=True, slots=True)
class NativeEnclosure:
    """Plainly this machine, for somebody who is not root: commands run as they are."""

    user: User

    def command(
        self, argv: Sequence[str], *, binds: Sequence[Path] = (), cwd: Path | None = None
    ) -> list[str]:
        """Return ``argv``, started in ``cwd``; everything is visible, so ``binds`` are too."""
        del binds
        return list(argv) if cwd is None else ["env", f"--chdir={cwd}", *argv]


@dataclass(frozen=True, kw_only=True, slots=True)
class RootEnclosure:
    """A private root for root: ``root`` with host folders bound in, run as an ordinary user.

    Parameters
    ----------
    user : User
        Whom commands run as.
    root : Path
        The root file system with HTCondor and Apptainer; ``/`` is this machine's own.
    place : Path
        An empty folder on which each command's root is put together.
    home : Path
        The host folder that is the user's home inside.
    sub_ids : int
        The first of 65,536 ids that nobody has, for the user to map.
    """

    user: User
    root: Path
    place: Path
    home: Path
    sub_ids: int

    def command(
        self, argv: Sequence[str], *, binds: Sequence[Path] = (), cwd: Path | None = None
    ) -> list[str]:
        """Return the command line that runs ``argv`` inside, in ``cwd`` (else ``/``)."""
        return ["unshare", "--mount", *self._entering(argv, binds, cwd, keep_host=False)]

    def first_process(self, argv: Sequence[str], *, binds: Sequence[Path] = ()) -> list[str]:
        """Return the command line that makes ``argv`` the first process of a PID namespace.

        Everything that it starts ends with it. The host's root stays reachable, for root only, at
        ``/.host/root``, so that ``exposing`` can add to what is seen.
        """
        return [
            *("unshare", "--mount", "--pid", "--fork"),
            *self._entering(argv, binds, None, keep_host=True),
        ]

    def joining(self, mounts: int, processes: int, argv: Sequence[str]) -> list[str]:
        """Return the command line that runs ``argv`` in two namespaces, as the user.

        They are descriptors: of a mount and a PID namespace. ``nsenter`` itself becomes the user,
        so that root runs nothing that is found inside.
        """
        who = (f"--setgid={self.user.gid}", f"--setuid={self.user.uid}")
        return [*_entered(mounts, processes), *who, "--", "env", "--chdir=/run/home", *argv]

    def exposing(self, mounts: int, processes: int, path: Path) -> list[str]:
        """Return the command line that shows the host's ``path`` to a mount and PID namespace.

        They are descriptors; with the PIDs, /proc in there is true of what runs. Root brings the
        script along, and uses system tools alone.
        """
        who = (str(self.user.uid), str(self.user.gid))
        inside = _script("/bin/sh", "expose", *who, str(path), os.path.realpath(path))
        return [*_entered(mounts, processes), "--", *inside]

    def _entering(
        self, argv: Sequence[str], binds: Sequence[Path], cwd: Path | None, *, keep_host: bool
    ) -> list[str]:
        # Parents first: binding a parent hides what was bound below it.
        seen = sorted({str(whole(path)) for path in binds}, key=len)
        pairs = (end for path in seen for end in (path, os.path.realpath(path)))
        who = self.user
        return [
            *_script("sh", "build", str(self.root), str(self.place)),
            *(who.name, str(who.uid), str(who.gid), str(self.home), str(self.sub_ids)),
            *(str(cwd or "/"), "1" if keep_host else "0", *pairs, "--", *argv),
        ]


def _entered(mounts: int, processes: int) -> tuple[str, ...]:
    """Return the command that enters a mount and a PID namespace, which descriptors name."""
    return ("nsenter", f"--mount=/proc/self/fd/{mounts}", f"--pid=/proc/self/fd/{processes}")


def _script(shell: str, *arguments: str) -> list[str]:
    """Return the command line that runs the shipped ``enter.sh``: its text, and no file."""
    return [shell, "-c", 'eval "$1"', "enter", render.text("pool/enter.sh"), *arguments]
