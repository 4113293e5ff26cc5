"""An image is built once, whole or not at all, whatever happens to the build."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time

import pytest

from osgrepro import apptainer
from osgrepro.errors import ImageError


def never(*_args):
    raise AssertionError("asked for something although nothing had changed")


def test_a_build_leaves_the_image_its_definition_its_log_and_its_lock(bench):
    image = bench.build()
    plan = bench.plan()

    content = plan.sif.read_bytes()
    assert content == b"SIF" * 1000
    assert image.location == str(plan.sif)
    assert image.sha256 == hashlib.sha256(content).hexdigest()
    assert (
        plan.definition_file.read_text()
        == plan.definition
        == apptainer.definition_text(bench.container)
    )
    assert "definition: From: bases/bullseye-" in plan.log_file.read_text()
    lock = json.loads(plan.lock_file.read_text())
    assert lock["size_bytes"] == len(content)
    assert lock["lock_sha256"] == hashlib.sha256(bench.container.lock.encode()).hexdigest()
    assert lock["labels"] == image.labels == {"org.osgrepro.tensorflow": "2.8.0"}
    assert lock["base"]["installed"] == {"python3": "3.9.2-3", "tar": "1"}
    assert lock["apptainer"] == "apptainer version 1.4.5"
    assert not bench.leftovers()


def test_the_wheels_are_bound_for_the_build_and_the_folder_is_the_cache(bench):
    bench.build()

    (call,) = bench.calls("build")
    assert call[call.index("--bind") + 1] == f"{bench.cache}/wheelhouse/x:/mnt:ro"


def test_a_second_build_asks_nobody_and_takes_no_time(bench):
    first = bench.build()
    before = len((bench.folder / "calls").read_text().splitlines())
    started = time.monotonic()

    assert bench.build(make_base=never, fetch_wheels=never) == first

    assert time.monotonic() - started < 1
    assert len((bench.folder / "calls").read_text().splitlines()) == before


def test_a_base_is_made_once_readable_and_without_devices(bench):
    bench.build()
    bench.build(bench.container.model_copy(update={"lock": bench.container.lock.replace("0", "2")}))

    assert bench.bases == [("bullseye", ("python3",))]
    base = bench.plan().base
    assert (base / "usr").stat().st_mode & 0o777 == 0o755
    assert (base / "usr/secret").stat().st_mode & 0o777 == 0o644
    assert not (base / "usr/pipe").exists()


def test_a_base_that_cannot_be_made_leaves_none(bench):
    def refuse(suite, packages, target):
        target.mkdir()
        raise ImageError("no mirror")

    with pytest.raises(ImageError, match="no mirror"):
        bench.build(make_base=refuse)
    with pytest.raises(ImageError, match="no Debian bullseye came to be there"):
        bench.build(make_base=lambda suite, packages, target: target.mkdir())

    assert not bench.plan().base.exists()
    bench.build()
    assert not bench.leftovers()


def test_a_docker_base_needs_no_base_folder_and_no_wheels(bench):
    base = apptainer.DockerBase(kind="docker", reference="tensorflow/tensorflow:2.8.0-gpu")
    container = bench.container.model_copy(update={"base": base, "lock": "", "requirements": ()})

    bench.build(container, make_base=never, fetch_wheels=never)

    (call,) = bench.calls("build")
    assert "--bind" not in call
    assert bench.plan(container).base is None


def test_a_failed_build_says_why_and_leaves_no_image(bench):
    bench.order("fail")

    with pytest.raises(
        ImageError, match=r"apptainer build ended with 1:\n(.*\n)*.*went wrong"
    ) as caught:
        bench.build()

    assert str(bench.plan().log_file) in caught.value.hint
    assert (bench.images(), bench.leftovers()) == ([], [])
    assert not bench.plan().is_built


def test_a_full_disk_is_named_as_the_cause(bench):
    bench.order("fail", "No space left on device")

    with pytest.raises(ImageError) as caught:
        bench.build()

    assert "OSGREPRO_CACHE" in caught.value.hint


def test_a_disk_that_is_too_full_is_told_before_anything_is_made(bench, monkeypatch):
    usage = type("Usage", (), {"free": 10**9})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)

    with pytest.raises(ImageError, match=r"1\.0 GB are free, and a build needs 6"):
        bench.build(make_base=never, fetch_wheels=never)


def test_a_cache_that_cannot_be_written_is_an_expected_error(bench):
    bench.cache.write_text("a file where the folder should be")

    with pytest.raises(ImageError) as caught:
        bench.build()

    assert "OSGREPRO_CACHE" in caught.value.hint


def test_an_interrupt_ends_apptainer_and_leaves_nothing(bench):
    bench.order("wait")

    def interrupt(progress):
        if (bench.folder / "started").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apptainer.build(
            bench.plan(),
            bench.enclosure,
            interrupt,
            make_base=bench.make_base,
            fetch_wheels=bench.fetch_wheels,
        )

    pid = int((bench.folder / "started").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (bench.images(), bench.leftovers()) == ([], [])


def test_after_a_killed_build_the_next_waits_for_its_apptainer_sweeps_and_builds(bench, until):
    bench.order("wait")
    builder = bench.start_builder()
    until((bench.folder / "started").exists, "the build starts")
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    assert bench.images() == []
    assert bench.leftovers()

    second = threading.Thread(target=bench.build)
    second.start()
    until(lambda: any("waiting" in p.what for p in bench.seen), "the second build waits")
    assert len(bench.calls("build")) == 1
    bench.go()
    second.join()

    assert len(bench.calls("build")) == 2
    assert bench.plan().is_built
    assert not bench.leftovers()


def test_two_builds_at_once_are_one(bench, until):
    bench.order("wait")
    builder = bench.start_builder()
    until((bench.folder / "started").exists, "the build starts")
    second = threading.Thread(target=bench.build)
    second.start()
    until(lambda: any("waiting" in p.what for p in bench.seen), "the second build waits")
    bench.go()
    second.join()

    assert builder.wait() == 0
    assert len(bench.calls("build")) == 1
    assert bench.images() == [bench.plan().sif.name]


def test_without_apptainer_the_error_names_it(bench):
    class Nothing:
        user = bench.enclosure.user

        def command(self, argv, *, binds=(), cwd=None):
            return ["/nowhere/apptainer"]

    bench.enclosure = Nothing()

    with pytest.raises(ImageError, match="/nowhere/apptainer: No such file"):
        bench.build()
