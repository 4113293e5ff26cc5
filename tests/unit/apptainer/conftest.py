"""A bench to build images on, where Apptainer is a small program that follows ``orders``.

Processes, locks and files are real.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from osgrepro import apptainer
from osgrepro.models import User

APPTAINER = r"""
import json, os, pathlib, sys, time
here = pathlib.Path(__file__).parent
with open(here / "calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\n")
orders = (here / "orders").read_text().split() if (here / "orders").exists() else []
verb = sys.argv[1]
if verb == "build":
    out = pathlib.Path(sys.argv[-2])
    print("definition:", pathlib.Path(sys.argv[-1]).read_text().splitlines()[1], flush=True)
    out.write_bytes(b"half")
    (pathlib.Path(os.environ["APPTAINER_TMPDIR"]) / "rootfs").mkdir()
    (here / "started").write_text(str(os.getpid()))
    while "wait" in orders and not (here / "go").exists():
        time.sleep(0.02)
    if "fail" in orders:
        sys.exit("FATAL: it went wrong: " + " ".join(orders))
    out.write_bytes(b"SIF" * 1000)
elif verb == "inspect":
    if "broken" in orders:
        sys.exit("FATAL: not a SIF")
    print(json.dumps({"data": {"attributes": {"labels": {"org.osgrepro.tensorflow": "2.8.0"}}}}))
elif verb == "test":
    sys.exit("AssertionError: 2.9.1" if "fail" in orders else 0)
else:
    print("apptainer version 1.4.5")
"""
BUILDER = """
import runpy, sys
from pathlib import Path
runpy.run_path(sys.argv[1])["Bench"](Path(sys.argv[2])).build()
"""
CONTAINER = apptainer.Container(
    name="mine",
    why="a test",
    tensorflow="2.8.0",
    python="3.9.2",
    base=apptainer.DebianBase(kind="debian", suite="bullseye", glibc="2.31", packages=("python3",)),
    requirements=("tensorflow-cpu==2.8.0", "pip"),
    lock=f"tensorflow-cpu==2.8.0 --hash=sha256:{'0' * 64}\n",
)
ME = User(name="me", uid=os.getuid(), gid=os.getgid())


@dataclass(frozen=True)
class FakeEnclosure:
    """Runs the program above in place of Apptainer."""

    program: Path
    user: User = ME

    def command(self, argv, *, binds=(), cwd=None):
        words = [
            part
            for word in argv
            for part in ([sys.executable, str(self.program)] if word == "apptainer" else [word])
        ]
        return words if cwd is None else ["env", f"--chdir={cwd}", *words]


class Bench:
    """A cache, a fake Apptainer, and what was asked of the collaborators."""

    container = CONTAINER

    def __init__(self, folder):
        self.folder = folder
        self.cache = folder / "cache"
        self.program = folder / "apptainer.py"
        self.program.write_text(APPTAINER)
        self.enclosure = FakeEnclosure(self.program)
        self.bases = []
        self.seen = []

    def plan(self, container=CONTAINER):
        return apptainer.plan_image(container, self.cache)

    def build(self, container=CONTAINER, **more):
        collaborators = {"make_base": self.make_base, "fetch_wheels": self.fetch_wheels, **more}
        return apptainer.build(
            self.plan(container), self.enclosure, self.seen.append, **collaborators
        )

    def make_base(self, suite, packages, target):
        self.bases.append((suite, tuple(packages)))
        (target / "usr").mkdir(parents=True, mode=0o700)
        (target / "usr/secret").write_text("x")
        (target / "usr/secret").chmod(0o600)
        (target / "var/lib/dpkg").mkdir(parents=True)
        status = (
            "Package: python3\nStatus: install ok\nVersion: 3.9.2-3\n\nPackage: tar\nVersion: 1\n"
        )
        (target / "var/lib/dpkg/status").write_text(status)
        os.mkfifo(target / "usr/pipe")

    def fetch_wheels(self, container, notify):
        folder = self.cache / "wheelhouse" / "x"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def order(self, *words):
        (self.folder / "orders").write_text(" ".join(words))

    def go(self):
        (self.folder / "go").write_text("")

    def calls(self, verb):
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [call for line in lines if (call := json.loads(line))[0] == verb]

    def start_builder(self):
        """Build in another process."""
        argv = [sys.executable, "-c", BUILDER, __file__, str(self.folder)]
        return subprocess.Popen(argv)

    def images(self):
        return sorted(path.name for path in (self.cache / "images").glob("*.sif"))

    def leftovers(self):
        return [*(self.cache / "building").glob("*"), *(self.cache / "bases").glob("*.partial")]


@pytest.fixture
def until():
    """Wait for a condition, for so long."""
    return _until


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def _until(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
