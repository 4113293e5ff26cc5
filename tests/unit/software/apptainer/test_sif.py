"""Finished images tell their labels and digest, and pass their own test or say why not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from osgrepro.common.errors import ImageError
from osgrepro.software import apptainer
from osgrepro.software.apptainer import sif


def test_labels_of_an_image_are_read(bench):
    image = Path(bench.build().location)

    assert apptainer.inspect(image, bench.enclosure) == {"org.osgrepro.tensorflow": "2.8.0"}


def test_a_file_that_is_no_image_is_an_expected_error(bench):
    bench.order("broken")
    file = bench.folder / "text.sif"
    file.write_text("text")

    with pytest.raises(ImageError, match=r"not an image that can be read:\n.*not a SIF"):
        apptainer.inspect(file, bench.enclosure)


def test_what_a_program_says_need_not_be_text(bench):
    said = sif.ask(["printf", r"caf\351"], bench.enclosure, failure="printf fails")

    assert said == "caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("status", [0, 2])
def test_only_the_statuses_that_are_called_good_are(bench, status):
    argv = ["sh", "-c", f"echo why >&2; exit {status}"]
    sif.ask(argv, bench.enclosure, failure="sh", good=(status,))

    with pytest.raises(ImageError, match="sh fails:\n  why"):
        sif.ask(argv, bench.enclosure, failure="sh fails", good=(1,))


def test_only_the_last_lines_are_shown_and_nothing_endless():
    text = "\n\n".join([*map(str, range(30)), "x" * 1000])

    lines = sif.last_lines(text).splitlines()
    assert lines[0] == "  19"
    assert [len(line) for line in lines[-2:]] == [4, 302]


def test_a_missing_image_is_an_expected_error(bench):
    for ask in (apptainer.inspect, apptainer.test):
        with pytest.raises(ImageError, match="there is no such image"):
            ask(bench.folder / "none.sif", bench.enclosure)
    with pytest.raises(ImageError, match=r"none\.sif: No such file"):
        apptainer.digest(bench.folder / "none.sif")


def test_the_test_of_an_image_passes_or_says_why_not(bench):
    image = Path(bench.build().location)
    apptainer.test(image, bench.enclosure)
    bench.order("fail")

    with pytest.raises(ImageError, match=r"its own test fails:\n.*2\.9\.1"):
        apptainer.test(image, bench.enclosure)


def test_a_digest_comes_from_the_lock_while_that_describes_the_file(bench):
    image = bench.build()
    file, lock = bench.plan().sif, bench.plan().facts_file
    assert apptainer.digest(file) == image.sha256

    lock.write_text(lock.read_text().replace(image.sha256, "f" * 64))
    assert apptainer.digest(file) == "f" * 64

    file.write_bytes(b"another")
    assert apptainer.digest(file) == hashlib.sha256(b"another").hexdigest()
