"""A base is made once, whole or not at all, and then anybody may copy it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from osgrepro.common.errors import ImageError
from osgrepro.common.models import User
from osgrepro.software.apptainer import base as bases


def test_a_base_is_made_once_readable_and_without_devices(bench):
    bench.build()
    bench.build(bench.container.model_copy(update={"lock": bench.container.lock.replace("0", "2")}))

    assert bench.bases == [("bullseye", ("python3",))]
    base = bench.plan().base
    assert base.stat().st_mode & 0o755 == 0o755
    assert (base / "usr").stat().st_mode & 0o777 == 0o755
    assert (base / "usr/secret").stat().st_mode & 0o777 == 0o644
    assert not (base / "usr/pipe").exists()


def test_a_base_that_cannot_be_made_leaves_none(bench):
    def refuse(suite, packages, target):
        target.mkdir()
        raise ImageError("no mirror")

    with pytest.raises(ImageError, match="no mirror"):
        bench.build(make_base=refuse)
    with pytest.raises(ImageError, match="no Debian bullseye was made there"):
        bench.build(make_base=lambda suite, packages, target: target.mkdir())

    assert not bench.plan().base.exists()
    bench.build()
    assert not bench.leftovers()


def test_links_out_of_a_base_change_nothing_there(bench, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)

    def make_base(suite, packages, target):
        bench.make_base(suite, packages, target)
        (target / "usr/link").symlink_to(outside)

    bench.build(make_base=make_base)

    assert (bench.plan().base / "usr/link").is_symlink()
    assert outside.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_base_of_another_user_is_given_to_this_one(bench):
    bench.build()
    base = bench.plan().base
    other = User(name="other", uid=65534, gid=65533)
    bench.container = replace_lock(bench.container)
    bench.enclosure = replace(bench.enclosure, user=other)

    bench.build(bench.container)

    for path in (base, *base.rglob("*")):
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65533), path
    assert len(bench.bases) == 1


def replace_lock(container):
    return container.model_copy(update={"lock": container.lock.replace("0", "2")})


def test_the_packages_of_a_base_are_named_with_their_versions(tmp_path):
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(
        "Package: libc6\nStatus: install ok installed\nDescription: C\n Version: of what\n"
        "Version: 2.31-13+deb11u5\n\nPackage: odd\nStatus: half\n\nPackage: tar\nVersion: 1:1\n"
    )

    assert bases.installed(tmp_path) == {"libc6": "2.31-13+deb11u5", "tar": "1:1"}
    assert bases.installed(None) is None
