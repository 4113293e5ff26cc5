"""An image's header is read and made the same for the same contents; damage is told, not raised."""

from __future__ import annotations

import pytest
import sif_file
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common.errors import ImageError
from osgrepro.software import apptainer
from osgrepro.software.apptainer import header

TREE = {"etc": ("dir", 0o755, "")}
# Where a header and a descriptor tell when, by whom and as what an image was built.
ID_AND_DATES = range(48, 80)
DATES_AND_OWNER = range(41, 73)


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "image.sif"
    sif_file.write(path, TREE)
    return path


@pytest.mark.parametrize(
    ("code", "name"),
    [(b"02", "amd64"), (b"04", "arm64"), (b"06", "ppc64le"), (b"99", "unknown (b'99')")],
)
def test_the_architecture_has_a_name(image, code, name):
    sif_file.write(image, TREE, architecture=code)

    assert apptainer.read_header(image).architecture == name


def test_the_file_system_is_the_systems_and_not_any_partition(image):
    offset = apptainer.read_header(image).file_system_offset

    assert image.read_bytes()[offset:] == b'{"etc": ["dir", 493, ""]}'


def test_a_partition_that_was_removed_does_not_count(image):
    content = bytearray(image.read_bytes())
    content[sif_file.DESCRIPTORS_AT + 2 * sif_file.DESCRIPTOR_BYTES + 4] = 0
    image.write_bytes(content)

    with pytest.raises(ImageError, match=r"image\.sif: .* without a file system"):
        header.read(image)


@pytest.mark.parametrize("content", [b"", b"text", b"#!/bin/sh\n" * 100])
def test_another_file_is_no_image(image, content):
    image.write_bytes(content)

    assert not apptainer.is_sif(image)
    for look in (header.read, lambda path: header.normalise(path, 1)):
        with pytest.raises(
            ImageError, match=r"image\.sif: not an Apptainer image .*not begin like one"
        ):
            look(image)
    assert image.read_bytes() == content


@pytest.mark.parametrize("length", [42, 127, 128, 4096, 4096 + 1000])
def test_an_image_that_is_cut_off_is_told_and_left_as_it_is(image, length):
    content = image.read_bytes()[:length]
    image.write_bytes(content)

    assert apptainer.is_sif(image)
    for look in (header.read, lambda path: header.normalise(path, 1)):
        with pytest.raises(
            ImageError, match=r"image\.sif: not an Apptainer image \(SIF\): it is cut"
        ):
            look(image)
    assert image.read_bytes() == content


def test_an_image_without_a_file_system_is_told(image):
    sif_file.write(image, None)

    with pytest.raises(ImageError, match=r"image\.sif: an image \(SIF\) without a file system"):
        header.read(image)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ImageError, match=r"none\.sif: No such file"):
        header.read(tmp_path / "none.sif")
    with pytest.raises(ImageError, match="Is a directory"):
        header.normalise(tmp_path, 1)


@given(where=st.integers(80, 127), number=st.integers(-(2**63), 2**63 - 1))
def test_damage_of_the_numbers_is_told_and_never_raised(tmp_path_factory, where, number):
    image = tmp_path_factory.getbasetemp() / "damaged.sif"
    sif_file.write(image, TREE)
    content = bytearray(image.read_bytes())
    start = where // 8 * 8
    content[start : start + 8] = number.to_bytes(8, "little", signed=True)
    image.write_bytes(content)

    for look in (header.read, lambda path: header.normalise(path, 1)):
        try:
            look(image)
        except ImageError as error:
            assert error.message.startswith(f"{image}: ")


def test_two_images_of_one_tree_become_the_same_bytes(tmp_path):
    one, other = tmp_path / "one.sif", tmp_path / "other.sif"
    sif_file.write(one, TREE, uid=1000)
    sif_file.write(other, TREE, uid=2000)
    assert one.read_bytes() != other.read_bytes()

    for path in (one, other):
        header.normalise(path, 1640995200)

    assert one.read_bytes() == other.read_bytes()


@given(
    st.dictionaries(st.text(max_size=5), st.tuples(st.just("file"), st.just(0), st.text())),
    st.integers(0, 2**31),
    st.sampled_from([b"02", b"04"]),
)
def test_normalising_changes_the_id_dates_and_owners_alone(tmp_path_factory, tree, epoch, code):
    image = tmp_path_factory.getbasetemp() / "normal.sif"
    sif_file.write(image, tree, architecture=code)
    before, facts = image.read_bytes(), header.read(image)

    header.normalise(image, epoch)

    after = image.read_bytes()
    used = range(3)
    allowed = {*ID_AND_DATES} | {
        sif_file.DESCRIPTORS_AT + number * sif_file.DESCRIPTOR_BYTES + place
        for number in used
        for place in DATES_AND_OWNER
    }
    assert len(after) == len(before)
    assert {i for i, pair in enumerate(zip(before, after, strict=True)) if len({*pair}) == 2} <= (
        allowed
    )
    assert header.read(image) == facts
    header.normalise(image, epoch)
    assert image.read_bytes() == after
