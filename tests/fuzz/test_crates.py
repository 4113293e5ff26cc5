"""Whole crates: one that is right is sound, and metadata of a stranger lead nowhere else."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import whole_crates
from hypothesis import given
from refusals import refusing

from osgrepro.common.errors import InputError, UsageError
from osgrepro.results import crate
from osgrepro.workflow.results import verifying


def test_a_whole_crate_is_sound() -> None:
    told = verifying.verify(whole_crates.folder())
    assert told.sound, told


@given(whole_crates.broken())
def test_broken_metadata_are_refused_or_the_files_told(metadata: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "crate"
        shutil.copytree(whole_crates.folder(), copy, copy_function=os.link)
        (copy / crate.METADATA).unlink()
        (copy / crate.METADATA).write_bytes(metadata)
        with refusing(InputError, UsageError) as refused:
            promised = crate.sealed(copy)
            damaged = (*verifying._damaged(copy, promised), *verifying._strange(copy, promised))
        if not refused:
            inside = {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}
            whole = {file.path for file in promised} - {told.split(": ")[0] for told in damaged}
            assert whole <= inside


FUZZED = test_broken_metadata_are_refused_or_the_files_told
