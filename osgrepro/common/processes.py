"""Other programs: started here and nowhere else, so that none of them keeps the caller's terminal.

A program that has the terminal of whoever called us as its own can type into it, and the caller's
shell would execute that afterwards, outside of any container and with all the caller's rights. So
each gets a session of its own, and ends with what it started when we are interrupted. The payload,
which travels alone, has its own way.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

PIPE, STDOUT, DEVNULL = subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL
Program = subprocess.Popen
Ended = subprocess.CompletedProcess

_GRACE_S = 10


def run(
    argv: Sequence[str],
    *,
    text: str = "",
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    stdout: int | IO[Any] = PIPE,
    stderr: int | IO[Any] = PIPE,
    pass_fds: Sequence[int] = (),
) -> Ended[str]:
    """Run a program to its end and return what it said; bytes that are no text are replaced.

    Parameters
    ----------
    argv : sequence of str
        Program and arguments.
    text : str
        What it reads; by default nothing.
    cwd, env, stdout, stderr, pass_fds
        As for :class:`subprocess.Popen`.

    Raises
    ------
    OSError
        If it can't be started.
    """
    program = begin(
        argv,
        stdin=PIPE if text else DEVNULL,
        cwd=cwd,
        env=env,
        stdout=stdout,
        stderr=stderr,
        pass_fds=pass_fds,
        text=True,
        errors="replace",
    )
    with program:
        try:
            said, complained = program.communicate(text or None)
        except BaseException:
            end(program, grace_s=0)
            raise
    return Ended(program.args, program.returncode, said, complained)


def begin(argv: Sequence[str], **options: Any) -> Program[Any]:
    """Start a program in a session of its own; ``options`` are :class:`subprocess.Popen`'s."""
    return Program(argv, start_new_session=True, **options)


def end(program: Program[Any], *, grace_s: float = _GRACE_S) -> None:
    """End a program that still runs, with everything that it started and that stayed with it."""
    signs = (signal.SIGTERM, signal.SIGKILL) if grace_s else (signal.SIGKILL,)
    for sign in signs:
        if program.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(program.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            program.wait(timeout=grace_s or _GRACE_S)


def ended(program: Program[Any], *, within_s: float) -> int | None:
    """Return the exit code of a program that ends ``within_s`` seconds; None where it goes on."""
    try:
        return program.wait(timeout=within_s)
    except subprocess.TimeoutExpired:
        return None
