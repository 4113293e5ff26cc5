"""The catalogue: what ships is sound, and a faulty folder is reported with every fault of it."""

from __future__ import annotations

import os

import pytest
from paths import GOLDEN
from small_containers import DOCKER, TOML

from osgrepro import __version__
from osgrepro.common import shipped
from osgrepro.common.errors import UsageError
from osgrepro.software import apptainer, lockfile

DEFINITIONS = GOLDEN / "definitions"
CATALOGUE = apptainer.load_catalogue([shipped.folder("containers")])
LOCKED = sorted(name for name, container in CATALOGUE.items() if container.lock)
INDEX_BUILT = [name for name in LOCKED if CATALOGUE[name].base.kind == "debian"]
STUDY = (
    *("dockerhub-2.8.0-gpu", "dockerhub-2.9.1-gpu", "ngc-22.03", "ngc-22.06"),
    "tensorflow-2.9.1-cuda11.3",
)


REQUIREMENTS = ("tensorflow-cpu==2.8.0", "pip")


def lock(requirements=REQUIREMENTS, python="3.9.2", glibc="2.31", **versions):
    hashed = {"tensorflow-cpu": "2.8.0", "pip": "25.0"} | {
        name.replace("_", "-"): version for name, version in versions.items()
    }
    header = lockfile.header(requirements, python=python, glibc=glibc)
    lines = [f"{name}=={v} --hash=sha256:{'0' * 64}\n" for name, v in hashed.items() if v]
    return "".join([f"{header}\n", *lines])


def write(tmp_path, toml=TOML, requirements=None, name="mine"):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "container.toml").write_text(toml)
    text = lock() if requirements is None else requirements
    if text:
        (folder / "requirements.txt").write_text(text)
    return tmp_path


def problems(folder, name="mine"):
    with pytest.raises(UsageError) as caught:
        apptainer.load_container([folder], name)
    return caught.value.message.splitlines()


def test_the_catalogue_has_the_study_and_what_builds_from_package_indexes():
    assert set(STUDY) <= CATALOGUE.keys()
    assert {CATALOGUE[name].backend for name in INDEX_BUILT} == {"tensorflow", "jax", "torch", None}
    assert len({CATALOGUE[name].framework for name in INDEX_BUILT}) >= 6
    assert len({CATALOGUE[name].python for name in INDEX_BUILT}) >= 2


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_shipped_environment_agrees_with_its_lock(name):
    container = CATALOGUE[name]
    path = shipped.folder("containers") / name / "requirements.txt"

    assert path.is_file() == bool(container.requirements)
    assert apptainer.lock_problems(container, path) == []


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_is_a_closure_of_exact_versions_and_names_no_index(name):
    container = CATALOGUE[name]
    pins = lockfile.parse(container.lock, name)

    assert len(pins) >= len(container.requirements)
    assert len({pin.name for pin in pins}) == len(pins)
    assert "://" not in container.lock
    assert "index-url" not in container.lock


