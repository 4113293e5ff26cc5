"""Whatever is started can't reach the terminal of whoever started it."""

from __future__ import annotations

import ast
import os
import pty
import sys
import time
from pathlib import Path

import pytest

import osgrepro as package
from osgrepro.common import processes

# Types into the terminal that it has as its own, or on its input: TIOCSTI.
TYPES = """
import fcntl, os, sys
for name in ("/dev/tty", 0, 1, 2):
    try:
        fd = os.open(name, os.O_RDWR) if isinstance(name, str) else name
        fcntl.ioctl(fd, 0x5412, b"x")
        print("typed by", name)
    except OSError as error:
        print("refused")
"""
CALLER = """
import sys
from osgrepro.common import processes
print(processes.run([sys.executable, "-c", sys.argv[1]]).stdout)
"""


def test_a_program_does_not_have_the_callers_terminal() -> None:
    pid, ours = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-c", CALLER, TYPES])
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(ours)
    assert said.split().count(b"refused") == 4, said


def test_it_reads_what_it_is_given_and_says_what_it_says() -> None:
    done = processes.run(["sh", "-c", "cat; printf 'caf\\351' >&2; exit 3"], text="in")
    assert (done.stdout, done.stderr, done.returncode) == ("in", "caf\N{REPLACEMENT CHARACTER}", 3)


def test_when_we_are_interrupted_all_that_it_started_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pid"

    def interrupted(*_: object, **__: object) -> None:
        while not file.exists() or not file.read_text().strip():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(processes.Program, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        processes.run(["sh", "-c", f"sleep 600 & echo $! > {file}; wait"])
    pid = int(file.read_text())
    for _ in range(500):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.01)
    raise AssertionError("it goes on")


def test_nothing_is_started_any_other_way() -> None:
    """import-linter keeps subprocess in one module; the rest of the ways are these."""
    others = {"system", "popen", "spawnv", "spawnl", "spawnvp", "posix_spawn", "fork", "forkpty"}
    root = Path(package.__file__).parent
    found = []
    for path in root.rglob("*.py"):
        inside = path.relative_to(root)
        if inside.parts[0] == "payload" or inside.name == "_terminal.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                room, name = node.value.id, node.attr
                if room in {"os", "pty"} and (name in others or name.startswith("exec")):
                    found.append((str(inside), room, name))
    assert found == []
