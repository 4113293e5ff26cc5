"""Data: described without a network, fetched or made by sha256, staged whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import errno
import hashlib
import io
import os
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from osgrepro.common.errors import InputError
from osgrepro.common.models import DataFile
from osgrepro.runs import inputs
from osgrepro.runs.inputs import download as downloads
from osgrepro.runs.inputs import files

CONTENT = bytes(range(256)) * 2000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """Serves ``content``; can break off, refuse ranges, and fail."""

    def __init__(self):
        self.content, self.cut, self.ranges, self.status = CONTENT, None, True, 200
        self.asked = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.answer(self)

            def log_message(self, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}/data.npz"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, handler):
        wanted = handler.headers.get("Range")
        self.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and self.ranges else 0
        status = self.status
        if start > len(self.content):
            status = 416
        elif status == 200 and wanted and self.ranges:
            status = 206
        body = self.content[start:] if status < 400 else b""
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(body[: self.cut])
        if self.cut is not None:
            self.cut = None  # the next answer is whole

    def close(self):
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


def test_a_file_is_fetched_verified_and_its_progress_told(server, tmp_path):
    told = []
    target = downloads.download(server.address, DIGEST, tmp_path / "a/data.npz", told.append)
    assert target.read_bytes() == CONTENT
    assert (told[-1].done, told[-1].total, told[-1].unit) == (len(CONTENT), len(CONTENT), "B")
    assert [p.name for p in target.parent.iterdir()] == ["data.npz"]


def test_a_broken_connection_is_resumed(server, tmp_path):
    server.cut = 100_000
    target = downloads.download(server.address, DIGEST, tmp_path / "data.npz")
    assert target.read_bytes() == CONTENT
    assert server.asked[0] is None
    assert server.asked[1].startswith("bytes=")


def test_what_an_earlier_call_fetched_is_kept(server, tmp_path):
    (tmp_path / "data.npz.part").write_bytes(CONTENT[:1000])
    assert downloads.download(server.address, DIGEST, tmp_path / "data.npz").read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


def test_a_server_that_cannot_resume_is_asked_for_all(server, tmp_path):
    server.ranges = False
    (tmp_path / "data.npz.part").write_bytes(b"x" * 1000)
    assert downloads.download(server.address, DIGEST, tmp_path / "data.npz").read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_fetched_anew(server, tmp_path):
    (tmp_path / "data.npz.part").write_bytes(CONTENT + b"more")
    assert downloads.download(server.address, DIGEST, tmp_path / "data.npz").read_bytes() == CONTENT


def test_other_bytes_are_refused_and_not_kept(server, tmp_path):
    server.content = b"something else"
    with pytest.raises(InputError, match=f"not {DIGEST}"):
        downloads.download(server.address, DIGEST, tmp_path / "data.npz")
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_gone_names_itself_and_the_place_for_the_file(server, tmp_path):
    server.status = 404
    with pytest.raises(InputError, match="HTTP status 404") as error:
        downloads.download(server.address, DIGEST, tmp_path / "data.npz")
    assert server.address in error.value.message
    assert str(tmp_path / "data.npz") in error.value.hint


def test_without_a_network_the_address_and_the_place_are_named(tmp_path):
    def unreachable(_address, _offset):
        raise OSError("Name or service not known")

    data = inputs.describe("keras:mnist", tmp_path)
    with pytest.raises(InputError) as error:
        inputs.fetch(data, tmp_path / "cache", opened=unreachable)
    assert inputs.KERAS["keras:mnist"].address in error.value.message
    assert str(tmp_path / "cache/data/mnist.npz") in error.value.hint


def test_a_file_put_there_by_hand_is_used(tmp_path, monkeypatch):
    known = inputs.KERAS["keras:mnist"]
    (tmp_path / "data").mkdir()
    (tmp_path / "data/mnist.npz").write_bytes(CONTENT)
    data = DataFile(spec="keras:mnist", file_name=known.file_name, sha256=DIGEST, sample=False)
    assert inputs.fetch(data, tmp_path).read_bytes() == CONTENT


def test_a_full_disk_says_so_and_leaves_no_file(tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.shutil, "copyfile", full)
    (tmp_path / "a.csv").write_text("1\n")
    data = inputs.describe("a.csv", tmp_path)
    with pytest.raises(InputError, match="no space left"):
        inputs.stage(data, tmp_path / "staged", tmp_path / "cache")
    assert list((tmp_path / "staged").iterdir()) == []


def test_a_full_disk_while_fetching_says_so(tmp_path):
    class Full:
        status, headers = 200, {}

        def read(self, _amount):
            raise OSError(errno.ENOSPC, "No space left on device")

    data = inputs.describe("keras:imdb", tmp_path)
    with pytest.raises(InputError, match="no space left"):
        inputs.fetch(data, tmp_path, opened=lambda *_: contextlib.nullcontext(Full()))


def test_a_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "cache").write_text("in the way")
    data = inputs.describe("sample:digits", tmp_path)
    with pytest.raises(InputError, match="can't be written"):
        inputs.fetch(data, tmp_path / "cache")


@pytest.mark.parametrize("spec", [*inputs.KERAS, *inputs.SAMPLES])
def test_known_words_are_described_without_a_file(spec):
    data = inputs.describe(spec, Path("/nowhere"))
    assert data.spec == spec
    assert len(data.sha256) == 64
    assert data.sample is spec.startswith("sample:")
    assert data.path is None


@pytest.mark.parametrize("spec", ["keras:cifar", "sample:", "sample:mnist"])
def test_unknown_words_are_told_what_there_is(spec):
    with pytest.raises(InputError) as error:
        inputs.describe(spec, Path())
    assert "sample:digits" in error.value.hint


def test_a_users_file_is_found_from_the_campaign_and_hashed(tmp_path):
    (tmp_path / "a.csv").write_bytes(CONTENT)
    data = inputs.describe("a.csv", tmp_path)
    assert data == DataFile(
        spec="a.csv", file_name="a.csv", sha256=DIGEST, sample=False, path=tmp_path / "a.csv"
    )


def test_a_changed_file_has_a_new_hash(tmp_path):
    (tmp_path / "a.csv").write_bytes(CONTENT)
    before = inputs.describe("a.csv", tmp_path).sha256
    (tmp_path / "a.csv").write_bytes(CONTENT + b"1")
    assert inputs.describe("a.csv", tmp_path).sha256 != before


def test_a_file_that_is_not_there_yet_has_the_declared_hash_or_none(tmp_path):
    assert inputs.describe("a.csv", tmp_path).sha256 is None
    assert inputs.describe(f"a.csv#sha256={DIGEST}", tmp_path).sha256 == DIGEST


@pytest.mark.parametrize("declared", ["", "abc", DIGEST.upper(), DIGEST + "0"])
def test_a_declared_hash_that_is_none_is_refused(tmp_path, declared):
    with pytest.raises(InputError, match="64 lowercase"):
        inputs.describe(f"a.csv#sha256={declared}", tmp_path)


@pytest.mark.parametrize(
    "spec", ["a,b.csv", "a b.csv", 'a".csv', "spec.json", "payload.pyz", "result.json", "", "/",
             ".x", "a\nb.csv", "$(x).csv"]
)  # fmt: skip
def test_a_name_that_cannot_travel_is_refused(tmp_path, spec):
    with pytest.raises(InputError, match="can't be sent with a job"):
        inputs.describe(spec, tmp_path)


def test_a_folder_is_no_data_file(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="not a file"):
        inputs.describe("folder", tmp_path)


def test_a_missing_file_is_an_error_when_it_is_staged(tmp_path):
    data = inputs.describe(f"a.csv#sha256={DIGEST}", tmp_path)
    with pytest.raises(InputError, match=r"a\.csv is not there"):
        inputs.stage(data, tmp_path / "staged", tmp_path / "cache")


def test_a_users_file_with_other_bytes_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"other")
    data = inputs.describe(f"a.csv#sha256={DIGEST}", tmp_path)
    with pytest.raises(InputError, match=f"not {DIGEST}"):
        inputs.stage(data, tmp_path / "staged", tmp_path / "cache")
    assert not (tmp_path / "staged").exists()


@pytest.fixture
def everyones():
    """Return a folder that everybody may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def rights(path):
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize(
    ("folder", "file", "copied"),
    [(0o755, 0o644, 0o644), (0o755, 0o600, 0o600), (0o755, 0o640, 0o600), (0o700, 0o644, 0o600)],
)
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_copy_is_no_more_readable_than_its_source(everyones, folder, file, copied, umask):
    (everyones / "mine").mkdir()
    (everyones / "mine" / "a.csv").write_text("1\n")
    (everyones / "mine" / "a.csv").chmod(file)
    (everyones / "mine").chmod(folder)
    before = os.umask(umask)
    try:
        data = inputs.describe("mine/a.csv", everyones)
        staged = inputs.stage(data, everyones / "inputs" / "x", everyones)
    finally:
        os.umask(before)
    assert rights(staged) == copied
    assert not rights(staged.parent) & ~(0o755 if copied == 0o644 else 0o700)


