"""What is inside an image is listed path by path, and its digest depends on nothing else."""

from __future__ import annotations

import hashlib

import pytest
import sif_file
from hypothesis import assume, given
from hypothesis import strategies as st

from osgrepro.common.errors import ImageError
from osgrepro.software.apptainer import contents

TREE = {
    "usr": ("dir", 0o755, ""),
    "usr/bin": ("dir", 0o555, ""),
    "usr/bin/python3": ("file", 0o755, "python"),
    "usr/bin/su": ("file", 0o4711, "su"),
    "usr/bin/python": ("link", 0o777, "python3"),
    "etc": ("dir", 0o755, ""),
    "etc/shadow": ("file", 0o000, "secret"),
    "root": ("dir", 0o000, ""),
    "root/pipe": ("fifo", 0o600, ""),
    "nowhere": ("link", 0o777, "/not/there"),
    "a\nname": ("file", 0o644, ""),
}


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def listed(bench, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def list_(tree, **more):
        image = tmp_path / "image.sif"
        sif_file.write(image, tree, **more)
        found = contents.contents(image, bench.enclosure, scratch)
        assert not list(scratch.iterdir())
        return found

    return list_


def test_every_path_is_listed_with_its_kind_mode_and_bytes(listed):
    assert listed(TREE) == {
        "usr": "drwxr-xr-x",
        "usr/bin": "dr-xr-xr-x",
        "usr/bin/python3": f"-rwxr-xr-x {sha256('python')}",
        "usr/bin/su": f"-rws--x--x {sha256('su')}",
        "usr/bin/python": "link to python3",
        "etc": "drwxr-xr-x",
        "etc/shadow": f"---------- {sha256('secret')}",
        "root": "d---------",
        "root/pipe": "prw-------",
        "nowhere": "link to /not/there",
        "a\nname": f"-rw-r--r-- {sha256('')}",
    }


def test_neither_dates_nor_owners_nor_the_packing_count(listed):
    one = listed(TREE, uid=1000)
    other = listed(dict(sorted(TREE.items())), uid=2000)

    assert contents.digest(one) == contents.digest(other)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("usr/bin/python3", ("file", 0o755, "Python")),
        ("usr/bin/python3", ("file", 0o754, "python")),
        ("usr/bin/python3", ("link", 0o777, "python")),
        ("usr/bin/python", ("link", 0o777, "python2")),
        ("usr/bin", ("dir", 0o755, "")),
        ("usr/bin/more", ("file", 0o755, "")),
    ],
)
def test_whatever_changes_inside_changes_the_digest(listed, path, what):
    assert contents.digest(listed({**TREE, path: what})) != contents.digest(listed(TREE))


LISTING = st.dictionaries(st.text("ab\n"), st.text("ab\n", min_size=1))


@given(LISTING, LISTING)
def test_only_equal_listings_have_equal_digests(one, other):
    assert (contents.digest(one) == contents.digest(other)) == (one == other)


@given(st.text("a\n", min_size=1), st.text("a\n", min_size=1), st.text("a\n", min_size=1))
def test_a_line_break_in_a_name_cannot_pass_for_the_end_of_a_line(path, target, after):
    one = {path: f"{target}\n{after}", "b": "x"}
    other = {path: target, f"{after}\nb": "x"}
    assume(len(other) == 2)

    assert contents.digest(one) != contents.digest(other)


def test_names_that_are_no_text_have_a_digest():
    assert contents.digest({"\udcff": "link to \udcfe"}) != contents.digest({})


def test_devices_that_a_user_cannot_make_are_no_failure(bench, listed):
    bench.order("devices")

    assert "usr/bin/python3" in listed(TREE)


def test_an_image_that_cannot_be_unpacked_says_why(bench, listed):
    bench.order("corrupt")

    with pytest.raises(ImageError, match=r"image\.sif: can't be unpacked:\n.*corruption"):
        listed(TREE)


def test_a_file_that_is_no_image_is_not_unpacked(bench, tmp_path):
    (tmp_path / "text.sif").write_text("text")

    with pytest.raises(ImageError, match=r"text\.sif: not an Apptainer image"):
        contents.contents(tmp_path / "text.sif", bench.enclosure, tmp_path)

    assert not bench.calls("unsquashfs")
