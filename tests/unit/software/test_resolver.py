"""Requirements become a hash-locked closure, from where pip is configured to take packages.

uv is real where it resolves, and reads wheels from a folder; elsewhere it is a small program that
writes down what it was asked.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys

import pytest
from wheels import make_wheel

from osgrepro.common.errors import InputError, UsageError
from osgrepro.software import lockfile, resolver, wheelhouse

PYTHON, GLIBC = "3.11.2", "2.36"
FAKE_UV = """
import json, os, sys
from pathlib import Path
target = Path(sys.argv[sys.argv.index("--output-file") + 1])
names = ("UV_", "SSL_CERT_FILE")
seen = {"argv": sys.argv[1:], "wanted": sys.stdin.read(), "previous": target.read_text()}
seen["variables"] = {k: v for k, v in os.environ.items() if k.startswith(names)}
Path(RECORD).write_text(json.dumps(seen))
target.write_text("one==1.0 --hash=sha256:" + "0" * 64)
"""


@pytest.fixture(autouse=True)
def unconfigured(tmp_path, monkeypatch):
    """Neither pip nor uv is configured by this machine."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "config"))
    monkeypatch.setenv("UV_NO_CACHE", "1")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of wheels, and a pip that is told of nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def asked(tmp_path):
    """Resolve with a uv that only takes notes, and return them."""

    def ask(requirement="one", **more):
        record = tmp_path / "record"
        program = FAKE_UV.replace("RECORD", repr(str(record)))
        resolve([requirement], uv=[sys.executable, "-c", program], **more)
        return json.loads(record.read_text())

    return ask


def resolve(requirements, pip=None, glibc=GLIBC, **more):
    pip = pip or wheelhouse.own_pip()
    return resolver.resolve(requirements, python=PYTHON, glibc=glibc, pip=pip, **more)


def versions(text):
    return {pin.name: pin.version for pin in lockfile.parse(text, "lock")}


def configured(**settings):
    """Return a pip that answers with this configuration."""
    lines = "".join(f"{key.replace('_', '-')}={value!r}\n" for key, value in settings.items())
    return [sys.executable, "-c", f"print({lines!r}, end='')"]


def test_the_closure_has_every_package_and_the_hashes_of_its_wheels(index):
    made = [make_wheel(index, "one", requires=["two<3"]), make_wheel(index, "two", "2.0")]
    make_wheel(index, "two", "3.0")
    make_wheel(index, "other")

    text = resolve(["one"])

    pins = lockfile.parse(text, "lock")
    assert [(pin.name, pin.version) for pin in pins] == [("one", "1.0"), ("two", "2.0")]
    assert [pin.sha256 for pin in pins] == [
        {hashlib.sha256(path.read_bytes()).hexdigest()} for path in made
    ]
    assert str(index) not in text


def test_locked_versions_stay_where_they_fit_and_move_where_they_do_not(index):
    for version in ("1.0", "2.0", "3.0"):
        make_wheel(index, "one", version)
        make_wheel(index, "two", version)
    previous = resolve(["one<2", "two<2"])

    assert versions(resolve(["one", "two>1"], previous=previous)) == {"one": "1.0", "two": "3.0"}
    assert versions(resolve(["one", "two>1"])) == {"one": "3.0", "two": "3.0"}


def test_requirements_that_nothing_satisfies_are_refused_in_the_resolvers_words(index):
    make_wheel(index, "one", requires=["two>5"])
    make_wheel(index, "two")

    with pytest.raises(UsageError, match="No solution found") as caught:
        resolve(["one"])

    assert "two>5" in caught.value.message
    assert "container.toml" in caught.value.hint


def test_a_package_without_a_wheel_is_refused(index):
    (index / "one-1.0.tar.gz").write_bytes(b"")

    with pytest.raises(UsageError, match="one"):
        resolve(["one"])


def test_an_index_that_does_not_answer_is_named_as_the_cause(monkeypatch):
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")

    with pytest.raises(InputError, match="the package index does not answer") as caught:
        resolve(["one"], pip=configured(**{":env:.index_url": "http://127.0.0.1:9/simple"}))

    assert "pip config" in caught.value.hint


def test_it_resolves_for_the_image_and_not_for_this_machine(asked):
    seen = asked(previous="one==0.9\n")

    words = " ".join(seen["argv"])
    assert f"--python-version {PYTHON} --python-platform x86_64-manylinux_2_36" in words
    assert "--generate-hashes --only-binary :all:" in words
    assert (seen["wanted"], seen["previous"]) == ("one", "one==0.9\n")
    assert seen["variables"]["UV_PYTHON_DOWNLOADS"] == "never"


@pytest.mark.parametrize(
    ("glibc", "platform"), [("2.17", "2_17"), ("2.27", "2_17"), ("2.31", "2_31"), ("2.41", "2_40")]
)
def test_a_c_library_that_uv_does_not_know_gets_the_wheels_of_an_older_one(asked, glibc, platform):
    argv = asked(glibc=glibc)["argv"]

    assert argv[argv.index("--python-platform") + 1] == f"x86_64-manylinux_{platform}"


