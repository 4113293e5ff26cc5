"""What a run is made of is told in one place: by its id, to the slot, and of its result."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trial

from osgrepro.campaign.matrix import definition_ids, expand
from osgrepro.common.models import Image, Matrix
from osgrepro.results import records

MATRIX = trial.expand(1)
RUN = MATRIX.runs[0]


def test_a_result_is_asked_for_what_the_slot_was_told() -> None:
    shared = MATRIX.definition(RUN.experiment, RUN.software)
    image = Image(software=RUN.software, location="/x.sif", sha256="a" * 64)
    told = MATRIX.run_definition(RUN).recorded(RUN.repeat, image)
    assert told == records.expected_definition(MATRIX, RUN, image)
    assert (told["image_sha256"], told["hardware"], told["repeat"]) == ("a" * 64, RUN.hardware, 1)
    assert (told["entry"], told["data"]) == (shared.entry, shared.files())


@pytest.mark.parametrize("change", ["params", "arguments", "environment", "threads", "code"])
def test_whatever_defines_a_run_changes_its_id_and_its_definitions_name(change: str) -> None:
    changed = _changed(MATRIX, change)
    again = expand(changed.campaign, code=changed.code, data=changed.data)
    assert not {run.run_id for run in again.runs} & {run.run_id for run in MATRIX.runs}
    assert definition_ids(again) != definition_ids(MATRIX)


def _changed(matrix: Matrix, what: str) -> Matrix:
    name = RUN.experiment
    if what == "code":
        return replace(matrix, code={name: replace(matrix.code[name], sha256="f" * 64)})
    if what == "threads":
        return replace(matrix, campaign=matrix.campaign.model_copy(update={"threads": 7}))
    value = {"params": {"x": 1}, "arguments": ("--x",), "environment": {"X": "1"}}[what]
    (experiment,) = matrix.campaign.experiments
    other = experiment.model_copy(update={what: value})
    return replace(matrix, campaign=matrix.campaign.model_copy(update={"experiments": (other,)}))
