"""The catalogue's index-built environments become real images, built by the real Apptainer.

Images of the user's cache are used where they are; what is missing is built, which takes minutes.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from osgrepro import apptainer, folders, lockfile, minipool, shipped
from osgrepro.errors import ImageError
from osgrepro.models import silent
from osgrepro.workflow import images

pytestmark = [pytest.mark.pool, pytest.mark.timeout(1200)]

CATALOGUE = apptainer.load_catalogue([shipped.folder("containers")])
INDEX_BUILT = sorted(name for name, c in CATALOGUE.items() if c.base.kind == "debian")
REGISTRY = sorted(name for name, c in CATALOGUE.items() if c.base.kind == "docker")


def never(*_args):
    raise AssertionError("asked for something although nothing had changed")


@pytest.fixture(scope="module")
def enclosure():
    return minipool.enclosure()


@pytest.fixture(scope="module", params=INDEX_BUILT)
def plan(request, enclosure):
    plan = apptainer.plan_image(CATALOGUE[request.param], folders.cache())
    images._build(plan, silent)
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


def test_the_image_has_the_catalogues_tensorflow_and_python(plan, enclosure):
    program = "import platform, tensorflow as t; print(t.__version__, platform.python_version())"

    said = python_in(plan.sif, enclosure, program)

    assert said.splitlines()[-1] == f"{plan.container.tensorflow} {plan.container.python}"


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
    assert labels["org.osgrepro.tensorflow"] == plan.container.tensorflow
    lock_sha256 = hashlib.sha256(plan.container.lock.encode()).hexdigest()
    assert labels["org.osgrepro.lock-sha256"] == lock_sha256


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


@pytest.mark.parametrize("name", REGISTRY)
def test_a_registrys_definition_fails_at_the_pull_and_nowhere_before(name, enclosure, folder):
    """The reference is bent to a port where nobody listens, so that no registry is asked."""
    container = CATALOGUE[name]
    reference = f"127.0.0.1:9/{container.base.reference.rpartition('/')[2]}"
    bent = container.model_copy(
        update={"base": container.base.model_copy(update={"reference": reference})}
    )
    plan = apptainer.plan_image(bent, folder / "cache")

    with pytest.raises(ImageError, match=r"127\.0\.0\.1:9.*connection refused"):
        apptainer.build(plan, enclosure, make_base=never, fetch_wheels=never)

    assert not plan.sif.exists()
