"""One real pool and one very small image for everything that needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import real_pool
from tiny_image import PYTHON, build, recipe

from osgrepro.pool import minipool
from osgrepro.pool.enclosure import provide

_TINY = recipe("tiny", "sh", "cat", "id", "sleep", "env", "mkdir", "grep")


@pytest.fixture(scope="session")
def enclosure():
    return provide()


@pytest.fixture(scope="session")
def owned(tmp_path_factory, enclosure):
    """Makes folders that the pool's user owns."""

    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        os.chown(folder, enclosure.user.uid, enclosure.user.gid)
        return folder

    return make


@pytest.fixture(scope="session")
def tiny_image(enclosure, owned):
    return build(_TINY, owned("image"), enclosure)


@pytest.fixture(scope="session")
def image(enclosure, owned):
    """Where programs run that need no framework."""
    return build(PYTHON, owned("python"), enclosure)


@pytest.fixture(scope="session")
def training_image():
    return real_pool.image()


@pytest.fixture(scope="session")
def pool(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pool")
    try:
        yield minipool.up(minipool.Settings(directory=directory))
    finally:
        minipool.down(directory)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Run a command as a user would, beside a pool of its own: exit code, output, messages."""
    folder = tmp_path_factory.mktemp("osgrepro")

    def run(*argv: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "osgrepro", *argv],
            cwd=folder,
            env={**os.environ, "OSGREPRO_POOL_DIR": str(folder / "pool")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture(scope="module")
def commands(outcome):
    """Run a command that has to succeed, with a pool of its own that is down at the end."""

    def run(*argv: str) -> str:
        code, out, err = outcome(*argv)
        assert code == 0, out + err
        return out

    try:
        yield run
    finally:
        run("pool", "down")


@pytest.fixture(scope="module")
def osgrepro(commands):
    """Run a command as a user would, beside a mini-pool that is up."""
    commands("pool", "up")
    return commands
