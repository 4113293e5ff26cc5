"""The disk of the campaign's folder is full, while runs are submitted, return and are collected."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import fault_bench
import pytest
from real_pool import until

from osgrepro.common.errors import OsgreproError
from osgrepro.common.models import RunState
from osgrepro.workflow.results.collection import collect

pytestmark = [
    pytest.mark.pool,
    pytest.mark.timeout(600),
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk"),
]


# What the commands print as one message, with what to do.
FULL = (OsgreproError, OSError)


@pytest.fixture(scope="module")
def disk():
    """A disk of a few MB."""
    folder = Path(tempfile.mkdtemp(prefix="osgrepro-"))
    options = "size=8m,mode=0755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture(scope="module")
def settings(disk, settings):
    """Those of a pool that begins after the disk was mounted, and so sees it."""
    return settings


@pytest.fixture
def bench(pool, settings, image, disk):
    root = disk / "campaign"
    root.mkdir()
    with fault_bench.a_bench(settings, image, root) as made:
        yield made


@contextmanager
def full(bench):
    """Fill the disk to its last byte; a person makes room in the end."""
    filler = bench.workspace.root.parent / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            for size in (1 << 20, 1 << 12, 1):
                while True:
                    try:
                        file.write(bytes(size))
                    except OSError:
                        break
            yield
        finally:
            filler.unlink()
            bench.did.append("made room")


def test_the_disk_is_full_during_submit(bench, ended):
    bench.fault()
    with full(bench), pytest.raises(FULL, match=r"full|space"):
        bench.send()
    bench.person("submit")
    happened = "submit says so, and sends nothing"
    assert ended("disk full at submit", happened).did == "made room, osgrepro submit"


def test_the_disk_is_full_during_collect(bench, ended):
    bench.send()
    until(lambda: set(bench.status().counts) == {RunState.RETURNED}, "not all return", 300)
    bench.fault()
    with full(bench), pytest.raises(FULL, match=r"full|space"):
        collect(bench.matrix, bench.images, bench.workspace)
    assert ended("disk full at collect", "collect says so").did == "made room"


def test_the_disk_is_full_while_runs_return(bench, ended):
    bench.start()
    bench.fault()
    with full(bench):
        until(lambda: not bench.status().counts.get(RunState.RUNNING), "jobs still run")
        held = bench.status().held
    for verb in ["release"] if held else []:
        bench.person(verb)
    ended("disk full while runs return", "held, or returned empty and due again")