def test_a_c_library_that_is_too_old_is_refused(asked):
    with pytest.raises(UsageError, match=r"base\.glibc 2\.12"):
        asked(glibc="2.12")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {}),
        (
            {"global.index_url": "https://a.example/simple"},
            {"UV_DEFAULT_INDEX": "https://a.example/simple"},
        ),
        (
            {
                "global.index_url": "https://a.example/simple",
                "download.index_url": "https://b.example/simple",
                "install.index_url": "https://c.example/simple",
            },
            {"UV_DEFAULT_INDEX": "https://b.example/simple"},
        ),
        (
            {
                ":env:.index_url": "https://a.example/simple",
                "global.index_url": "https://b.example/simple",
            },
            {"UV_DEFAULT_INDEX": "https://a.example/simple"},
        ),
        (
            {"global.extra_index_url": "\nhttps://a.example/simple\nhttps://b.example/simple"},
            {
                "UV_INDEX": "https://a.example/simple https://b.example/simple",
                "UV_INDEX_STRATEGY": "unsafe-best-match",
            },
        ),
        ({"global.find_links": "https://a.example/x"}, {"UV_FIND_LINKS": "https://a.example/x"}),
        ({"global.cert": "/etc/ca.pem"}, {"SSL_CERT_FILE": "/etc/ca.pem"}),
        (
            {"global.extra_index_url": "file:///srv/simple", "global.find_links": "/srv/wheels"},
            {},
        ),
    ],
)
def test_uv_goes_where_pip_goes_but_not_to_what_only_this_machine_has(asked, settings, expected):
    variables = asked(pip=configured(**settings))["variables"]

    own = ("UV_NO_CACHE", "UV_PYTHON_DOWNLOADS", "UV")
    assert {name: value for name, value in variables.items() if name not in own} == expected


def test_a_machine_without_any_index_has_its_folders(asked):
    settings = {"global.no_index": "true", "global.find_links": "/opt/a /opt/b"}
    seen = asked(pip=configured(**settings))

    assert "--no-index" in seen["argv"]
    assert seen["variables"]["UV_FIND_LINKS"] == "/opt/a,/opt/b"


@pytest.mark.parametrize("requirement", ["torch==2.13.0+cpu", "numpy==2.4.6", "numpy"])
def test_the_build_of_a_version_is_looked_for_in_the_machines_folders_too(asked, requirement):
    settings = {"global.find_links": "/opt/wheels https://a.example/x"}
    variables = asked(requirement, pip=configured(**settings))["variables"]

    folders = "/opt/wheels," if "+" in requirement else ""
    assert variables["UV_FIND_LINKS"] == f"{folders}https://a.example/x"


def test_a_password_of_an_index_stands_on_no_command_line(asked):
    seen = asked(pip=configured(**{"global.index_url": "https://me:secret@a.example/simple"}))

    assert "secret" not in " ".join(seen["argv"])


def test_certificates_that_the_machine_names_itself_stay(asked, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/my/ca.pem")

    assert asked(pip=configured(**{"global.cert": "/other"}))["variables"]["SSL_CERT_FILE"] == (
        "/my/ca.pem"
    )


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_FIND_LINKS"])
def test_a_uv_that_is_configured_by_variables_does_not_ask_pip(asked, monkeypatch, name):
    monkeypatch.setenv(name, "https://mine.example/simple")

    assert asked(pip=["/nowhere/pip"])["variables"][name] == "https://mine.example/simple"


@pytest.mark.parametrize("text", ['[[index]]\nurl = "https://a.example"', '[pip]\nindex-url = "x"'])
def test_a_uv_that_is_configured_by_a_file_does_not_ask_pip(asked, tmp_path, text):
    (tmp_path / "config" / "uv").mkdir(parents=True)
    (tmp_path / "config" / "uv" / "uv.toml").write_text(text)

    assert "UV_DEFAULT_INDEX" not in asked(pip=["/nowhere/pip"])["variables"]


def test_a_uv_file_without_an_index_leaves_the_question_to_pip(asked, tmp_path):
    (tmp_path / "config" / "uv").mkdir(parents=True)
    (tmp_path / "config" / "uv" / "uv.toml").write_text("preview = true\n")

    pip = configured(**{"global.index_url": "https://a.example"})
    assert asked(pip=pip)["variables"]["UV_DEFAULT_INDEX"] == "https://a.example"


def test_a_machine_without_uv_is_told_how_to_get_it(monkeypatch):
    pip = wheelhouse.own_pip()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(UsageError, match="there is no uv") as caught:
        resolve(["one"], pip=pip)

    assert "osgrepro[lock]" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("error: something never seen before", "something never seen before"),
        ("", "uv said nothing"),
        ("warning: one\nerror: two", "could not resolve the requirements: two"),
    ],
)
def test_what_uv_says_becomes_one_clear_error(said, message):
    program = f"import sys; print({said!r}, file=sys.stderr); sys.exit(2)"

    with pytest.raises(UsageError, match=message):
        resolve(["one"], uv=[sys.executable, "-c", program])


@pytest.mark.parametrize("which", ["uv", "pip"])
def test_a_program_that_is_not_there_is_an_expected_error(which):
    with pytest.raises(UsageError, match=f"/nowhere/{which}"):
        resolve(["one"], **{which: [f"/nowhere/{which}"]})


def test_a_pip_that_fails_is_an_expected_error():
    with pytest.raises(UsageError, match=r"pip config list.*broken"):
        resolve(["one"], pip=[sys.executable, "-c", "import sys; sys.exit('broken')"])


def test_a_build_that_no_index_has_is_told_with_what_to_add(index):
    with pytest.raises(UsageError, match="torch was not found") as caught:
        resolve(["torch==2.13.0+cpu"])
    assert "pip config set global.extra-index-url ADDRESS" in caught.value.hint
