"""The wheelhouse holds exactly the wheels of a lock, whatever happened while they came.

pip is real, and reads wheels from a folder, as a machine's own configuration may tell it.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import threading

import pytest
from wheels import make_wheel

from osgrepro.common.errors import InputError
from osgrepro.software import wheelhouse

PYTHON, GLIBC = "3.11.2", "2.36"
BROKEN_PIP = "import sys; print(sys.argv[0] and 'ERROR: {}', file=sys.stderr); sys.exit(1)"


def pin(path):
    name, version = path.name.split("-")[:2]
    return (
        f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
    )


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of wheels, and a pip configuration that knows nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def fetch(lock, tmp_path, **more):
    return wheelhouse.fetch(lock, python=PYTHON, glibc=GLIBC, cache=tmp_path / "cache", **more)


def wheels_in(folder):
    return sorted(path.name for path in folder.glob("*.whl"))


def test_every_wheel_and_the_lock_are_there_afterwards(index, tmp_path):
    made = [make_wheel(index, name) for name in ("one", "two", "three")]
    lock = "".join(pin(path) for path in made)
    seen = []

    folder = fetch(lock, tmp_path, notify=seen.append)

    assert wheels_in(folder) == sorted(path.name for path in made)
    assert (folder / "requirements.txt").read_text() == lock
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, 3, 3)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_everybody_may_read_it_whatever_the_umask(index, tmp_path):
    lock = pin(make_wheel(index, "one"))
    before = os.umask(0o077)
    try:
        folder = fetch(lock, tmp_path)
    finally:
        os.umask(before)

    assert folder.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_a_second_call_asks_nobody(index, tmp_path):
    lock = pin(make_wheel(index, "one"))
    folder = fetch(lock, tmp_path)

    assert fetch(lock, tmp_path, pip=["/nowhere/pip"]) == folder


def test_another_lock_or_python_gets_another_folder(index, tmp_path):
    one, two = (pin(make_wheel(index, name)) for name in ("one", "two"))
    other_python = wheelhouse.fetch(one, python="3.9.2", glibc=GLIBC, cache=tmp_path / "cache")

    assert len({fetch(one, tmp_path), fetch(one + two, tmp_path), other_python}) == 3


def test_a_repeated_call_keeps_what_is_whole_and_downloads_the_rest(index, tmp_path):
    one, two = make_wheel(index, "one"), make_wheel(index, "two")
    lock = pin(one) + pin(two)
    two.rename(tmp_path / two.name)
    with pytest.raises(InputError):
        fetch(lock, tmp_path)
    (tmp_path / two.name).rename(two)
    one.unlink()

    assert wheels_in(fetch(lock, tmp_path)) == [one.name, two.name]


def test_a_half_written_wheel_of_an_earlier_call_is_downloaded_again(index, tmp_path):
    one, two = make_wheel(index, "one"), make_wheel(index, "two")
    lock = pin(one) + pin(two)
    two.rename(tmp_path / two.name)
    with pytest.raises(InputError):
        fetch(lock, tmp_path)
    (tmp_path / two.name).rename(two)
    (partial,) = (tmp_path / "cache/wheelhouse").glob("*.partial")
    (partial / one.name).write_bytes(one.read_bytes()[:100])

    folder = fetch(lock, tmp_path)

    assert (folder / one.name).read_bytes() == one.read_bytes()


def test_two_calls_at_once_make_one_folder(index, tmp_path):
    lock = "".join(pin(make_wheel(index, f"pkg{n}")) for n in range(4))
    folders = []
    threads = [
        threading.Thread(target=lambda: folders.append(fetch(lock, tmp_path))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(folders) == 2
    assert len(set(folders)) == 1
    assert [path.name for path in folders[0].parent.iterdir()] == [folders[0].name]


def test_other_bytes_than_the_lock_names_are_refused(index, tmp_path):
    lock = pin(make_wheel(index, "one"))
    make_wheel(index, "one").write_bytes((index / "one-1.0-py3-none-any.whl").read_bytes() + b" ")

    with pytest.raises(
        InputError, match=r"not match its hash in the lock file.*one 1\.0"
    ) as caught:
        fetch(lock, tmp_path)

    assert caught.value.hint
    assert not [path for path in (tmp_path / "cache/wheelhouse").iterdir() if path.suffix == ""]


def test_an_index_that_does_not_answer_is_named_as_the_cause(index, tmp_path, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
    lock = pin(make_wheel(tmp_path, "one"))

    with pytest.raises(InputError, match="the package index does not answer") as caught:
        fetch(lock, tmp_path)

    assert "pip config" in caught.value.hint


def test_an_index_without_the_version_is_named_as_the_cause(index, tmp_path):
    with pytest.raises(InputError, match=r"lacks a wheel that the lock file names.*one 1\.0"):
        fetch(pin(make_wheel(tmp_path, "one")), tmp_path)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("[Errno 28] No space left on device", "no space is left for the wheels"),
        ("something never seen before", "something never seen before"),
    ],
)
def test_what_pip_says_becomes_one_clear_error(index, tmp_path, said, cause):
    pip = [sys.executable, "-c", BROKEN_PIP.format(said)]

    with pytest.raises(InputError, match=cause):
        fetch(pin(make_wheel(index, "one")), tmp_path, pip=pip)


def test_a_pip_that_lies_is_not_believed(index, tmp_path):
    pip = [sys.executable, "-c", "pass"]

    with pytest.raises(InputError, match=r"don't match their hashes in the lock file: one 1\.0"):
        fetch(pin(make_wheel(index, "one")), tmp_path, pip=pip)


def test_a_pip_that_is_not_there_is_an_expected_error(index, tmp_path):
    with pytest.raises(InputError, match="/nowhere/pip"):
        fetch(pin(make_wheel(index, "one")), tmp_path, pip=["/nowhere/pip"])


def test_a_cache_that_cannot_be_written_is_an_expected_error(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")

    with pytest.raises(InputError, match="Not a directory"):
        fetch(f"one==1.0 --hash=sha256:{'0' * 64}", tmp_path)


def test_it_asks_for_wheels_of_the_image_and_not_of_this_machine(index, tmp_path):
    record = tmp_path / "argv"
    program = f"import sys; open({str(record)!r}, 'a').write(' '.join(sys.argv)); sys.exit(1)"

    with pytest.raises(InputError):
        wheelhouse.fetch(
            pin(make_wheel(index, "one")),
            python="3.9.2",
            glibc="2.31",
            cache=tmp_path / "cache",
            pip=[sys.executable, "-c", program],
        )

    said = record.read_text()
    for words in (
        "--require-hashes --only-binary=:all: --no-deps",
        "--python-version 3.9.2 --implementation cp --abi cp39",
        "--platform manylinux_2_31_x86_64",
        "--platform manylinux2014_x86_64",
    ):
        assert words in said
    assert "manylinux_2_32" not in said
