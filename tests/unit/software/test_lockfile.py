"""Hash-locked requirements are read whole, or refused with every fault and its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common.errors import UsageError
from osgrepro.software import lockfile

A, B = "a" * 64, "b" * 64


def test_versions_and_hashes_are_read_across_continued_lines_and_comments():
    text = (
        f"# made by a resolver\nFoo_Bar==1.2 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n"
        f"    # via x\nbaz==2.0+cpu --hash=sha256:{B}\n"
    )

    first, second = lockfile.parse(text, "lock")

    assert (first.name, first.version, first.sha256) == ("foo-bar", "1.2", {A, B})
    assert (second.name, second.version) == ("baz", "2.0+cpu")
    assert first.text == f"Foo_Bar==1.2 --hash=sha256:{A} --hash=sha256:{B}"


def test_every_faulty_line_is_named_with_its_place():
    text = f"foo==1.0 --hash=sha256:{A}\nbar>=2\n\nbaz==3.0 \\\n  --hash=md5:00\n"

    with pytest.raises(UsageError) as caught:
        lockfile.parse(text, "some/requirements.txt")

    assert "some/requirements.txt:2: not `name==version`: bar>=2" in caught.value.message
    assert "some/requirements.txt:4: baz has no --hash" in caught.value.message
    assert caught.value.hint


def test_options_are_refused():
    with pytest.raises(UsageError, match="not `name==version`: --index-url"):
        lockfile.parse("--index-url https://example.org/simple\n", "lock")


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n\n"])
def test_an_empty_lock_is_refused(text):
    with pytest.raises(UsageError, match="it locks nothing"):
        lockfile.parse(text, "lock")


@given(st.text())
def test_any_text_gives_pins_or_one_expected_error(text):
    try:
        pins = lockfile.parse(text, "lock")
    except UsageError as error:
        assert error.message
    else:
        assert all(pin.sha256 and "\n" not in pin.text for pin in pins)


def test_names_compare_as_indexes_compare_them():
    assert lockfile.normalise("Foo._-Bar") == lockfile.normalise("foo-bar") == "foo-bar"