def test_a_copy_that_was_too_open_is_closed(everyones):
    (everyones / "a.csv").write_text("1\n")
    (everyones / "a.csv").chmod(0o600)
    data = inputs.describe("a.csv", everyones)
    staged = inputs.stage(data, everyones / "inputs", everyones)
    staged.chmod(0o644)
    inputs.stage(data, everyones / "inputs", everyones)
    assert rights(staged) == 0o600


def test_a_users_file_is_copied_so_that_edits_reach_no_run(tmp_path):
    (tmp_path / "a.csv").write_bytes(CONTENT)
    data = inputs.describe("a.csv", tmp_path)
    staged = inputs.stage(data, tmp_path / "staged", tmp_path / "cache")
    with (tmp_path / "a.csv").open("ab") as file:
        file.write(b"more")
    assert staged.read_bytes() == CONTENT


def test_a_staged_file_stays_and_a_spoiled_one_is_replaced(tmp_path):
    data = inputs.describe("sample:digits", tmp_path)
    staged = inputs.stage(data, tmp_path / "staged", tmp_path / "cache")
    before = staged.stat().st_mtime_ns
    assert inputs.stage(data, tmp_path / "staged", tmp_path / "cache") == staged
    assert staged.stat().st_mtime_ns == before
    staged.unlink()
    staged.write_bytes(b"spoiled")
    inputs.stage(data, tmp_path / "staged", tmp_path / "cache")
    assert hashlib.sha256(staged.read_bytes()).hexdigest() == data.sha256


