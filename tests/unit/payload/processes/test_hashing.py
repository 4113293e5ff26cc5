"""The image's file is hashed on the slot, where it is to be seen."""

from __future__ import annotations

import hashlib

import pytest

SIF = b"#!/usr/bin/env run-singularity\n\0" + b"SIF_MAGIC" + b"\0" * 5000


@pytest.mark.parametrize("inside", [True, False])
def test_what_runs_is_measured_and_else_declared(slot, inside):
    slot.spec["software"]["image_sha256"] = "a" * 64
    (slot.folder / "here.sif").write_bytes(SIF)
    environ = {"APPTAINER_CONTAINER": "/var/execute/dir_1/here.sif"} if inside else {}
    _, output, result = slot.run(environ)
    found = result["provenance"]["image"]
    measured = (hashlib.sha256(SIF).hexdigest(), "measured")
    assert (found["sha256"], found["sha256_source"]) == (
        measured if inside else ("a" * 64, "declared")
    ), output


def test_a_file_that_is_no_image_is_not_taken_for_it(slot):
    (slot.folder / "here.sif").write_bytes(b"x" * 100)
    _, _, result = slot.run({"APPTAINER_CONTAINER": "/elsewhere/here.sif"})
    assert result["provenance"]["image"]["sha256_source"] is None
