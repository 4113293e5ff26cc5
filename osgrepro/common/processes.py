"""Other programs: started here and nowhere else, so that none of them keeps the caller's terminal.

A program that has the terminal of whoever called us as its own can type into it, and the caller's
shell would execute that afterwards, outside of any container and with all the caller's rights. So
each gets a session of its own, and ends with what it started when we are interrupted. The payload,
which travels alone, has its own way.
"""

from __future__ import annotations

import codecs
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TextIO

from osgrepro.common import texts

PIPE, STDOUT, DEVNULL = subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL
Program = subprocess.Popen
Ended = subprocess.CompletedProcess

_GRACE_S = 10
_POLL_S = 0.2
_PIECE_BYTES = 65_536
_DECODER = codecs.getincrementaldecoder("utf-8")


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
    """Run a program to its end and return what it said; bytes that are not text are replaced.

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


class Ending:
    """When to stop passing on what a program says: it has ended, and nothing more is there."""

    def __init__(self, program: Program[Any]) -> None:
        self._program = program
        self._until: float | None = None

    def wait_s(self) -> float:
        """Return how long to look for more. Asked before each look: what was said is there then."""
        if self._until is None and self._program.poll() is not None:
            # Others, which it left behind, may say more for ever.
            self._until = time.monotonic() + _POLL_S
        return _POLL_S if self._until is None else 0

    def over(self, more: bool) -> bool:
        """Whether that look was the last; ``more`` tells whether it found something."""
        return self._until is not None and (not more or time.monotonic() > self._until)


def relay(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    aside: bool = False,
) -> int:
    """Run a program to its end, and pass on what it says; return its exit code.

    It gets no descriptor of a terminal: whoever has one open can read from it and set it, also
    after the program seemed to have ended. What goes to a terminal is spelled out. With ``aside``,
    all that it says goes where our messages go.
    """
    out = sys.stderr if aside else sys.stdout
    piped = {name: stream is None or stream.isatty() for name, stream in _streams(out)}
    program = begin(
        argv,
        env=env,
        cwd=cwd,
        stdin=DEVNULL if aside or piped["stdin"] else None,
        stdout=PIPE if piped["stdout"] or aside else None,
        stderr=STDOUT if aside else PIPE if piped["stderr"] else None,
        pass_fds=pass_fds,
    )
    with program:
        try:
            _pass_on(program, {program.stdout: out, program.stderr: sys.stderr})
        except BaseException:
            end(program)
            raise
    return int(program.returncode)


def _streams(out: TextIO | None) -> tuple[tuple[str, TextIO | None], ...]:
    return ("stdin", sys.stdin), ("stdout", out), ("stderr", sys.stderr)


def _pass_on(program: Program[bytes], ways: Mapping[IO[bytes] | None, TextIO | None]) -> None:
    """Pass on until the program has ended and nothing more is there; who holds a pipe may not."""
    open_ways = {source: target for source, target in ways.items() if source is not None}
    decoders = {source: _DECODER(errors="replace") for source in open_ways}
    ending = Ending(program)
    while open_ways or program.poll() is None:
        if not open_ways:
            program.wait()
            return
        ready, _, _ = select.select(list(open_ways), [], [], ending.wait_s())
        for source in ready:
            piece = os.read(source.fileno(), _PIECE_BYTES)
            text = decoders[source].decode(piece, final=not piece)
            _say(open_ways[source], text)
            if not piece:
                del open_ways[source]
        if ending.over(bool(ready)):
            return


def _say(target: TextIO | None, text: str) -> None:
    if target is not None:  # Python's own are, where they were closed
        target.write(texts.lines(text) if target.isatty() else text)
        target.flush()


def end(program: Program[Any], *, grace_s: float = _GRACE_S) -> None:
    """End a program with everything that it started and that stayed with it, also where it went."""
    try:
        if grace_s and program.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                program.wait(timeout=grace_s)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            program.wait(timeout=_GRACE_S)


def ended(program: Program[Any], *, within_s: float) -> int | None:
    """Return the exit code of a program that ends ``within_s`` seconds; None where it goes on."""
    try:
        return program.wait(timeout=within_s)
    except subprocess.TimeoutExpired:
        return None
