"""The tables of a paper: complete, and honest about what the data are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from osgrepro import report
from osgrepro.analysis import analyze


def runs(**changes: Any) -> pd.DataFrame:
    """Return two experiments in two software environments; b's repeats disagree with one."""
    rows = [
        {
            "experiment": experiment,
            "software": software,
            "hardware": hardware,
            "repeat": repeat,
            "status": "ok",
            "metric.accuracy": accuracy(hardware, software, repeat),
            **changes,
        }
        for experiment in ("mnist", "imdb")
        for software in ("s", "t")
        for hardware in "abc"
        if (hardware, software) != ("c", "t")
        for repeat in (1, 2)
    ]
    return pd.DataFrame(rows)


def accuracy(hardware: str, software: str, repeat: int) -> float:
    """Return what a run of it gives."""
    moves = (hardware, software) == ("b", "t")
    return 0.5 + (hardware == "b") / 8 + moves * repeat / 64


def test_each_experiment_has_its_cells_with_value_and_class() -> None:
    made = {table.name: table for table in report.tables(analyze(runs()))}
    assert list(made) == ["summary", "results-imdb", "results-mnist"]
    cells = made["results-mnist"].table
    assert cells.columns == ("hardware", "s", "t")
    assert cells.rows == (
        ("a", "50.00 % A", "50.00 % A"),
        ("b", "62.50 % B", "64.06 to 65.62 %, 2 classes"),
        ("c", "50.00 % A", "missing"),
    )
    assert made["summary"].table.rows[0][:4] == ("imdb", "s", "50.00 to 62.50 %", "12.50")


def test_a_caption_explains_the_columns_that_are_there() -> None:
    summary = report.tables(analyze(runs()))[0]
    assert "its 95 % interval" in summary.caption
    assert "sampling error" not in summary.caption
    assert "sampling" not in summary.table.columns


def test_a_table_says_what_its_runs_are_not() -> None:
    for table in report.tables(analyze(runs(sample_data=True))):
        assert "20 runs on small sample data" in table.caption
        assert "20 runs on small sample data" in table.markdown
        assert "20 runs on small sample data" in table.latex


def test_markdown_has_the_same_words() -> None:
    told = report.tables(analyze(runs()))[1].markdown
    assert "| b | 62.50 % B | 64.06 to 65.62 %, 2 classes |" in told


def test_experiments_that_differ_in_signs_only_have_files_of_their_own() -> None:
    frame = runs()
    frame["experiment"] = frame["experiment"].map({"mnist": "a/b", "imdb": "a b"})
    names = [table.name for table in report.tables(analyze(frame))]
    assert len(set(names)) == 3
    assert not any(sign in name for name in names for sign in "/ ")
