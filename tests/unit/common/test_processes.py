"""Whatever is started can't reach the terminal of whoever started it."""

from __future__ import annotations

import ast
import os
import pty
import sys
import time
from contextlib import suppress
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


def gone(pid: int) -> bool:
    for _ in range(500):
        state = Path(f"/proc/{pid}/stat")
        with suppress(FileNotFoundError):
            if state.read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.01)
                continue
        return True
    return False


@pytest.mark.parametrize(
    "shell",
    [
        "sleep 600 & echo $! >{file}; exit 0",  # the leader has ended
        "(trap '' TERM; echo $BASHPID >{file}; exec sleep 600) & wait",
        "trap '' TERM; echo $$ >{file}; sleep 600",
    ],
)
def test_ending_a_program_ends_all_that_stayed_with_it(tmp_path: Path, shell: str) -> None:
    file = tmp_path / "pid"
    program = processes.begin(["bash", "-c", shell.format(file=file)])
    while not file.exists() or not file.read_text().strip():
        time.sleep(0.01)
    processes.end(program, grace_s=0.2)
    assert gone(int(file.read_text()))


def test_what_is_relayed_has_no_terminal_and_a_child_that_goes_on_holds_nobody(
    capfd: pytest.CaptureFixture[str],
) -> None:
    shell = 'readlink /proc/self/fd/0 /proc/self/fd/1; echo "$0" >&2; sleep 5 & exit 3'
    started = time.monotonic()
    code = processes.relay(["sh", "-c", shell, "two"], env=dict(os.environ), aside=True)
    said = capfd.readouterr()
    assert (code, said.out) == (3, "")
    assert said.err.splitlines()[0] == "/dev/null"
    assert said.err.splitlines()[1].startswith("pipe:")
    assert said.err.splitlines()[2] == "two"
    assert time.monotonic() - started < 4