@pytest.mark.parametrize(
    "name",
    [
        *("tensorflow-2.8.0", "ngc-22.03", "keras3-jax", "tensorflow-2.9.1-cuda11.3"),
        *("pytorch-2.13.0-cpu", "python-3.11"),
    ],
)
def test_the_definition_is_the_golden_one(name):
    text = apptainer.definition_text(CATALOGUE[name])
    text = text.replace(f"org.osgrepro.version {__version__}\n", "org.osgrepro.version VERSION\n")

    golden = DEFINITIONS / f"{name}.def"
    if os.environ.get("OSGREPRO_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert golden.read_text() == text


def test_an_environment_of_ones_own_is_read(tmp_path):
    container = apptainer.load_container([write(tmp_path)], "mine")

    assert (container.name, container.base.suite) == ("mine", "bullseye")
    assert container.lock == lock()


def test_every_problem_is_reported_together_with_its_place(tmp_path):
    toml = TOML.replace('suite = "bullseye"', 'suite = "bull seye"').replace('"3.9.2"', "3.9")
    found = problems(write(tmp_path, f'colour = "red"\n{toml}'))

    path = tmp_path / "mine" / "container.toml"
    assert any(line.startswith(f"{path}: base.suite: ") for line in found)
    assert any(line.startswith(f"{path}: python: ") for line in found)
    assert any(line.startswith(f"{path}: colour: ") for line in found)


def test_an_unknown_kind_of_base_is_reported(tmp_path):
    (line,) = problems(write(tmp_path, TOML.replace('kind = "debian"', 'kind = "arch"')))

    assert "container.toml: base: " in line
    assert "'debian'" in line


def test_broken_toml_is_reported_with_its_line(tmp_path):
    (line,) = problems(write(tmp_path, 'why = "open\n'))

    assert "container.toml" in line
    assert "line 1" in line


def test_bytes_that_are_no_text_are_reported(tmp_path):
    folder = write(tmp_path)
    (folder / "mine" / "container.toml").write_bytes(b"\xff\xfe")

    assert "container.toml" in problems(folder)[0]


@pytest.mark.parametrize(
    "line",
    [
        'reference = "tensorflow/tensorflow:2.8.0\\n%post\\n rm -rf /"',
        'reference = "x y"',
        'reference = "--bind=/:/mnt"',
        'reference = "tensorflow/tensorflow:2.8.0"\ndigest = "sha256:short"',
    ],
)
def test_a_reference_cannot_leave_its_line(tmp_path, line):
    toml = DOCKER.replace('reference = "tensorflow/tensorflow:2.8.0-gpu"', line)

    assert "base." in problems(write(tmp_path, toml, requirements=""))[0]


@pytest.mark.parametrize(
    "why", ["ends here\\n%post\\n    rm -rf /", "a\\rb", "a\\u2028b", "bell\\u0007", "{{ x }}"]
)
def test_a_reason_cannot_leave_its_line(tmp_path, why):
    assert ": why: " in problems(write(tmp_path, TOML.replace("a test", why)))[0]


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ({"tensorflow-cpu": "2.9.1"}, "tensorflow-cpu is locked to 2.9.1"),
        ({"tensorflow-cpu": "2.9.1"}, "locks tensorflow 2.9.1, but container.toml says 2.8.0"),
        ({"tensorflow-cpu": None}, "tensorflow-cpu is missing"),
        ({"pip": None}, "pip is missing"),
    ],
)
def test_a_lock_that_does_not_match_its_parameters_is_refused(tmp_path, versions, said):
    assert any(said in line for line in problems(write(tmp_path, requirements=lock(**versions))))


def test_a_lock_without_hashes_is_refused(tmp_path):
    found = problems(write(tmp_path, requirements="tensorflow-cpu==2.8.0\npip==25.0\n"))

    assert ["requirements.txt:1:" in found[0], "requirements.txt:2:" in found[1]] == [True, True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"3.9.2"', '"3.9.7"'),
        ('"2.31"', '"2.28"'),
        ('"pip"]', '"pip", "numpy<2"]'),
    ],
)
def test_a_lock_of_other_parameters_is_refused_with_what_mends_it(tmp_path, old, new):
    (line,) = problems(write(tmp_path, TOML.replace(old, new)))

    folder = tmp_path / "mine"
    assert line.startswith(f"{folder / 'requirements.txt'}: ")
    assert f"`osgrepro lock {folder}` makes it again" in line


def test_a_lock_that_does_not_say_what_it_was_made_of_is_refused(tmp_path):
    (line,) = problems(write(tmp_path, requirements=lock().partition("\n")[2]))

    assert "osgrepro lock" in line


def test_the_order_of_requirements_and_the_reason_do_not_age_a_lock(tmp_path):
    toml = TOML.replace("a test", "another reason").replace(
        '["tensorflow-cpu==2.8.0", "pip"]', '["pip", "tensorflow-cpu==2.8.0"]'
    )

    assert apptainer.load_container([write(tmp_path, toml)], "mine").lock == lock()


def test_a_missing_lock_is_refused(tmp_path):
    folder = write(tmp_path)
    (folder / "mine" / "requirements.txt").unlink()

    assert "requirements.txt: missing" in problems(folder)[0]


def test_a_lock_of_nothing_is_refused(tmp_path):
    (line,) = problems(write(tmp_path, DOCKER, requirements=lock()))

    assert "requirements.txt: container.toml has no `requirements`" in line


def test_a_docker_base_may_have_packages_and_a_lock(tmp_path):
    more = 'packages = ["python3"]\nglibc = "2.31"\n'
    toml = DOCKER.replace("\n[base]", 'requirements = ["tensorflow-cpu==2.8.0", "pip"]\n\n[base]')
    locked = lock(python="3.8.10")
    container = apptainer.load_container([write(tmp_path, toml + more, locked)], "mine")

    assert (container.base.packages, container.base.glibc) == (("python3",), "2.31")
    assert container.lock == locked


def test_a_lock_on_a_docker_base_needs_its_c_library(tmp_path):
    toml = DOCKER.replace("\n[base]", 'requirements = ["tensorflow-cpu==2.8.0", "pip"]\n\n[base]')

    assert "container.toml: base.glibc: " in problems(write(tmp_path, toml))[0]


