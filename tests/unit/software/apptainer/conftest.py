"""A bench to build images on, where Apptainer is a small program that follows orders.

Processes, locks, files and what is in the images are real.
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
from paths import ROOT

from osgrepro.common.models import User
from osgrepro.software import apptainer

PROGRAM = ROOT / "tests" / "support" / "fake_apptainer.py"
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
    """Runs a small program in place of Apptainer's, in the bench's folder."""

    folder: Path
    user: User = ME

    def command(self, argv, *, binds=(), cwd=None):
        fake = [sys.executable, str(PROGRAM), str(self.folder)]
        words = [
            part
            for word in argv
            for part in ([*fake, word] if word in ("apptainer", "unsquashfs") else [word])
        ]
        return words if cwd is None else ["env", f"--chdir={cwd}", *words]


class Bench:
    """A cache, a fake Apptainer, and what was asked of the collaborators."""

    container = CONTAINER

    def __init__(self, folder):
        self.folder = folder
        self.cache = folder / "cache"
        self.enclosure = FakeEnclosure(folder)
        self.bases = []
        self.seen = []

    def plan(self, container=CONTAINER):
        return apptainer.plan_image(container, self.cache)

    def build(self, container=CONTAINER, **more):
        return self._do(apptainer.build, container, more)

    def check(self, container=CONTAINER, **more):
        return self._do(apptainer.check, container, more)

    def _do(self, verb, container, more):
        collaborators = {"make_base": self.make_base, "fetch_wheels": self.fetch_wheels, **more}
        return verb(self.plan(container), self.enclosure, self.seen.append, **collaborators)

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

    def fails(self, said):
        """Have Apptainer say this and fail."""
        (self.folder / "said").write_text(said)

    def mends(self):
        (self.folder / "said").unlink()

    def holds(self, paths):
        """Have images hold this besides the usual: kind, mode, and text; None: not even that."""
        (self.folder / "tree").write_text(json.dumps(paths))

    def go(self):
        (self.folder / "go").write_text("")

    def calls(self, verb):
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [call for line in lines if (call := json.loads(line))[0] == verb]

    def start_builder(self):
        """Build in another process."""
        argv = [sys.executable, "-c", BUILDER, __file__, str(self.folder)]
        return subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})

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
