from __future__ import annotations

import pytest

from osgrepro.pool.enclosure import mirror

DEBIAN = 'ID=debian\nVERSION_CODENAME="bookworm"\n'


@pytest.fixture
def etc(tmp_path):
    def write(release=DEBIAN, **files):
        (tmp_path / "os-release").write_text(release)
        folder = tmp_path / "apt" / "sources.list.d"
        folder.mkdir(parents=True)
        for name, text in files.items():
            if name == "list":
                (tmp_path / "apt" / "sources.list").write_text(text)
            else:
                (folder / f"{name}.sources").write_text(text)
        return tmp_path

    return write


def test_one_line_sources_are_read_with_options_and_comments(etc):
    folder = etc(
        list="# deb http://old.example/debian bookworm main\n"
        "deb-src http://src.example/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/k.gpg] https://a.example/debian/ bookworm main contrib # x\n"
    )
    assert mirror({}, folder) == "https://a.example/debian"


def test_deb822_sources_are_read_with_folded_fields(etc):
    folder = etc(
        debian="# comment\nTypes: deb\nURIs: http://b.example/debian\n"
        "Suites: bookworm\n bookworm-updates\nComponents: main\n"
    )
    assert mirror({}, folder) == "http://b.example/debian"


def test_security_updates_and_foreign_repositories_are_no_mirrors(etc):
    folder = etc(
        list="deb http://sec.example/debian-security bookworm-security main\n"
        "deb http://vendor.example/apt stable vendor\n",
        off="Enabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: bookworm\n"
        "Components: main\n",
    )
    assert mirror({}, folder) is None


def test_a_list_of_mirrors_gives_its_first(etc, tmp_path):
    (tmp_path / "mirrors").write_text("https://first.example/debian\nhttps://second.example/\n")
    folder = etc(list=f"deb mirror+file:{tmp_path}/mirrors bookworm main\n")
    assert mirror({}, folder) == "https://first.example/debian"


def test_a_derivatives_mirror_is_not_debians(etc):
    folder = etc("ID=ubuntu\nVERSION_CODENAME=noble\n", list="deb http://u.example/ noble main\n")
    assert mirror({}, folder) is None


def test_the_environment_overrides(etc):
    folder = etc(list="deb http://a.example/debian bookworm main\n")
    assert mirror({"OSGREPRO_DEBIAN_MIRROR": "http://mine.example/d"}, folder) == (
        "http://mine.example/d"
    )


def test_a_machine_without_apt_has_no_mirror(tmp_path):
    assert mirror({}, tmp_path) is None
