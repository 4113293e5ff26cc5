from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path

import pytest

from osgrepro.common.errors import PoolError
from osgrepro.pool.enclosure import rootfs
from osgrepro.pool.enclosure.recipe import Recipe

needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], check=False).returncode,
    reason="provisioning is for root, in namespaces of its own",
)


class Plain:
    """Stands for the enclosure: answers as if the tools were there, or not."""

    def __init__(self, root, works=True):
        self.root, self.works = root, works

    def command(self, argv, **_more):
        return ["echo", "version 1"] if self.works else ["sh", "-c", "echo no >&2; exit 3"]


@pytest.fixture
def mmdebstrap(tmp_path, monkeypatch):
    """A program of this name that does what a test wants."""

    def write(script):
        program = tmp_path / "bin" / "mmdebstrap"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return write


MAKE = (
    'for one; do case $one in */unfinished-*) mkdir -p "$one/etc";; esac; done; echo "I: going on"'
)


def provision(folder, *, works=True, told=lambda progress: None):
    return rootfs.provision(
        folder,
        Recipe(),
        mirror=None,
        enclose=lambda root: Plain(root, works),
        notify=told,
    )


@needs_namespaces
def test_a_root_is_made_once_and_then_found(tmp_path, mmdebstrap):
    mmdebstrap(MAKE)
    told = []
    folder = tmp_path / "rootfs"
    root = provision(folder, told=told.append)
    assert root == rootfs.ready(folder, Recipe())
    assert json.loads((root / rootfs.STAMP).read_text())["versions"] == ["version 1"] * 2
    assert any("going on" in progress.what for progress in told)
    mmdebstrap("exit 9")
    assert provision(folder) == root


@needs_namespaces
def test_a_failure_leaves_nothing_and_shows_the_last_words(tmp_path, mmdebstrap):
    mmdebstrap(f"{MAKE}; echo E: no such mirror; exit 7")
    folder = tmp_path / "rootfs"
    with pytest.raises(PoolError, match=r"(?s)exit code 7.*no such mirror") as caught:
        provision(folder)
    assert "OSGREPRO_DEBIAN_MIRROR" in caught.value.hint
    assert not [path for path in folder.iterdir() if path.is_dir()]


@needs_namespaces
def test_a_root_that_does_not_work_is_not_kept(tmp_path, mmdebstrap):
    mmdebstrap(MAKE)
    folder = tmp_path / "rootfs"
    with pytest.raises(PoolError, match="condor_master -version does not run"):
        provision(folder, works=False)
    assert not [path for path in folder.iterdir() if path.is_dir()]


@needs_namespaces
def test_what_a_killed_provision_left_is_cleared_away(tmp_path, mmdebstrap):
    mmdebstrap(MAKE)
    folder = tmp_path / "rootfs"
    stale = folder / "unfinished-0123" / "etc"
    stale.mkdir(parents=True)
    assert rootfs.ready(folder, Recipe()) is None
    provision(folder)
    assert not stale.exists()


@needs_namespaces
def test_two_at_once_make_one(tmp_path, mmdebstrap):
    mmdebstrap(f"{MAKE}; echo made >>{tmp_path}/made; sleep 1")
    folder = tmp_path / "rootfs"
    child = os.fork()
    if not child:
        provision(folder)
        os._exit(0)
    provision(folder)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert Path(tmp_path / "made").read_text() == "made\n"


def test_a_full_disk_is_noticed_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 10**6}))
    with pytest.raises(PoolError, match=r"needs 1\.5 GB"):
        provision(tmp_path / "rootfs")


def test_an_unverified_root_is_not_ready(tmp_path):
    (tmp_path / Recipe().digest).mkdir()
    assert rootfs.ready(tmp_path, Recipe()) is None


def test_another_recipe_is_another_root():
    one = Recipe()
    assert dataclasses.replace(one, packages=(*one.packages, "x")).digest != one.digest
    assert dataclasses.replace(one, version=99).digest != one.digest


def test_the_chosen_mirror_serves_and_else_mmdebstraps_own():
    target = Path("/t")
    assert Recipe().command(target, mirror="http://m")[-1] == "deb http://m forky main"
    assert Recipe().command(target, mirror=None)[-2:] == ["forky", "/t"]
