"""What an image is made from decides its name; its lock decides whether it is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from osgrepro.common import shipped
from osgrepro.software import apptainer
from osgrepro.software.base_images import DockerBase


@pytest.mark.parametrize(
    "change",
    [
        {"lock": "tensorflow-cpu==2.8.0 --hash=sha256:1"},
        {"python": "3.9.3"},
        {"base": {"suite": "bookworm"}},
        {"base": {"packages": ("python3", "vim")}},
    ],
)
def test_every_input_changes_the_digest(bench, change):
    if "base" in change:
        change = {"base": bench.container.base.model_copy(update=change["base"])}
    changed = bench.container.model_copy(update=change)

    assert bench.plan(changed).digest != bench.plan().digest


def test_a_new_version_of_osgrepro_is_no_reason_to_build_again(bench, monkeypatch):
    before = bench.plan()
    monkeypatch.setattr(sys.modules["osgrepro.software.apptainer.plan"], "__version__", "99.0")

    assert bench.plan().digest == before.digest
    assert "org.osgrepro.version 99.0" in bench.plan().definition


def test_the_digest_does_not_depend_on_where_the_cache_is(bench, tmp_path):
    elsewhere = apptainer.plan_image(bench.container, tmp_path / "elsewhere")

    assert (elsewhere.digest, elsewhere.definition) == (
        bench.plan().digest,
        bench.plan().definition,
    )


def test_a_definition_can_be_made_for_other_folders(bench):
    text = apptainer.definition(bench.container, "/my/base", "/my/wheels")

    assert "From: /my/base\n" in text
    assert "--find-links /my/wheels" in text


DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("reference", "pulled"),
    [
        ("tensorflow/tensorflow:2.8.0-gpu", "tensorflow/tensorflow"),
        ("tensorflow/tensorflow", "tensorflow/tensorflow"),
        ("python:3.9", "python"),
        ("python", "python"),
        ("registry.example:5000/a/b:1.0", "registry.example:5000/a/b"),
        ("registry.example:5000/b", "registry.example:5000/b"),
    ],
)
def test_what_has_a_digest_is_pulled_by_it_and_not_by_its_tag(bench, reference, pulled):
    base = apptainer.DockerBase(kind="docker", reference=reference)
    tagged = bench.plan(bench.container.model_copy(update={"base": base}))
    pinned = base.model_copy(update={"digest": DIGEST})
    exact = bench.plan(bench.container.model_copy(update={"base": pinned}))

    assert tagged.definition.splitlines()[:2] == ["Bootstrap: docker", f"From: {reference}"]
    assert exact.definition.splitlines()[:2] == ["Bootstrap: docker", f"From: {pulled}@{DIGEST}"]
    assert tagged.digest != exact.digest


def test_a_docker_base_gets_its_packages_before_the_wheels(bench):
    base = apptainer.DockerBase(kind="docker", reference="python:3.9", packages=("git", "g++"))
    text = bench.plan(bench.container.model_copy(update={"base": base})).definition

    assert text.index("sourceparts=- update") < text.index("--no-install-recommends git g++\n")
    assert text.index("--no-install-recommends git g++\n") < text.index("--require-hashes")
    assert "apt-get" not in bench.plan().definition


def test_the_date_of_the_build_is_no_part_of_an_image(bench):
    """Apptainer would add the label itself, with the time at which it runs."""
    assert "    org.label-schema.build-date 2022-01-01T00:00:00+00:00\n" in bench.plan().definition


def test_an_image_on_another_backend_says_so_to_keras(bench):
    changed = {"tensorflow": None, "jax": "0.4.30", "keras": "3.6.0"}
    text = bench.plan(bench.container.model_copy(update=changed)).definition

    assert "    export KERAS_BACKEND=jax\n" in text
    assert "    org.osgrepro.backend jax\n    org.osgrepro.framework 0.4.30\n" in text
    assert "org.osgrepro.tensorflow" not in text
    assert "KERAS_BACKEND" not in bench.plan().definition


def test_an_image_that_was_cut_short_does_not_count_as_built(bench):
    first = bench.build()
    os.truncate(bench.plan().sif, 10)

    assert not bench.plan().is_built
    assert bench.build().sha256 == first.sha256
    assert len(bench.calls("build")) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"size_bytes": 1}', "null"])
def test_a_lock_that_says_nothing_does_not_count(bench, text):
    bench.build()
    bench.plan().facts_file.write_text(text)

    assert bench.plan().built_image() is None


DOCKER = {"kind": "docker", "reference": "example.org/tensorflow:2.8.0"}


@pytest.mark.parametrize(("digest", "word"), [(None, "no"), ("sha256:" + "1" * 64, "yes")])
def test_an_image_says_whether_its_base_was_pinned(bench, digest, word):
    base = DockerBase.model_validate({**DOCKER, "digest": digest})
    plan = bench.plan(bench.container.model_copy(update={"base": base}))
    assert f"org.osgrepro.base-pinned {word}\n" in plan.definition
    assert plan.container.base_pinned is (digest is not None)


def test_what_is_made_here_has_no_base_to_pin(bench):
    assert bench.container.base_pinned is None
    assert "base-pinned" not in bench.plan().definition


def test_that_label_is_no_reason_to_build_again():
    """The digest is of a definition without it."""
    container = apptainer.load_container([shipped.folder("containers")], "ngc-22.03")
    assert apptainer.plan_image(container, Path("cache")).digest == "46dbced88765"
