"""A terminal of its own for a program that somebody works with: the caller's stays the caller's.

A program with the caller's terminal can type into it, read from it and set it, also as another user
and after it seemed to have ended. Here it has one that only it reads, and what it says is passed
on.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from osgrepro.common import processes

_PIECE_BYTES = 65_536
# The leader of a session gets the terminal that it opens first.
_OPENS = ("sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1')


def interact(argv: Sequence[str], env: Mapping[str, str], pass_fds: Sequence[int] = ()) -> int:
    """Run ``argv`` with what we read and where we write, and return its exit code."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return processes.relay(argv, env=env, pass_fds=pass_fds)
    ours, theirs = pty.openpty()
    try:
        with _raw(sys.stdin.fileno()), _resized(ours):
            program = processes.begin(
                [*_OPENS, os.ttyname(theirs), *argv],
                env=env,
                stdin=processes.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                pass_fds=pass_fds,
            )
            with program:
                try:
                    _pass_on(program, ours)
                except BaseException:
                    processes.end(program, grace_s=0)
                    raise
    finally:
        os.close(ours)
        os.close(theirs)
    return int(program.returncode)


def _pass_on(program: processes.Program[bytes], ours: int) -> None:
    """Pass on what is typed and what is said until the program has ended and said all."""
    typed, shown = sys.stdin.fileno(), sys.stdout.fileno()
    os.set_blocking(ours, False)
    waiting = b""  # typed, and not taken yet
    listening = True
    ending = processes.Ending(program)
    while True:
        reading = [ours, *([typed] if listening and len(waiting) < _PIECE_BYTES else [])]
        ready, writable, _ = select.select(reading, [ours] if waiting else [], [], ending.wait_s())
        if ours in ready:
            with suppress(BlockingIOError):
                os.write(shown, os.read(ours, _PIECE_BYTES))
        if typed in ready:
            keys = os.read(typed, _PIECE_BYTES)
            listening, waiting = bool(keys), waiting + keys
        if writable:
            with suppress(BlockingIOError):
                waiting = waiting[os.write(ours, waiting) :]
        if ending.over(bool(ready)):
            return
        _wake(program)


def _wake(program: processes.Program[bytes]) -> None:
    """Let a shell go on that stopped itself: nobody else could."""
    with suppress(ChildProcessError, ProcessLookupError):
        flags = os.WSTOPPED | os.WNOHANG
        if program.returncode is None and os.waitid(os.P_PID, program.pid, flags):
            os.killpg(program.pid, signal.SIGCONT)


@contextmanager
def _raw(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


@contextmanager
def _resized(ours: int) -> Iterator[None]:
    """Give the program's terminal the size of ours, also when that changes."""

    def resize(*_signal: object) -> None:
        with suppress(OSError):
            size = fcntl.ioctl(sys.stdin.fileno(), termios.TIOCGWINSZ, bytes(8))
            fcntl.ioctl(ours, termios.TIOCSWINSZ, size)

    before = signal.signal(signal.SIGWINCH, resize)
    resize()
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
