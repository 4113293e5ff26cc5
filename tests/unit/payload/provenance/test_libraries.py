"""Loaded libraries: only those that compute, hashed once, from a package's RECORD where it fits."""

from __future__ import annotations

import base64
import hashlib

import pytest

from osgrepro.payload.processes.hashing import Hasher
from osgrepro.payload.provenance import libraries

MAPS = """7f0000000000-7f0000001000 r-xp 00000000 08:01 1 /usr/lib/libm.so.6
7f0000001000-7f0000002000 r--p 00001000 08:01 1 /usr/lib/libm.so.6
7f0000002000-7f0000003000 r-xp 00000000 08:01 2 /usr/lib/libcudnn_ops_infer.so.8
7f0000003000-7f0000004000 r-xp 00000000 08:01 3 /usr/lib/libz.so.1
7f0000004000-7f0000005000 rw-p 00000000 00:00 0
7f0000005000-7f0000006000 r-xp 00000000 08:01 4 /opt/with space/libopenblas.so.0
7f0000006000-7f0000007000 rw-p 00000000 00:00 0 [heap]
"""


def test_the_computing_libraries_are_listed_once(tmp_path):
    (tmp_path / "maps").write_text(MAPS)
    assert libraries.loaded(str(tmp_path / "maps")) == [
        "/opt/with space/libopenblas.so.0",
        "/usr/lib/libcudnn_ops_infer.so.8",
        "/usr/lib/libm.so.6",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "libtensorflow_cc.so.2",
        "libjax_common.so",
        "xla_extension.so",
        "xla_cuda_plugin.so",
        "libtorch_cpu.so",
        "libtorch_cuda.so",
        "libc10.so",
        "libc10_cuda.so",
    ],
)
def test_what_computes_for_a_backend_is_listed(tmp_path, name):
    path = f"/usr/lib/python3/site-packages/x/{name}"
    (tmp_path / "maps").write_text(f"7f0000000000-7f0000001000 r-xp 00000000 08:01 1 {path}\n")
    assert libraries.loaded(str(tmp_path / "maps")) == [path]


def test_this_process_has_a_c_library():
    assert any("libc" in path for path in libraries.loaded())


def site(folder, content, size=None):
    """Make a package that has installed ``libtensorflow.so``; return the library's path."""
    packages = folder / "lib/python3.9/site-packages"
    (packages / "tensorflow").mkdir(parents=True)
    (packages / "tensorflow-2.8.0.dist-info").mkdir()
    path = packages / "tensorflow/libtensorflow.so"
    path.write_bytes(content)
    digest = base64.urlsafe_b64encode(b"\1" * 32).rstrip(b"=").decode()
    size = len(content) if size is None else size
    (packages / "tensorflow-2.8.0.dist-info/RECORD").write_text(
        f"tensorflow/libtensorflow.so,sha256={digest},{size}\ntensorflow/a.py,,\nbad line\n"
    )
    return str(path)


def test_an_installed_package_tells_its_own_hash(tmp_path):
    path = site(tmp_path, b"library")
    hashes = libraries.Hashes()
    hashes.add([path])
    assert hashes.known([path]) == [{"path": path, "sha256": "01" * 32, "source": "record"}]


def test_a_file_of_another_size_is_read(tmp_path):
    path = site(tmp_path, b"changed", size=3)
    hashes = libraries.Hashes()
    hashes.add([path])
    digest = hashlib.sha256(b"changed").hexdigest()
    assert hashes.known([path]) == [{"path": path, "sha256": digest, "source": "file"}]


def test_a_library_that_is_gone_is_null(tmp_path):
    path = str(tmp_path / "libm.so.6")
    hashes = libraries.Hashes()
    hashes.add([path])
    assert hashes.known([path]) == [{"path": path, "sha256": None, "source": None}]


def test_hashing_goes_on_in_the_background(tmp_path):
    paths = []
    for name in ("libm.so", "libc.so"):
        (tmp_path / name).write_bytes(name.encode())
        paths.append(str(tmp_path / name))
    hasher = Hasher()
    hasher.add(paths[:1])
    hasher.add(paths[:1])
    found = hasher.finish(paths)
    assert [item["sha256"] for item in found] == [
        hashlib.sha256(name).hexdigest() for name in (b"libm.so", b"libc.so")
    ]


def test_a_run_without_libraries_starts_no_thread():
    assert Hasher().finish([]) == []
