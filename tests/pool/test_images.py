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
from osgrepro.workflow import builders

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
    builders.build(plan, silent)
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
        f"import platform, {container.backend} as f, keras;"
        "print(f.__version__, keras.__version__, platform.python_version())"
    )

    said = python_in(plan.sif, enclosure, program)

    versions = f"{container.framework} {container.keras} {container.python}"
    assert said.splitlines()[-1] == versions


def test_the_image_tells_keras_3_what_it_stands_on(plan, enclosure):
    program = "import os; print(os.environ.get('KERAS_BACKEND', 'tensorflow'))"

    assert python_in(plan.sif, enclosure, program) == plan.container.backend


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
    assert labels["org.osgrepro.backend"] == plan.container.backend
    assert labels["org.osgrepro.framework"] == plan.container.framework
    assert labels.get("org.osgrepro.tensorflow") == plan.container.tensorflow
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
        wheels = (lambda *_: folder) if container.lock else never
        apptainer.build(plan, enclosure, make_base=never, fetch_wheels=wheels)

    assert not plan.sif.exists()
