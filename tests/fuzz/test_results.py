"""Whole results: those that are right become records, and of the others none is lost."""

from __future__ import annotations

import math
import tempfile
from functools import partial
from pathlib import Path

import trial
import whole_results
from hypothesis import given
from hypothesis import strategies as st
from mutations import as_json
from whole_results import MATRIX

from osgrepro.common.errors import RecordError
from osgrepro.common.models import Execution, Json
from osgrepro.pool import condor
from osgrepro.results import dataset, records
from osgrepro.workflow.results.collection import collect

RUNS = {run.run_id: run for run in MATRIX.runs}
HARDWARE = {item.name: item for item in MATRIX.campaign.hardware}


def judged(content: Json, data: bytes) -> records.Record:
    """Judge bytes in the place of a result, as the collection does."""
    run = RUNS[content["run_id"]]
    file = whole_results.file_name(content)
    record = records.judge(
        records.Source(file=file, size_bytes=len(data), modified_ns=1),
        data,
        expected=records.expected_definition(MATRIX, run, None),
        metrics=("loss",),
        primary="loss",
        executions=lambda _result: [Execution(started_s=1, machine={"Name": slot(run.hardware)})],
        check_hardware=lambda record: records.check_hardware(
            record, HARDWARE[run.hardware], dataset.row, condor
        ),
    )
    dataset.check(record)
    return record


def slot(hardware: str) -> str:
    return f"slot1@{hardware}"


@given(whole_results.whole())
def test_a_whole_result_becomes_a_record_and_keeps_every_bit(content: Json) -> None:
    record = judged(content, as_json(content))
    for name, metric in content["metrics"].items():
        kept, exact = (float.fromhex(m) for m in (record.result.metrics[name].hex, metric["hex"]))
        assert kept == exact or (math.isnan(kept) and math.isnan(exact))
    assert record.result.checksum == content["checksum"]


@given(whole_results.broken())
def test_a_broken_result_is_refused_with_a_reason(made: tuple[Json, bytes]) -> None:
    content, data = made
    try:
        record = judged(content, data)
    except RecordError as error:
        assert error.reason in records.REASONS
        assert error.reason != "unforeseen"
        assert error.message.strip()
    else:
        assert record.result.run_id == content["run_id"]


@given(st.lists(whole_results.broken(), min_size=1, max_size=4))
def test_every_file_that_returned_is_in_the_dataset_or_among_the_rejected(
    made: list[tuple[Json, bytes]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = trial.opened(Path(folder) / "trial.runs")
        files = {whole_results.file_name(content): data for content, data in made}
        for name, data in files.items():
            (place.results / name).parent.mkdir(parents=True, exist_ok=True)
            (place.results / name).write_bytes(data)
        once = partial(collect, MATRIX, {}, place, job_ads=_starts)
        once()
        taken = {row.file for row in dataset.taken(place.dataset_file).values()}
        refused = {row["file"] for row in dataset.rejected(place.rejected_file)}
        assert taken | refused == set(files)
        assert not taken & refused
        assert {name: (place.results / name).read_bytes() for name in files} == files
        assert once().taken == 0


def _starts(_batch: str, _cluster: int) -> dict[int, tuple[Execution, ...]]:
    slots = tuple(Execution(started_s=1, machine={"Name": slot(name)}) for name in HARDWARE)
    return dict.fromkeys(range(4), slots)


FUZZED = test_a_broken_result_is_refused_with_a_reason
