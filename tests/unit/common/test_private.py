"""What root trusts in a folder is what nobody else can have put there."""

from __future__ import annotations

import os
import stat
import struct

import pytest

from osgrepro.common import folders, private
from osgrepro.common.errors import PoolError
from osgrepro.pool.minipool import _pool
from osgrepro.pool.minipool._paths import PoolPaths

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def test_a_secret_is_its_owners_alone_from_the_first_byte_on(tmp_path):
    before = os.umask(0)
    try:
        private.write(tmp_path / "secret", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_have_written_is_not_read(tmp_path, mode):
    private.write(tmp_path / "state", "{}", mode=mode)
    with pytest.raises(PermissionError, match="somebody else"):
        private.read(tmp_path / "state")


@needs_root
def test_a_state_of_somebody_elses_is_not_believed(tmp_path):
    paths = PoolPaths(tmp_path)
    private.write(paths.state, "{}", uid=65_534)
    with pytest.raises(PoolError, match="somebody else may have written it"):
        _pool.load(paths)
    private.write(paths.mark, '{"secret": "x", "uid": 1}', uid=65_534)
    assert _pool.mark_of(paths).secret is None


def test_a_link_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "outside").mkdir(mode=0o755)
    (tmp_path / "log").symlink_to(tmp_path / "outside")
    with pytest.raises(PoolError, match="not a folder of yours"):
        private.folder(tmp_path / "log")
    assert stat.S_IMODE((tmp_path / "outside").stat().st_mode) == 0o755


@needs_root
def test_somebody_elses_folder_is_refused(tmp_path):
    (tmp_path / "pool").mkdir()
    os.chown(tmp_path / "pool", 65_534, 65_534)
    with pytest.raises(PoolError, match="belongs to another user"):
        private.folder(tmp_path / "pool")
    with pytest.raises(PoolError, match="users other than root may write") as caught:
        private.must_be_ours(tmp_path / "pool" / "cache", "OSGREPRO_CACHE")
    assert "OSGREPRO_CACHE" in caught.value.hint


def test_the_way_to_a_folder_must_be_ours(tmp_path):
    way = tmp_path / "shared" / "cache"
    way.mkdir(parents=True)
    private.must_be_ours(way, "X")
    (tmp_path / "shared").chmod(0o777)
    with pytest.raises(PoolError, match="shared"):
        private.must_be_ours(way, "X")
    (tmp_path / "link").symlink_to(way)
    with pytest.raises(PoolError, match="shared"):
        private.must_be_ours(tmp_path / "link" / "new", "X")
    (tmp_path / "shared").chmod(0o1777)
    private.must_be_ours(way, "X")


def test_a_link_among_the_logs_is_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of root")
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "MasterLog").symlink_to(secret)
    (tmp_path / "log" / "Pipe").symlink_to("/dev/zero")
    for name in ("MasterLog", "Pipe"):
        said = _pool.last_lines(tmp_path / "log" / name, 5)
        assert len(said) == 1
        assert "link" in said[0]


@needs_root
def test_no_step_of_the_way_may_be_somebody_elses_nor_a_link_on_it(tmp_path):
    """As where a link of root's leads through a folder in which somebody swaps links."""
    for name in ("data", "home", "ours"):
        (tmp_path / name).mkdir()
    (tmp_path / "home/next").mkdir()
    (tmp_path / "data/way").symlink_to(tmp_path / "home/link")
    (tmp_path / "home/link").symlink_to("next")
    place = tmp_path / "data/way/pool/not/there/yet"
    private.must_be_ours(place, "OSGREPRO_POOL_DIR")

    os.chown(tmp_path / "home/link", 65_534, 65_534, follow_symlinks=False)
    with pytest.raises(PoolError, match="home/link"):
        private.must_be_ours(place, "OSGREPRO_POOL_DIR")
    os.chown(tmp_path / "home/link", 0, 0, follow_symlinks=False)
    os.chown(tmp_path / "home", 65_534, 65_534)
    with pytest.raises(PoolError, match=r"users other than root may write to .*home,"):
        private.must_be_ours(place, "OSGREPRO_POOL_DIR")
    with pytest.raises(PoolError, match="home,"):
        private.must_be_ours(tmp_path / "home/next/../../ours", "OSGREPRO_POOL_DIR")


def test_a_loop_of_links_is_told(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(PoolError, match="a loop of links"):
        private.must_be_ours(tmp_path / "a/pool", "OSGREPRO_POOL_DIR")


@needs_root
def test_the_cache_is_asked_for_wherever_it_is_used(tmp_path, monkeypatch):
    os.chown(tmp_path, 65_534, 65_534)
    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))
    with pytest.raises(PoolError, match="root acts on what is there"):
        folders.cache()


@needs_root
def test_where_everybody_makes_folders_ours_is_there_first(tmp_path):
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(PoolError, match="others could make"):
        private.must_be_ours(shared / "cache", "OSGREPRO_CACHE")
    (shared / "cache").mkdir()
    private.must_be_ours(shared / "cache", "OSGREPRO_CACHE")
    with pytest.raises(PoolError, match="users other than root may write"):
        private.must_be_ours(shared, "OSGREPRO_CACHE")


@needs_root
def test_an_access_list_gives_a_folder_to_others(tmp_path):
    entries = ((1, 7, -1), (2, 7, 65_534), (4, 5, -1), (16, 7, -1), (32, 5, -1))
    packed = struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", tag, rights, who & 0xFFFFFFFF) for tag, rights, who in entries
    )
    try:
        os.setxattr(tmp_path, "system.posix_acl_access", packed)
    except OSError as error:
        pytest.skip(f"no access lists here: {error.strerror}")
    with pytest.raises(PoolError, match="users other than root may write"):
        private.must_be_ours(tmp_path / "cache", "OSGREPRO_CACHE")
