"""A program that somebody works with has a terminal of its own, and nothing of the caller's."""

from __future__ import annotations

import os
import pty
import sys
import time

import pytest

CALLER = """
import os, sys
from osgrepro.pool.minipool import _terminal
secret = os.open("/etc/hosts", os.O_RDONLY)
os.dup2(secret, 77)
os.set_inheritable(77, True)
code = _terminal.interact(["sh", "-c", sys.argv[1]], dict(os.environ))
print("ended with", code)
"""


def interact(shell: str, typed: bytes = b"") -> str:
    """What a caller at a terminal sees."""
    pid, ours = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-c", CALLER, shell])
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
            if typed and b"ready" in said:
                os.write(ours, typed)
                typed = b""
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(ours)
    return said.decode()


def test_it_has_a_terminal_and_none_of_our_descriptors() -> None:
    said = interact("tty; test -e /proc/self/fd/77 || echo none of ours; exit 3")
    assert "/dev/pts/" in said
    assert "none of ours" in said
    assert "ended with 3" in said


def test_what_is_typed_arrives() -> None:
    assert "got word" in interact("echo ready; read line; echo got $line", b"word\n")


@pytest.mark.parametrize(
    "shell",
    [
        "setsid sleep 30 & exit 4",
        "(timeout 30 yes &) ; exit 4",
        "kill -STOP $$; exit 4",
        "yes | head -1; exit 4",
    ],
)
def test_it_ends_when_the_program_does(shell: str) -> None:
    started = time.monotonic()
    said = interact(shell)
    assert "ended with 4" in said
    assert "roken pipe" not in said
    assert time.monotonic() - started < 20


def test_a_program_that_is_not_there_is_told_of() -> None:
    assert "ended with 127" in interact("exec no-such-program")
