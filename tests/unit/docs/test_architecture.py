"""The picture of the architecture is what the imports are now."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from paths import ROOT

PICTURE = ROOT / "docs" / "explanation" / "architecture.svg"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(target: Path) -> str:
    """Return what the script draws now."""
    script = ROOT / "scripts" / "draw_architecture.py"
    subprocess.run([sys.executable, str(script), str(target)], check=True, cwd=target.parent)
    return target.read_text()


def test_the_committed_picture_is_what_the_imports_are_now(tmp_path: Path) -> None:
    text = drawn(tmp_path / "now.svg")
    if os.environ.get("OSGREPRO_UPDATE_GOLDEN"):
        PICTURE.write_text(text)
    assert PICTURE.read_text() == text, "make architecture draws it anew"


def test_every_arrow_leads_down_and_none_touches_the_payload() -> None:
    root = ET.fromstring(PICTURE.read_text())
    shafts = [line for line in root.iter(f"{SVG}line") if line.find(f"{SVG}title") is not None]
    assert len(shafts) > 20
    assert all(float(line.get("y1", "")) < float(line.get("y2", "")) for line in shafts)
    told = [line.findtext(f"{SVG}title") or "" for line in shafts]
    assert "cli imports workflow" in told
    assert not [words for words in told if "payload" in words]


def test_no_letter_of_the_picture_lies_below_an_arrow() -> None:
    root = ET.fromstring(PICTURE.read_text())
    lines = [
        (float(line.get("x1", "")), float(line.get("y1", "")), float(line.get("y2", "")))
        for line in root.iter(f"{SVG}line")
    ]
    for words in root.iter(f"{SVG}text"):
        left, base = float(words.get("x", "")), float(words.get("y", ""))
        right = left + len(words.text or "") * float(words.get("font-size", "")) * 0.5
        assert not [x for x, top, end in lines if left < x < right and top < base < end], words.text
