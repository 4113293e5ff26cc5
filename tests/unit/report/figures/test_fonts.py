"""A PDF holds letters that the figures' own font lacks, where the machine has a font with them."""

from __future__ import annotations

import pytest
from matplotlib import font_manager

from osgrepro.report.figures.canvas import fonts
from osgrepro.report.figures.canvas.canvas import blank
from osgrepro.report.figures.canvas.printing import printed

# A letter that matplotlib's STIX has and its DejaVu has not.
LETTER = "\u2312"


@pytest.fixture
def _stix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FURTHER", ("No Such Font", "STIXGeneral"))


@pytest.mark.usefixtures("_stix")
def test_a_letter_is_drawn_with_the_first_font_that_has_it() -> None:
    canvas = blank(20)
    canvas.text(0, 10, f"a{LETTER}")
    encoded = printed(canvas, "pdf")
    assert b"STIXGeneral" in encoded
    assert b"DejaVuSans" in encoded


def test_a_font_that_is_not_needed_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for further in ((), ("STIXGeneral",)):
        monkeypatch.setattr(fonts, "FURTHER", further)
        canvas = blank(20)
        canvas.text(0, 10, "abc")
        files.append(printed(canvas, "pdf"))
    assert files[0] == files[1]


def test_letters_are_lacking_only_where_no_font_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FURTHER", ())
    assert fonts.lacking(["plain", f"b{LETTER}a{LETTER}é"]) == LETTER
    monkeypatch.setattr(fonts, "FURTHER", ("STIXGeneral",))
    assert fonts.lacking([LETTER]) == ""
    assert "STIXGeneral" in font_manager.fontManager.get_font_names()
