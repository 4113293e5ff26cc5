"""An image is built once, whole or not at all, and known by what went into it.

Apptainer is a small program here that does what it is told in the file ``orders``; processes, locks
and files are real.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from osgrepro import apptainer
from osgrepro.errors import ImageError
from osgrepro.models import User

APPTAINER = r"""
import json, os, pathlib, sys, time
here = pathlib.Path(__file__).parent
with open(here / "calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\n")
orders = (here / "orders").read_text().split() if (here / "orders").exists() else []
verb = sys.argv[1]
if verb == "build":
    out = pathlib.Path(sys.argv[-2])
    print("definition:", pathlib.Path(sys.argv[-1]).read_text().splitlines()[1], flush=True)
    out.write_bytes(b"half")
    (pathlib.Path(os.environ["APPTAINER_TMPDIR"]) / "rootfs").mkdir()
    (here / "started").write_text(str(os.getpid()))
    while "wait" in orders and not (here / "go").exists():
        time.sleep(0.02)
    if "fail" in orders:
        sys.exit("FATAL: it went wrong: " + " ".join(orders))
    out.write_bytes(b"SIF" * 1000)
elif verb == "inspect":
    if "broken" in orders:
        sys.exit("FATAL: not a SIF")
    print(json.dumps({"data": {"attributes": {"labels": {"org.osgrepro.tensorflow": "2.8.0"}}}}))
elif verb == "test":
    sys.exit("AssertionError: 2.9.1" if "fail" in orders else 0)
else:
    print("apptainer version 1.4.5")
"""
BUILDER = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_apptainer import Bench
Bench(Path({folder!r})).build()
"""
CONTAINER = apptainer.Container(
    name="mine",
    why="a test",
    tensorflow="2.8.0",
    python="3.9.2",
    base=apptainer.DebianBase(kind="debian", suite="bullseye", glibc="2.31", packages=("python3",)),
    requirements=("tensorflow-cpu==2.8.0", "pip"),
    lock=f"tensorflow-cpu==2.8.0 --hash=sha256:{'0' * 64}\n",
)
ME = User(name="me", uid=os.getuid(), gid=os.getgid())


@dataclass(frozen=True)
class FakeEnclosure:
    """Runs the program above in place of Apptainer."""

    program: Path
    user: User = ME

    def command(self, argv, *, binds=(), cwd=None):
        words = [
            part
            for word in argv
            for part in ([sys.executable, str(self.program)] if word == "apptainer" else [word])
        ]
        return words if cwd is None else ["env", f"--chdir={cwd}", *words]


class Bench:
    """A cache, a fake Apptainer, and what was asked of the collaborators."""

    def __init__(self, folder):
        self.folder = folder
        self.cache = folder / "cache"
        self.program = folder / "apptainer.py"
        self.program.write_text(APPTAINER)
        self.enclosure = FakeEnclosure(self.program)
        self.bases = []
        self.seen = []

    def plan(self, container=CONTAINER):
        return apptainer.plan_image(container, self.cache)

    def build(self, container=CONTAINER, **more):
        collaborators = {"make_base": self.make_base, "fetch_wheels": self.fetch_wheels, **more}
        return apptainer.build(
            self.plan(container), self.enclosure, self.seen.append, **collaborators
        )

    def make_base(self, suite, packages, target):
        self.bases.append((suite, tuple(packages)))
        (target / "usr").mkdir(parents=True, mode=0o700)
        (target / "usr/secret").write_text("x")
        (target / "usr/secret").chmod(0o600)
        (target / "var/lib/dpkg").mkdir(parents=True)
        status = (
            "Package: python3\nStatus: install ok\nVersion: 3.9.2-3\n\nPackage: tar\nVersion: 1\n"
        )
        (target / "var/lib/dpkg/status").write_text(status)
        os.mkfifo(target / "usr/pipe")

    def fetch_wheels(self, container, notify):
        folder = self.cache / "wheelhouse" / "x"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def order(self, *words):
        (self.folder / "orders").write_text(" ".join(words))

    def go(self):
        (self.folder / "go").write_text("")

    def calls(self, verb):
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [call for line in lines if (call := json.loads(line))[0] == verb]

    def images(self):
        return sorted(path.name for path in (self.cache / "images").glob("*.sif"))

    def leftovers(self):
        return [*(self.cache / "building").glob("*"), *(self.cache / "bases").glob("*.partial")]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def until(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def never(*_args):
    raise AssertionError("asked for something although nothing had changed")


def start_builder(bench):
    program = BUILDER.format(tests=str(Path(__file__).parent), folder=str(bench.folder))
    return subprocess.Popen([sys.executable, "-c", program])


def test_a_build_leaves_the_image_its_definition_its_log_and_its_lock(bench):
    image = bench.build()
    plan = bench.plan()

    content = plan.sif.read_bytes()
    assert content == b"SIF" * 1000
    assert image.location == str(plan.sif)
    assert image.sha256 == hashlib.sha256(content).hexdigest()
    assert (
        plan.definition_file.read_text() == plan.definition == apptainer.definition_text(CONTAINER)
    )
    assert "definition: From: bases/bullseye-" in plan.log_file.read_text()
    lock = json.loads(plan.lock_file.read_text())
    assert lock["size_bytes"] == len(content)
    assert lock["lock_sha256"] == hashlib.sha256(CONTAINER.lock.encode()).hexdigest()
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

    assert time.monotonic() - started < 0.2
    assert len((bench.folder / "calls").read_text().splitlines()) == before


@pytest.mark.parametrize(
    "change",
    [
        {"lock": CONTAINER.lock.replace("0", "1")},
        {"python": "3.9.3"},
        {"base": CONTAINER.base.model_copy(update={"suite": "bookworm"})},
        {"base": CONTAINER.base.model_copy(update={"packages": ("python3", "vim")})},
    ],
)
def test_every_input_changes_the_digest(bench, change):
    changed = CONTAINER.model_copy(update=change)

    assert bench.plan(changed).digest != bench.plan().digest


def test_a_new_version_of_osgrepro_is_no_reason_to_build_again(bench, monkeypatch):
    before = bench.plan()
    monkeypatch.setattr(sys.modules["osgrepro.apptainer.plan"], "__version__", "99.0")

    assert bench.plan().digest == before.digest
    assert "org.osgrepro.version 99.0" in bench.plan().definition


def test_the_digest_does_not_depend_on_where_the_cache_is(bench, tmp_path):
    elsewhere = apptainer.plan_image(CONTAINER, tmp_path / "elsewhere")

    assert (elsewhere.digest, elsewhere.definition) == (
        bench.plan().digest,
        bench.plan().definition,
    )


def test_a_definition_can_be_made_for_other_folders():
    text = apptainer.definition(CONTAINER, "/my/base", "/my/wheels")

    assert "From: /my/base\n" in text
    assert "--find-links /my/wheels" in text


def test_a_base_is_made_once_readable_and_without_devices(bench):
    bench.build()
    bench.build(CONTAINER.model_copy(update={"lock": CONTAINER.lock.replace("0", "2")}))

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
    container = CONTAINER.model_copy(update={"base": base, "lock": "", "requirements": ()})

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


def test_an_image_that_was_cut_short_does_not_count_as_built(bench):
    first = bench.build()
    os.truncate(bench.plan().sif, 10)

    assert not bench.plan().is_built
    assert bench.build().sha256 == first.sha256
    assert len(bench.calls("build")) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"size_bytes": 1}', "null"])
