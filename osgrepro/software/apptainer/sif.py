"""Asks finished images: their labels, their digest, and whether they pass their own test.

Called through the room's door. Apptainer's commands are started here and nowhere else.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from osgrepro.common import files, memo, processes
from osgrepro.common.errors import ImageError
from osgrepro.common.models import Enclosure, Notify, Progress, silent
from osgrepro.software.apptainer.plan import read_image_facts

_POLL_S = 0.25
# Apptainer's variables, but for where it keeps its files and who one is to a registry; and what
# tells an image's test that a job is about to start.
_CHANGES = re.compile(
    r"(?:APPTAINER|SINGULARITY)(?:ENV)?_"
    r"(?!(?:CACHEDIR|TMPDIR|CONFIGDIR|DOCKER_USERNAME|DOCKER_PASSWORD)\Z)"
    r"|_CONDOR_JOB_AD\Z"
)
_LAST_LINES = 12


def inspect(path: Path, enclosure: Enclosure) -> Mapping[str, str]:
    """Return the labels of the image at ``path``.

    Raises
    ------
    ImageError
        If the file is missing or is not an image.
    """
    _must_be_there(path)
    argv = ["apptainer", "inspect", "--json", "--labels", str(path)]
    said = ask(
        argv, enclosure, binds=[path.parent], failure=f"{path}: not an image that can be read"
    )
    try:
        labels = json.loads(said)["data"]["attributes"]["labels"]
    except (ValueError, KeyError, TypeError) as error:
        raise ImageError(f"{path}: what Apptainer says of its labels can't be read") from error
    return {str(key): str(value) for key, value in (labels or {}).items()}


def digest(path: Path) -> str:
    """Return the SHA-256 of the image at ``path``, from its facts while they are of this file.

    Of an image without facts it is remembered until the file changes.

    Raises
    ------
    ImageError
        If the file can't be read.
    """
    image_facts = read_image_facts(path)
    if image_facts is not None:
        return str(image_facts["sha256"])
    try:
        key = memo.state_of(path)
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}") from error
    known = memo.recall("sha256", key)
    if not isinstance(known, str):
        known = sha256(path)
        memo.remember("sha256", key, known)
    return known


def test(path: Path, enclosure: Enclosure, notify: Notify = silent) -> None:
    """Run the test that the image at ``path`` carries.

    Raises
    ------
    ImageError
        With the last lines of what the test said, if it fails.
    """
    _must_be_there(path)
    notify(Progress(what=f"testing {path.name}"))
    argv = ["apptainer", "test", "--containall", str(path)]
    ask(argv, enclosure, binds=[path.parent], failure=f"{path}: its own test fails")


def sha256(path: Path) -> str:
    """Return the SHA-256 of the bytes at ``path``."""
    try:
        return files.sha256(path)
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}") from error


def environment() -> dict[str, str]:
    """Return our environment without what would change images, or what is seen in them.

    `APPTAINER_BIND`, `APPTAINERENV_PATH` and their like are the caller's, and no part of an image.
    """
    return {name: value for name, value in os.environ.items() if not _CHANGES.match(name)}


def ask(
    argv: Sequence[str],
    enclosure: Enclosure,
    *,
    binds: Sequence[Path] = (),
    failure: str,
    good: Sequence[int] = (0,),
) -> str:
    """Return what a short command prints inside the enclosure.

    ``failure`` begins its error; ``good`` are the exit statuses that are none.
    """
    full = enclosure.command(argv, binds=binds)
    try:
        done = processes.run(full, env=environment())
    except OSError as error:
        raise ImageError(f"{failure}: {full[0]}: {error.strerror}") from error
    if done.returncode not in good:
        raise ImageError(f"{failure}:\n{last_lines(done.stderr + done.stdout)}")
    return done.stdout


def work(
    argv: Sequence[str],
    *,
    log: IO[bytes],
    holds: int,
    progress: Progress,
    notify: Notify,
) -> int:
    """Run a long command, its output to ``log``, and return its exit status.

    Parameters
    ----------
    argv : sequence of str
        The whole command, as an enclosure returned it.
    log : file
        Takes everything that it prints.
    holds : int
        A descriptor that the command keeps open: the builders' lock stays held until the command
        itself has ended, even if this process is killed.
    progress : Progress
        Shown with the seconds that have passed.
    notify : Notify
        Takes the progress.
    """
    try:
        process = processes.begin(
            argv,
            stdin=processes.DEVNULL,
            stdout=log,
            stderr=processes.STDOUT,
            pass_fds=(holds,),
            env=environment(),
        )
    except OSError as error:
        raise ImageError(f"{argv[0]}: {error.strerror}") from error
    started = time.monotonic()
    try:
        while (status := processes.ended(process, within_s=_POLL_S)) is None:
            seconds = time.monotonic() - started
            notify(Progress(what=progress.what, done=round(seconds), unit="s"))
    except BaseException:
        processes.end(process)
        raise
    return status


def last_lines(text: str) -> str:
    """Return the end of ``text``, as much as fits under an error."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(f"  {line[:300]}" for line in lines[-_LAST_LINES:])


def _must_be_there(path: Path) -> None:
    if not path.is_file():
        raise ImageError(f"{path}: there is no such image", hint="`osgrepro build` makes it")
