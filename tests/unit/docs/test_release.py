"""A release is made of what the sources say, whole, and refused where they disagree."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import release

CHANGELOG = """# Changelog

## Unreleased

- new

## 1.2.0 (2030-01-02)

- old
- older

## 1.1.0

"""


def test_the_sources_name_one_version() -> None:
    assert len(set(release.versions(ROOT).values())) == 1
    assert "none" not in release.versions(ROOT).values()


def test_several_versions_are_told_with_their_files(tmp_path: Path) -> None:
    (tmp_path / "osgrepro").mkdir()
    (tmp_path / "pyproject.toml").write_text('version = "1.0"\n')
    (tmp_path / "osgrepro" / "__init__.py").write_text('__version__ = "1.1"\n')
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    with pytest.raises(release.ReleaseError, match=r"pyproject\.toml: 1\.0.*1\.1.*none"):
        release.version(tmp_path)


def test_notes_are_the_changelogs_section() -> None:
    assert release.notes(CHANGELOG, "1.2.0") == "- old\n- older\n"
    assert release.notes(CHANGELOG, release.UNRELEASED) == "- new\n"


@pytest.mark.parametrize("version", ["1.2", "9.9.9", "1.1.0"])
def test_a_version_of_which_the_changelog_tells_nothing_is_no_release(version: str) -> None:
    with pytest.raises(release.ReleaseError, match="tells nothing"):
        release.notes(CHANGELOG, version)


def test_a_draft_has_all_that_should_travel_and_nothing_else(tmp_path: Path) -> None:
    wheel, sdist, notes, sums = release.release(ROOT, tmp_path, draft=True)

    assert "(draft)" in notes.read_text()
    assert {line.split()[1] for line in sums.read_text().splitlines()} == {wheel.name, sdist.name}
    with zipfile.ZipFile(wheel) as archive:
        assert "osgrepro/_share/docs/howto/troubleshooting.md" in archive.namelist()
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("/CITATION.cff") for name in archive.getnames())


def test_what_a_wheel_lacks_or_has_too_much_is_found(tmp_path: Path) -> None:
    wheel, sdist = release.build(ROOT, tmp_path)
    bad = tmp_path / "bad.whl"
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            if not name.endswith("demo.toml"):
                new.writestr(name, old.read(name))
        new.writestr("osgrepro/__pycache__/x.pyc", b"")

    found = list(release.problems(ROOT, bad, sdist))

    assert "bad.whl: lacks submit/demo.toml" in found
    assert "bad.whl: holds osgrepro/__pycache__/x.pyc" in found
