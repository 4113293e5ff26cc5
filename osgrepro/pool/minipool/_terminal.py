"""A terminal of its own for a program that somebody works with: the caller's stays the caller's.

A program with the caller's terminal can type into it, also as another user: the caller's shell
would execute that. Here it has one that only it reads, and what it says is passed on.
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

_PIECE_BYTES = 65536
_NOT_FOUND = 127


def interact(argv: Sequence[str], env: Mapping[str, str], pass_fds: Sequence[int] = ()) -> int:
    """Run ``argv`` with what we read and where we write, and return its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        with processes.begin(argv, env=env, pass_fds=pass_fds) as program:
            try:
                return int(program.wait())
            except BaseException:
                processes.end(program, grace_s=0)
                raise
    pid, ours = pty.fork()
    if not pid:
        _become(argv, env, pass_fds)
    try:
        with _raw(sys.stdin.fileno()), _resized(ours):
            _copy(ours)
    finally:
        os.close(ours)
        _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _become(argv: Sequence[str], env: Mapping[str, str], pass_fds: Sequence[int]) -> None:
    try:
        for each in pass_fds:
            os.set_inheritable(each, True)
        os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 (it is a program, not a shell's text)
    finally:
        os._exit(_NOT_FOUND)


def _copy(ours: int) -> None:
    """Pass on what is typed and what is said until the program's side is closed."""
    typed, shown = sys.stdin.fileno(), sys.stdout.fileno()
    sources = [typed, ours]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if ours in ready:
            try:
                said = os.read(ours, _PIECE_BYTES)
            except OSError:  # how Linux says that nobody has the other side any more
                return
            if not said:
                return
            os.write(shown, said)
        if typed in ready:
            keys = os.read(typed, _PIECE_BYTES)
            if keys:
                os.write(ours, keys)
            else:
                sources.remove(typed)


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