def test_a_lock_that_says_nothing_does_not_count(bench, text):
    bench.build()
    bench.plan().lock_file.write_text(text)

    assert bench.plan().built_image() is None


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


def test_after_a_killed_build_the_next_waits_for_its_apptainer_sweeps_and_builds(bench):
    bench.order("wait")
    builder = start_builder(bench)
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


def test_two_builds_at_once_are_one(bench):
    bench.order("wait")
    builder = start_builder(bench)
    until((bench.folder / "started").exists, "the build starts")
    second = threading.Thread(target=bench.build)
    second.start()
    until(lambda: any("waiting" in p.what for p in bench.seen), "the second build waits")
    bench.go()
    second.join()

    assert builder.wait() == 0
    assert len(bench.calls("build")) == 1
    assert bench.images() == [bench.plan().sif.name]


def test_labels_of_an_image_are_read(bench):
    sif = Path(bench.build().location)

    assert apptainer.inspect(sif, bench.enclosure) == {"org.osgrepro.tensorflow": "2.8.0"}


def test_a_file_that_is_no_image_is_an_expected_error(bench):
    bench.order("broken")
    file = bench.folder / "text.sif"
    file.write_text("text")

    with pytest.raises(ImageError, match=r"not an image that can be read:\n.*not a SIF"):
        apptainer.inspect(file, bench.enclosure)


def test_a_missing_image_is_an_expected_error(bench):
    for ask in (apptainer.inspect, apptainer.test):
        with pytest.raises(ImageError, match="there is no such image"):
            ask(bench.folder / "none.sif", bench.enclosure)
    with pytest.raises(ImageError, match=r"none\.sif: No such file"):
        apptainer.digest(bench.folder / "none.sif")


def test_the_test_of_an_image_passes_or_says_why_not(bench):
    sif = Path(bench.build().location)
    apptainer.test(sif, bench.enclosure)
    bench.order("fail")

    with pytest.raises(ImageError, match=r"its own test fails:\n.*2\.9\.1"):
        apptainer.test(sif, bench.enclosure)


def test_a_digest_comes_from_the_lock_while_that_describes_the_file(bench):
    image = bench.build()
    sif, lock = bench.plan().sif, bench.plan().lock_file
    assert apptainer.digest(sif) == image.sha256

    lock.write_text(lock.read_text().replace(image.sha256, "f" * 64))
    assert apptainer.digest(sif) == "f" * 64

    sif.write_bytes(b"another")
    assert apptainer.digest(sif) == hashlib.sha256(b"another").hexdigest()


def test_without_apptainer_the_error_names_it(bench):
    class Nothing(FakeEnclosure):
        def command(self, argv, *, binds=(), cwd=None):
            return ["/nowhere/apptainer"]

    bench.enclosure = Nothing(bench.program)

    with pytest.raises(ImageError, match="/nowhere/apptainer: No such file"):
        bench.build()