def test_a_debian_base_needs_requirements(tmp_path):
    toml = TOML.replace('requirements = ["tensorflow-cpu==2.8.0", "pip"]', "")

    assert "container.toml: requirements: " in problems(write(tmp_path, toml, requirements=""))[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            'tensorflow = "2.8.0"\njax = "0.4.30"',
            "tensorflow, jax: give the version of one framework",
        ),
        ('keras = "3.6.0"', "keras: give the version of what it stands on: tensorflow, jax, torch"),
    ],
)
def test_frameworks_that_contradict_each_other_are_told_among_the_other_problems(
    tmp_path, lines, said
):
    toml = TOML.replace('tensorflow = "2.8.0"', lines).replace('"3.9.2"', "3.9")
    found = problems(write(tmp_path, toml))

    assert any(said in line for line in found)
    assert any("container.toml: python: " in line for line in found)


@pytest.mark.parametrize(
    ("line", "requirement", "framework"),
    [
        ('torch = "2.13.0+cpu"', "torch==2.13.0+cpu", ("torch", "2.13.0+cpu")),
        ('jax = "0.10.2"', "jax==0.10.2", ("jax", "0.10.2")),
        ("", "numpy==2.4.6", (None, None)),
    ],
)
def test_a_framework_may_be_without_keras_and_an_environment_without_a_framework(
    tmp_path, line, requirement, framework
):
    toml = TOML.replace('tensorflow = "2.8.0"', line)
    toml = toml.replace("tensorflow-cpu==2.8.0", requirement)
    name, version = requirement.split("==")
    text = lock((requirement, "pip"), tensorflow_cpu=None, **{name: version})
    folder = write(tmp_path, toml, requirements=text)
    container = apptainer.load_container([folder], "mine")

    assert (container.backend, container.framework) == framework
    assert container.keras is None
    assert "KERAS_BACKEND" not in apptainer.definition_text(container)


def test_an_environment_on_another_backend_says_which(tmp_path):
    toml = TOML.replace('tensorflow = "2.8.0"', 'jax = "0.4.30"\nkeras = "3.6.0"').replace(
        "tensorflow-cpu==2.8.0", "jax"
    )
    locked = lock(("jax", "pip"), **{"tensorflow-cpu": None, "jax": "0.4.30", "keras": "3.6.0"})
    container = apptainer.load_container([write(tmp_path, toml, locked)], "mine")

    assert (container.backend, container.framework) == ("jax", "0.4.30")


def test_keras_is_locked_to_the_version_of_the_parameters(tmp_path):
    toml = TOML.replace('"2.8.0"\n', '"2.8.0"\nkeras = "2.8.0"\n', 1)

    (line,) = problems(write(tmp_path, toml, lock(keras="2.9.0")))
    assert "locks keras 2.9.0, but container.toml says 2.8.0" in line


def test_the_first_catalogue_that_has_a_name_counts(tmp_path):
    own, shipped_one = tmp_path / "own", tmp_path / "shipped"
    for folder in (own, shipped_one):
        folder.mkdir()
    write(own, TOML.replace("a test", "my own"))
    write(shipped_one)
    write(shipped_one, name="other")
    folders = [tmp_path / "nowhere", own, shipped_one]

    assert apptainer.load_container(folders, "mine").why == "my own"
    assert apptainer.load_container(folders, "other").why == "a test"
    assert apptainer.load_catalogue(folders).keys() == {"mine", "other"}


def test_a_digest_pins_the_reference(tmp_path):
    toml = f'{DOCKER}digest = "sha256:{"a" * 64}"\n'
    container = apptainer.load_container([write(tmp_path, toml, requirements="")], "mine")

    expected = f"From: tensorflow/tensorflow@sha256:{'a' * 64}\n"
    assert expected in apptainer.definition_text(container)


@pytest.mark.parametrize("name", ["nothing", "../mine", "/etc", "", "a\nb", ".."])
def test_a_name_that_is_not_there_lists_those_that_are(tmp_path, name):
    with pytest.raises(UsageError, match="there is no software environment") as caught:
        apptainer.load_container([write(tmp_path)], name)

    assert "mine" in caught.value.hint


def test_the_whole_catalogue_reports_the_faults_of_every_environment(tmp_path):
    write(tmp_path, "why = 1\n", name="one")
    write(tmp_path, "why = 2\n", name="two")

    with pytest.raises(UsageError) as caught:
        apptainer.load_catalogue([tmp_path])

    assert "one/container.toml: why: " in caught.value.message
    assert "two/container.toml: why: " in caught.value.message
