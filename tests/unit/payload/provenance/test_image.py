"""The image as seen from inside."""

from __future__ import annotations

import json

import pytest

from osgrepro.payload import spec
from osgrepro.payload.provenance import Collector, image


def task(slot):
    slot.spec["software"]["image_sha256"] = "a" * 64
    return spec.read_task(
        str(slot.save()),
        run_id="0" * 24,
        experiment="probe",
        hardware="any",
        seed=1,
        repeat=1,
        scratch=str(slot.folder),
        out="",
    )


def test_labels_and_name_are_read(slot, tmp_path):
    folder = tmp_path / "root/.singularity.d"
    folder.mkdir(parents=True)
    (folder / "labels.json").write_text(json.dumps({"org.example": "1"}))
    environ = {"APPTAINER_NAME": "here.sif"}
    found = image.collect(Collector(), task(slot), environ, str(tmp_path / "root"))
    assert found == {
        "name": "here",
        "location": "here.sif",
        "sha256": "a" * 64,
        "sha256_source": "declared",
        "labels": {"org.example": "1"},
        "base_pinned": None,
        "container": "here.sif",
    }


def test_outside_of_a_container_there_are_no_labels(slot, tmp_path):
    found = image.collect(Collector(), task(slot), {}, str(tmp_path))
    assert found["labels"] is None
    assert found["container"] is None


def test_labels_that_cannot_be_read_are_an_error_of_their_own(slot, tmp_path):
    (tmp_path / ".singularity.d").mkdir()
    (tmp_path / ".singularity.d/labels.json").write_text("{")
    collector = Collector()
    assert image.collect(collector, task(slot), {}, str(tmp_path))["labels"] is None
    assert "image.labels" in collector.errors


@pytest.mark.parametrize(
    ("location", "labels", "pinned"),
    [
        ("/x.sif", {"org.osgrepro.base-pinned": "yes"}, True),
        ("/x.sif", {"org.osgrepro.base-pinned": "no"}, False),
        ("/x.sif", {"org.osgrepro.base-pinned": "perhaps"}, None),
        ("/x.sif", {}, None),
        ("/x.sif", ["x"], None),
        (None, None, None),
        ("docker://tensorflow/tensorflow:2.8.0", {}, False),
        ("docker://tensorflow/tensorflow@sha256:" + "1" * 64, {}, True),
        ("oras://registry.example/x:1", {"org.osgrepro.base-pinned": "yes"}, False),
    ],
)
def test_whether_the_base_was_pinned_is_told(tmp_path, location, labels, pinned):
    (tmp_path / ".singularity.d").mkdir()
    (tmp_path / ".singularity.d" / "labels.json").write_text(json.dumps(labels))
    assert image._base_pinned(str(tmp_path), location) is pinned
