"""A build has a place of its own, room, and nobody beside it; what a killed one left is removed."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from pathlib import Path

import pytest

from osgrepro.common.errors import ImageError
from osgrepro.common.models import User, silent
from osgrepro.software.apptainer import place

NOBODY = 65534


@pytest.fixture
def plain():
    """A folder of somebody who is not root, for whom a folder's mode counts, and who runs this."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)


def leftover(folder):
    """A tree of folders that may not be written to, or not even read."""
    (folder / "rootfs/usr/bin").mkdir(parents=True)
    (folder / "rootfs/usr/bin/python3").write_text("python")
    (folder / "rootfs/etc").mkdir()
    (folder / "rootfs/etc/shadow").write_text("secret")
    (folder / "rootfs/etc").chmod(0o000)
    for inner in ("rootfs/usr/bin", "rootfs/usr", "rootfs", "."):
        (folder / inner).chmod(0o555)


def test_what_killed_builds_left_is_swept_and_the_rest_stays(plain):
    for name in ("building/123", "bases/bullseye-1.partial"):
        leftover(plain / name)
    kept = [plain / "bases/bullseye-2", plain / "images", plain / "pulled/mine-1"]
    for folder in kept:
        folder.mkdir(parents=True)

    with place.only_builder(plain, silent):
        assert not list((plain / "building").iterdir())
        assert sorted((plain / "bases").iterdir()) == kept[:1]
    assert all(folder.is_dir() for folder in kept)


def test_removing_a_tree_touches_nothing_that_it_links_to(plain):
    (plain / "outside/folder").mkdir(parents=True, mode=0o755)
    (plain / "outside/folder").chmod(0o500)
    (plain / "tree").mkdir()
    (plain / "tree/link").symlink_to(plain / "outside/folder")

    place.remove(plain / "tree")

    assert not (plain / "tree").exists()
    assert (plain / "outside/folder").stat().st_mode & 0o777 == 0o500


def test_removing_what_is_not_there_is_no_failure(plain):
    place.remove(plain / "nothing")


def test_a_second_builder_waits_until_the_first_is_done(tmp_path, until):
    seen, entered = [], threading.Event()

    def second():
        with place.only_builder(tmp_path, seen.append):
            entered.set()

    with place.only_builder(tmp_path, silent):
        thread = threading.Thread(target=second)
        thread.start()
        until(lambda: seen, "the second waits")
        assert not entered.is_set()
    thread.join(20)

    assert entered.is_set()
    assert seen[0].what == "waiting for another build to end"


def test_a_build_that_failed_keeps_nobody_out(tmp_path):
    with pytest.raises(ValueError, match="no"), place.only_builder(tmp_path, silent):
        raise ValueError("no")

    with place.only_builder(tmp_path, pytest.fail):
        pass


def test_a_cache_that_cannot_be_written_is_an_expected_error(bench):
    bench.cache.write_text("a file where the folder should be")

    with pytest.raises(ImageError) as caught:
        bench.build()

    assert "OSGREPRO_CACHE" in caught.value.hint


@pytest.mark.parametrize(("free", "fits"), [(6 * 10**9, True), (6 * 10**9 - 1, False)])
def test_a_build_needs_six_gigabytes(tmp_path, monkeypatch, free, fits):
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": free}))
    if fits:
        place.must_fit(tmp_path)
        return

    with pytest.raises(ImageError, match=r"6\.0 GB are free, and a build needs 6") as caught:
        place.must_fit(tmp_path)
    assert "OSGREPRO_CACHE" in caught.value.hint


def test_a_disk_that_is_too_full_is_told_before_anything_is_made(bench, monkeypatch):
    usage = type("Usage", (), {"free": 10**9})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)

    with pytest.raises(ImageError, match=r"1\.0 GB are free, and a build needs 6"):
        bench.build(make_base=None, fetch_wheels=None)


def test_a_workplace_is_the_users_and_is_gone_afterwards(tmp_path):
    user = User(name="me", uid=os.getuid() or NOBODY, gid=os.getgid() or NOBODY)

    with pytest.raises(ValueError, match="no"), place.workplace(tmp_path, user) as work:
        assert (work.ours.stat().st_uid, work.theirs.stat().st_uid) == (os.geteuid(), user.uid)
        leftover(work.theirs / "tmp")
        raise ValueError("no")

    assert not work.ours.exists()


def test_what_is_taken_out_of_the_users_folder_is_ours_and_no_link(tmp_path):
    user = User(name="me", uid=os.getuid() or NOBODY, gid=os.getgid() or NOBODY)
    (tmp_path / "secret").write_text("of root")
    with place.workplace(tmp_path, user) as work:
        for plant in (
            lambda path: path.symlink_to(tmp_path / "secret"),
            os.mkfifo,
            lambda path: path.mkdir(),
        ):
            plant(work.theirs / "planted")
            with pytest.raises(OSError):
                place.taken(work, "planted")
            (work.theirs / "planted").rename(work.theirs / f"{len(list(work.theirs.iterdir()))}")
        made = work.theirs / "image.sif"
        made.write_text("image")
        made.chmod(0o666)
        with made.open("a") as still_open:
            taken = place.taken(work, "image.sif")
            if os.geteuid() == 0:
                still_open.write("and more")
                still_open.flush()
        assert taken.parent == work.ours
        assert (taken.read_text(), taken.stat().st_mode & 0o777) == ("image", 0o644)


def test_a_folder_of_the_user_can_be_reached_whatever_the_umask_is(tmp_path):
    before = os.umask(0o077)
    try:
        place.make_owned(tmp_path / "one/two", User(name="me", uid=os.getuid(), gid=os.getgid()))
    finally:
        os.umask(before)

    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "one/two").stat().st_mode & 0o777 == 0o755


def test_where_an_image_was_staged_is_noted_once_in_its_lock(bench):
    bench.build()
    file, before = bench.plan().sif, json.loads(bench.plan().facts_file.read_text())

    for url in ("osdf:///one.sif", "osdf:///one.sif", "osdf:///two.sif"):
        place.note_staged(file, url)

    after = json.loads(bench.plan().facts_file.read_text())
    assert after == {**before, "staged": ["osdf:///one.sif", "osdf:///two.sif"]}
    assert bench.plan().is_built


def test_nothing_is_noted_of_an_image_without_a_lock(tmp_path):
    place.note_staged(tmp_path / "my.sif", "osdf:///my.sif")

    assert not list(tmp_path.iterdir())


def test_a_text_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "lock.json"
    place.write(path, "first")

    with pytest.raises(UnicodeEncodeError):
        place.write(path, "second \udcff")
    assert path.read_text() == "first"

    place.write(path, "third")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("lock.json", "third")]
