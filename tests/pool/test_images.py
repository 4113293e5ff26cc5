"""The catalogue's index-built environments become real images, built by the real Apptainer.

Images of the user's cache are used where they are; what is missing is built, which takes minutes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import real_pool

from osgrepro.common import folders, shipped
from osgrepro.common.errors import ImageError, InputError
from osgrepro.common.models import silent
from osgrepro.software import apptainer, lockfile
from osgrepro.workflow.software import builders

pytestmark = [pytest.mark.pool, pytest.mark.timeout(1200)]

CATALOGUE = apptainer.load_catalogue([shipped.folder("containers")])
REGISTRY = sorted(name for name, c in CATALOGUE.items() if c.base.kind == "docker")


def never(*_args):
    raise AssertionError("asked for something although nothing had changed")


@pytest.fixture(scope="module", params=real_pool.built_from_indexes())
def plan(request, enclosure):
    plan = apptainer.plan_image(request.param, folders.cache())
    try:
        builders.build(plan, silent)
    except InputError as error:
        if "+" not in (plan.container.framework or ""):
            raise
        pytest.skip(f"this machine's indexes don't have the build: {error}")
    return plan


@pytest.fixture
def folder():
    # Not pytest's own: below /tmp the pool's user sees the host's folders, with the host's modes.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as path:
        yield Path(path)


def python_in(sif, enclosure, program):
    argv = ["apptainer", "exec", "--containall", str(sif), "python3", "-c", program]
    done = subprocess.run(
        enclosure.command(argv, binds=[sif.parent]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_image_passes_its_own_test(plan, enclosure):
    apptainer.test(plan.sif, enclosure)


def test_the_image_has_the_catalogues_framework_keras_and_python(plan, enclosure):
    container = plan.container
    program = (
        "import importlib, platform;"
        f"found = [importlib.import_module(n).__version__ for n in {[*container.declared]}];"
        "print(*found, platform.python_version())"
    )

    said = python_in(plan.sif, enclosure, program)

    versions = (*container.declared.values(), container.python)
    assert said.splitlines()[-1] == " ".join(versions)


def test_the_image_tells_keras_3_what_it_stands_on(plan, enclosure):
    program = "import os; print(os.environ.get('KERAS_BACKEND', 'tensorflow'))"

    backend = plan.container.backend if plan.container.keras else "tensorflow"
    assert python_in(plan.sif, enclosure, program) == backend


def test_an_image_on_another_backend_has_no_tensorflow(plan, enclosure):
    program = "import importlib.util as u; print(u.find_spec('tensorflow') is not None)"

    has_it = python_in(plan.sif, enclosure, program) == "True"
    assert has_it == (plan.container.backend == "tensorflow")


def test_the_image_pins_locale_and_hashes_and_sees_no_packages_of_a_home(plan, enclosure):
    names = ("LC_ALL", "PYTHONHASHSEED", "PYTHONNOUSERSITE")

    said = python_in(plan.sif, enclosure, f"import os; print(*[os.environ[n] for n in {names}])")

    assert said == "C.UTF-8 0 1"


def test_the_image_holds_the_versions_of_its_lock(plan, enclosure):
    program = (
        "import importlib.metadata as m;"
        "print(*[d.metadata['Name'] + '==' + d.version for d in m.distributions()])"
    )
    pairs = (word.split("==") for word in python_in(plan.sif, enclosure, program).split())
    installed = {lockfile.normalise(name): version for name, version in pairs}

    pins = lockfile.parse(plan.container.lock, plan.container.name)
    assert {pin.name: installed.get(pin.name) for pin in pins} == {
        pin.name: pin.version for pin in pins
    }


def test_no_wheel_stays_behind_in_the_image(plan, enclosure):
    program = "import os; print(os.listdir('/mnt') + os.listdir('/root'))"

    assert "whl" not in python_in(plan.sif, enclosure, program)


def test_the_labels_say_what_it_is(plan, enclosure):
    labels = apptainer.inspect(plan.sif, enclosure)

    assert labels["org.osgrepro.software"] == plan.container.name
    assert labels.get("org.osgrepro.backend") == plan.container.backend
    assert labels.get("org.osgrepro.framework") == plan.container.framework
    assert labels.get("org.osgrepro.tensorflow") == plan.container.tensorflow
    lock_sha256 = hashlib.sha256(plan.container.lock.encode()).hexdigest()
    assert labels["org.osgrepro.lock-sha256"] == lock_sha256


def test_the_day_of_the_build_is_in_no_users_entry(plan):
    """A second build on the same day, as below, would hide it."""
    entries = (plan.base / "etc/shadow").read_text().splitlines()

    days = {entry.split(":")[2] for entry in entries}

    assert days == {str(apptainer.SOURCE_DATE_EPOCH // 86400)}


def test_the_recorded_digest_is_the_files(plan):
    with plan.sif.open("rb") as file:
        total = hashlib.sha256()
        while block := file.read(1 << 20):
            total.update(block)

    assert apptainer.digest(plan.sif) == total.hexdigest() == plan.built_image().sha256


def test_a_second_build_is_done_at_once(plan, enclosure):
    started = time.monotonic()

    apptainer.build(plan, enclosure, make_base=never, fetch_wheels=never)

    assert time.monotonic() - started < 1


def test_a_second_build_elsewhere_is_the_same_bytes(enclosure):
    """Base and all; the smallest of the catalogue stands for the others."""
    plan = apptainer.plan_image(CATALOGUE["python-3.11"], folders.cache())
    builders.build(plan, silent)

    found = builders.check(plan, silent)

    assert (found.differences, found.same_contents, found.same_bytes) == ((), True, True)
    labels = apptainer.inspect(plan.sif, enclosure)
    assert labels["org.label-schema.build-date"] == "2022-01-01T00:00:00+00:00"


class Small:
    """An environment of a few tools, in which a line of shell stands for Python and its test."""

    def __init__(self, tiny_base, enclosure, cache):
        self.tiny_base, self.enclosure, self.python = tiny_base, enclosure, "cat >/dev/null"
        base = apptainer.DebianBase(kind="debian", suite="tiny", glibc="2.31", packages=("sh",))
        container = CATALOGUE["tensorflow-2.8.0"].model_copy(update={"base": base, "lock": ""})
        self.plan = apptainer.plan_image(container, cache)

    def make_base(self, suite, packages, target):
        shutil.copytree(self.tiny_base, target, symlinks=True)
        (target / "usr/bin/python3").write_text(f"#!/bin/sh\n{self.python}\n")
        (target / "usr/bin/python3").chmod(0o755)
        (target / "var/lib/dpkg").mkdir(parents=True)
        (target / "var/lib/dpkg/status").touch()

    def do(self, verb):
        return verb(self.plan, self.enclosure, make_base=self.make_base, fetch_wheels=never)


@pytest.fixture
def small(tiny_image, enclosure, folder):
    return Small(tiny_image.parent / "base", enclosure, folder / "cache")


def test_a_check_names_the_file_in_which_two_builds_differ(small):
    small.do(apptainer.build)
    same = small.do(apptainer.check)
    small.python = "cat >/dev/null # otherwise"

    other = small.do(apptainer.check)

    assert (same.differences, same.same_contents, same.same_bytes) == ((), True, True)
    assert [one.path for one in other.differences] == ["usr/bin/python3"]
    assert (other.same_contents, other.same_bytes) == (False, False)


def test_an_image_that_was_changed_behind_its_lock_is_found_out(small):
    """By one that was built of another base, and has the size and date of the first."""
    small.do(apptainer.build)
    sif, facts = small.plan.sif, small.plan.sif.stat()
    other = Small(small.tiny_base, small.enclosure, small.plan.cache.parent / "other")
    other.python = "cat >>/dev/null"
    other.do(apptainer.build)
    sif.write_bytes(other.plan.sif.read_bytes())
    os.utime(sif, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert sif.stat().st_size == facts.st_size

    found = small.do(apptainer.check)

    assert [one.path for one in found.differences] == ["usr/bin/python3"]


def test_an_image_that_does_not_pass_its_own_test_is_none(small):
    small.python = "echo AssertionError: 2.9.1 >&2; exit 1"

    with pytest.raises(ImageError, match=r"does not pass its own test:\n(.*\n)*.*2\.9\.1"):
        small.do(apptainer.build)

    assert not small.plan.sif.exists()


@pytest.mark.parametrize("digest", [None, f"sha256:{'a' * 64}"], ids=["tag", "digest"])
@pytest.mark.parametrize("name", REGISTRY)
def test_a_registrys_definition_fails_at_the_pull_and_nowhere_before(
    name, digest, enclosure, folder
):
    """The reference is bent to a port where nobody listens, so that no registry is asked."""
    container = CATALOGUE[name]
    reference = f"127.0.0.1:9/{container.base.reference.rpartition('/')[2]}"
    base = container.base.model_copy(update={"reference": reference, "digest": digest})
    bent = container.model_copy(update={"base": base})
    plan = apptainer.plan_image(bent, folder / "cache")

    with pytest.raises(
        ImageError, match=r"can't be pulled:\n(.*\n)*.*127\.0\.0\.1:9.*connection refused"
    ):
        wheels = (lambda *_: folder) if container.lock else never
        apptainer.build(plan, enclosure, make_base=never, fetch_wheels=wheels)

    assert not plan.sif.exists()


def test_an_image_without_python_says_so_and_nothing_is_sent(
    tiny_image, enclosure, outcome, tmp_path
):
    assert apptainer.python(tiny_image, enclosure) == apptainer.Python(None)
    campaign = tmp_path / "tiny.toml"
    shutil.copyfile(shipped.folder("submit") / "demo.toml", campaign)
    text = campaign.read_text()
    begin = text.index("[[software]]")
    end = text.index("\n\n", begin)
    own = f'[[software]]\nname = "tiny"\nimage = "{tiny_image}"'
    campaign.write_text(text[:begin] + own + text[end:])
    code, _out, err = outcome("plan", str(campaign))
    assert (code, "has no python3 on its PATH" in err) == (2, True), err
