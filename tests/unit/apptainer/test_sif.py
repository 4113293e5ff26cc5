"""Finished images tell their labels and digest, and pass their own test or say why not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from osgrepro import apptainer
from osgrepro.errors import ImageError


def test_labels_of_an_image_are_read(bench):
    sif = Path(bench.build().location)

    assert apptainer.inspect(sif, bench.enclosure) == {"org.osgrepro.tensorflow": "2.8.0"}


def test_a_file_that_is_no_image_is_an_expected_error(bench):
    bench.order("broken")
    file = bench.folder / "text.sif"
    file.write_text("text")

    with pytest.raises(ImageError, match=r"not an image that can be read:\n.*not a SIF"):
        apptainer.inspect(file, bench.enclosure)


def test_a_missing_image_is_an_expected_error(bench):
    for ask in (apptainer.inspect, apptainer.test):
        with pytest.raises(ImageError, match="there is no such image"):
            ask(bench.folder / "none.sif", bench.enclosure)
    with pytest.raises(ImageError, match=r"none\.sif: No such file"):
        apptainer.digest(bench.folder / "none.sif")


def test_the_test_of_an_image_passes_or_says_why_not(bench):
    sif = Path(bench.build().location)
    apptainer.test(sif, bench.enclosure)
    bench.order("fail")

    with pytest.raises(ImageError, match=r"its own test fails:\n.*2\.9\.1"):
        apptainer.test(sif, bench.enclosure)


def test_a_digest_comes_from_the_lock_while_that_describes_the_file(bench):
    image = bench.build()
    sif, lock = bench.plan().sif, bench.plan().lock_file
    assert apptainer.digest(sif) == image.sha256

    lock.write_text(lock.read_text().replace(image.sha256, "f" * 64))
    assert apptainer.digest(sif) == "f" * 64

    sif.write_bytes(b"another")
    assert apptainer.digest(sif) == hashlib.sha256(b"another").hexdigest()
