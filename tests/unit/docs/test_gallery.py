"""The gallery is what osgrepro makes, of runs that are told to be simulated."""

from __future__ import annotations

import os
import re
import sys
from xml.etree import ElementTree as ET

from paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import make_gallery

GALLERY = ROOT / "docs" / "gallery"


def test_it_shows_the_figures_that_are_made() -> None:
    if os.environ.get("OSGREPRO_UPDATE_GOLDEN"):
        make_gallery.main([str(GALLERY)])
    shown = re.findall(r"\]\((\S+)\.svg\)", (GALLERY / "index.md").read_text())
    assert sorted(shown) == sorted(make_gallery.SHOWN)
    assert {path.stem for path in GALLERY.glob("*.svg")} == set(make_gallery.SHOWN)


def test_its_figures_tell_the_same_as_those_that_are_made_now() -> None:
    made = {figure.name: figure for figure in make_gallery.figures(make_gallery.findings())}
    for name in make_gallery.SHOWN:
        committed, now = (
            ET.fromstring(text) for text in ((GALLERY / f"{name}.svg").read_text(), made[name].svg)
        )
        title = "{http://www.w3.org/2000/svg}title"
        assert committed.findtext(title) == now.findtext(title)
        words = " ".join(committed.itertext())
        environments = {str(value) for row in made[name].rows for value in row} & told()
        assert all(one in words for one in environments), f"{name}: make gallery draws it anew"


def told() -> set[str]:
    """Return the names of the simulated environments."""
    return {*make_gallery.HARDWARE, *make_gallery.SOFTWARE}


def test_it_says_that_the_runs_are_simulated() -> None:
    assert "**The runs are simulated**" in (GALLERY / "index.md").read_text()
    page = make_gallery.report()
    assert f"<h1>{make_gallery.TITLE}</h1>" in page
    assert "140 runs on small sample data" in page
