"""An image is built once, whole or not at all, whatever happens to the build."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from osgrepro.common.errors import ImageError
from osgrepro.software import apptainer
from osgrepro.software.apptainer import contents, header
from osgrepro.software.apptainer.plan import SOURCE_DATE_EPOCH


def never(*_args):
    raise AssertionError("asked for something although nothing had changed")


def test_a_build_leaves_the_image_its_definition_its_log_and_its_lock(bench):
    image = bench.build()
    plan = bench.plan()

    content = plan.sif.read_bytes()
    assert image.location == str(plan.sif)
    assert image.sha256 == hashlib.sha256(content).hexdigest()
    assert (
        plan.definition_file.read_text()
        == plan.definition
        == apptainer.definition_text(bench.container)
    )
    assert "definition: From: bases/bullseye-" in plan.log_file.read_text()
    lock = json.loads(plan.facts_file.read_text())
    assert lock["size_bytes"] == len(content)
    assert lock["lock_sha256"] == hashlib.sha256(bench.container.lock.encode()).hexdigest()
    assert lock["labels"] == image.labels == {"org.osgrepro.tensorflow": "2.8.0"}
    assert lock["base"]["installed"] == {"python3": "3.9.2-3", "tar": "1"}
    assert lock["apptainer"] == "apptainer version 1.4.5"
    assert lock["architecture"] == "amd64"
    assert (lock["backend"], lock["framework"]) == ("tensorflow", "2.8.0")
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


def test_the_content_digest_is_of_what_is_inside(bench, tmp_path):
    bench.build()
    plan = bench.plan()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    listed = contents.contents(plan.sif, bench.enclosure, scratch)

    assert json.loads(plan.facts_file.read_text())["content_sha256"] == contents.digest(listed)
    assert listed["bin"] == "link to usr/bin"


def test_an_image_has_neither_a_date_nor_an_id_of_its_build(bench):
    image = bench.build()
    before = Path(image.location).read_bytes()
    header.normalise(Path(image.location), SOURCE_DATE_EPOCH)

    assert Path(image.location).read_bytes() == before


def test_an_image_for_another_architecture_is_refused_before_anything_is_made(bench, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")

    with pytest.raises(
        ImageError, match=r"mine: .* are for x86_64, and this machine is aarch64"
    ) as caught:
        bench.build(make_base=never, fetch_wheels=never)

    assert "x86_64" in caught.value.hint
    assert not bench.calls("build")


def docker(bench, **more):
    base = apptainer.DockerBase(kind="docker", reference="tensorflow/tensorflow:2.8.0-gpu", **more)
    return bench.container.model_copy(update={"base": base})


def test_a_docker_base_needs_no_base_folder_and_no_wheels(bench):
    container = docker(bench).model_copy(update={"lock": "", "requirements": ()})

    bench.build(container, make_base=never, fetch_wheels=never)

    (call,) = bench.calls("build")
    assert "--bind" not in call
    assert bench.plan(container).base is None


def test_a_docker_base_with_a_lock_gets_its_packages_and_wheels(bench):
    container = docker(bench, packages=("python3", "libgomp1"), glibc="2.31")

    bench.build(container, make_base=never)

    (call,) = bench.calls("build")
    assert call[call.index("--bind") + 1].endswith(":/mnt:ro")
    made = bench.plan(container)
    assert "install --yes --no-install-recommends python3 libgomp1" in made.definition
    lock = json.loads(made.facts_file.read_text())
    assert (lock["base"]["packages"], lock["base"]["installed"]) == (["python3", "libgomp1"], None)


def test_layers_that_were_pulled_are_kept_until_the_image_is_built(bench):
    container = docker(bench, glibc="2.31")
    made = bench.plan(container)
    bench.fails("FATAL:   While performing build: conveyor failed to get: connection refused")
    with pytest.raises(ImageError, match="the base can't be pulled"):
        bench.build(container)
    assert list(made.pulled.rglob("*"))
    assert "blob done" in made.log_file.read_text()

    bench.mends()
    bench.build(container)

    assert "already exists" in made.log_file.read_text()
    assert not made.pulled.exists()


def test_a_failed_build_of_a_base_of_our_own_keeps_no_layers(bench):
    bench.fails("FATAL: no")

    with pytest.raises(ImageError):
        bench.build()

    assert not (bench.cache / "pulled").exists()


# As Apptainer 1.4 and what it starts say it.
POST = "FATAL:   While performing build: while running engine: while running %post section: exit 1"
SQUASHFS = "FATAL:   While performing build: while creating squashfs: mksquashfs command failed: "
PULL = "INFO:    Fetching OCI image...\nFATAL:   While performing build: conveyor failed to get: "
CAUSES = {
    "INFO:    Running testscript\nAssertionError: 2.9.1\n"
    "FATAL:   While performing build: failed to execute %test script: exit status 1": (
        "the image does not pass its own test",
        "AssertionError: 2.9.1",
        "",
    ),
    "INFO:    Running testscript\nINFO:    Creating SIF file...\n"
    f"{SQUASHFS}exit status 1: Write failed because No space left on device": (
        "no space is left",
        "Creating SIF file",
        "OSGREPRO_CACHE",
    ),
    f"{PULL}copying blob: write /cache/blob: no space left on device": (
        "no space is left",
        "copying blob",
        "OSGREPRO_CACHE",
    ),
    f"OSError: [Errno 122] Disk quota exceeded\n{POST}": (
        "no space is left",
        "Errno 122",
        "OSGREPRO_CACHE",
    ),
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have\n"
    f"    Expected sha256 000\n         Got        111\n{POST}": (
        "a wheel does not match its hash in the lock file",
        "Got        111",
        "remove the folder wheelhouse",
    ),
    f'{PULL}Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host': (
        "the base can't be pulled",
        "no such host",
        "the registry must be reachable",
    ),
    f"INFO:    Running testscript\nINFO:    Creating SIF file...\n{SQUASHFS}signal: killed": (
        "apptainer build ended with 1",
        "signal: killed",
        "",
    ),
}


@pytest.mark.parametrize("said", CAUSES, ids=[cause for cause, _, _ in CAUSES.values()])
def test_a_failed_build_names_its_cause_says_what_to_do_and_leaves_no_image(bench, said):
    cause, last, hint = CAUSES[said]
    bench.fails(said)

    with pytest.raises(ImageError) as caught:
        bench.build()

    assert caught.value.message.startswith(f"mine: {cause}:\n")
    assert last in caught.value.message
    assert hint in caught.value.hint
    assert str(bench.plan().log_file) in caught.value.hint
    assert (bench.images(), bench.leftovers()) == ([], [])
    assert not bench.plan().is_built


def test_a_build_that_ends_well_without_an_image_leaves_none(bench):
    bench.order("no-sif")

    with pytest.raises(ImageError, match=r"image\.sif: not an Apptainer image"):
        bench.build()

    assert (bench.images(), bench.leftovers()) == ([], [])


def test_an_image_that_cannot_be_unpacked_does_not_count(bench):
    bench.order("corrupt")

    with pytest.raises(ImageError, match=r"can't be unpacked:\n.*corruption detected"):
        bench.build()

    assert (bench.images(), bench.leftovers()) == ([], [])


def test_the_pools_user_can_reach_every_folder_whatever_the_umask_is(bench):
    before = os.umask(0o077)
    bench.fails("FATAL: no")
    try:
        with pytest.raises(ImageError):
            bench.build(docker(bench, glibc="2.31"))
        with pytest.raises(ImageError):
            bench.build()
    finally:
        os.umask(before)

    folders = (bench.cache, *(bench.cache / name for name in ("images", "bases", "building")))
    pulled = bench.plan(docker(bench, glibc="2.31")).pulled
    for folder in (*folders, pulled, pulled.parent):
        assert folder.stat().st_mode & 0o755 == 0o755, folder


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


def test_a_link_in_place_of_the_image_is_not_sealed(bench, tmp_path):
    """What is built lies in a folder of the pool's user; root seals, and gives to itself."""
    secret = tmp_path / "secret"
    secret.write_text("of root")
    secret.chmod(0o600)
    plain = bench.enclosure

    class Planting:
        user = plain.user

        def command(self, argv, **where):
            full = plain.command(argv, **where)
            if "build" not in argv:
                return full
            plant = f'image=$0; "$@" && rm "$image" && ln -s "{secret}" "$image"'
            return ["sh", "-c", plant, argv[-2], *full]

    bench.enclosure = Planting()
    with pytest.raises(ImageError, match="apptainer build ended with 0"):
        bench.build()
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("of root", 0o600)
    assert bench.images() == []
