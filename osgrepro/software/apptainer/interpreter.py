"""Asks an image for the `python3` that would start the payload on a slot.

Called through the room's door. What runs is the image's own program, in a container that sees
nothing of this machine but the image.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common import processes
from osgrepro.common.errors import ImageError
from osgrepro.common.models import Enclosure
from osgrepro.software.apptainer.sif import environment

# The payload begins with `#!/usr/bin/env python3`; its floor is in its `__main__`.
_PROGRAM = "/usr/bin/env"
OLDEST = (3, 8)
_TELL = "import sys; sys.stdout.write('osgrepro: %d.%d' % sys.version_info[:2])"
_TOLD = re.compile(r"osgrepro: (\d+)\.(\d+)\Z")
_PATIENCE_S = 60
# What env, a shell and Apptainer say of a program that isn't there or can't be executed.
_ABSENT = (126, 127)
_NO_ENV = re.compile(rf"^FATAL:.*{_PROGRAM}.*(no such file|not found)", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Python:
    """The `python3` of an image: ``version`` as ``3.11``; None where it has none that starts."""

    version: str | None

    @property
    def problem(self) -> str | None:
        """Why the payload can't start with it; None where it can."""
        if self.version is None:
            return "has no python3 on its PATH, and the run's program is started with one"
        if tuple(map(int, self.version.split("."))) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            return f"has python3 {self.version}, and the run's program needs {oldest} or newer"
        return None


def python(path: Path, enclosure: Enclosure) -> Python:
    """Return the `python3` that the image at ``path`` finds on its PATH.

    Raises
    ------
    ImageError
        With the last line that was said, where the image could not be asked; that says nothing of
        the image.
    """
    argv = ("apptainer", "--silent", "exec", "--containall", "--cleanenv", str(path))
    asked = ("timeout", "-k", "5", str(_PATIENCE_S), *argv, _PROGRAM, "python3", "-c", _TELL)
    full = enclosure.command(asked, binds=[path.parent])
    try:
        done = processes.run(full, env=environment())
    except OSError as error:
        raise ImageError(f"{full[0]}: {error.strerror}") from error
    if version := _TOLD.search(done.stdout):
        return Python(f"{version[1]}.{version[2]}")
    if done.returncode in _ABSENT or _NO_ENV.search(done.stderr):
        return Python(None)
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    raise ImageError(last)