def made(spec, tmp_path):
    data = inputs.describe(spec, tmp_path)
    content = inputs.fetch(data, tmp_path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == data.sha256
    return content


def test_the_digits_are_images_like_mnists(tmp_path):
    with np.load(io.BytesIO(made("sample:digits", tmp_path)), allow_pickle=False) as file:
        assert file["x_train"].shape == (1437, 28, 28)
        assert file["x_test"].shape == (360, 28, 28)
        assert file["x_train"].dtype == file["y_train"].dtype == np.uint8
        assert file["x_train"].max() == 255
        assert set(file["y_test"]) == set(range(10))


def test_the_reviews_have_both_opinions_and_keras_numbers(tmp_path):
    with np.load(io.BytesIO(made("sample:reviews", tmp_path)), allow_pickle=False) as file:
        for part, count in (("train", 2000), ("test", 500)):
            offsets, tokens = file[f"offsets_{part}"], file[f"tokens_{part}"]
            assert len(offsets) == count + 1
            assert offsets[-1] == len(tokens)
            assert (tokens[offsets[:-1]] == 1).all()
            assert tokens.max() < 1000
            assert 0.4 < file[f"labels_{part}"].mean() < 0.6


def test_the_transactions_have_kaggles_columns_and_few_frauds(tmp_path):
    rows = list(csv.DictReader(io.StringIO(made("sample:transactions", tmp_path).decode())))
    assert list(rows[0]) == ["Time", *(f"V{n}" for n in range(1, 29)), "Amount", "Class"]
    assert len(rows) == 6000
    assert 0.02 < sum(row["Class"] == "1" for row in rows) / len(rows) < 0.06
