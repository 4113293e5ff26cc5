"""Whole datasets: whatever their rows say they are analysed, and what is none is refused."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import whole_datasets
from hypothesis import given
from refusals import refusing

from osgrepro import report
from osgrepro.analysis import findings
from osgrepro.results import dataset
from osgrepro.workflow.results import analyzing, reporting

Rows = list[dict[str, Any]]


def analysed(path: Path) -> findings.Findings:
    """Analyse a dataset and tell of it in every form."""
    told = analyzing.analyze(path)
    report.markdown(told, "title", path)
    text = reporting.as_json(told, dataset=path)
    assert not findings.differences(findings.from_json(text.encode(), "f"), told)
    return told


@given(whole_datasets.whole())
def test_a_whole_dataset_keeps_its_rows_and_is_analysed(rows: Rows) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.parquet"
        whole_datasets.write(path, rows)
        assert [row["run_id"] for row in rows] == list(dataset.frame(path)["run_id"])
        with refusing() as refused:
            analysed(path)
        assert not refused or not rows


@given(whole_datasets.odd() | whole_datasets.broken())
def test_an_odd_or_broken_dataset_is_analysed_or_refused(made: Rows | bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d.parquet"
        if isinstance(made, bytes):
            path.write_bytes(made)
        else:
            whole_datasets.write(path, made)
        with refusing():
            analysed(path)
        assert path.exists()


FUZZED = test_an_odd_or_broken_dataset_is_analysed_or_refused
