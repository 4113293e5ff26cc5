"""What a program wrote is kept as a terminal would show it, its end before its beginning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.payload.processes.terminal import Screen


def shown(*pieces):
    screen = Screen()
    for piece in pieces:
        screen.feed(piece)
    return screen.text()


def test_of_a_progress_bar_its_last_state_stays():
    bar = b"".join(b"\r%5.1f%% done" % (n / 20) for n in range(2001))
    assert shown(bar, b"\nValueError: eleven\n") == "100.0% done\nValueError: eleven"


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (b"long line\rshort", "shortline"),
        (b"long line\r\x1b[Kshort", "short"),
        (b"one\r\ntwo\r\n", "one\ntwo"),
        (b"abc\b\bX", "aXc"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text", "text"),
        (b"one\ntwo\n\x1b[A\rTWO", "one\nTWO"),
        (b"", ""),
    ],
)
def test_a_line_is_what_was_not_overwritten(written, seen):
    assert shown(written) == seen


@given(st.binary(max_size=300), st.integers(0, 300))
def test_it_makes_no_difference_how_the_output_is_cut(data, place):
    assert shown(data[:place], data[place:]) == shown(data)


def test_a_line_without_an_end_takes_no_room_and_keeps_its_end():
    text = shown(b"x" * 3_000_000 + b"the end")
    assert len(text) <= 1_000
    assert text.endswith("the end")
