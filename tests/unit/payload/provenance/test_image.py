"""The image as seen from inside."""

from __future__ import annotations

import json

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
