"""What a folder of figures leaves out is said: experiments beyond the first, letters of no font."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Findings
from osgrepro.report.figures import MOST_EXPERIMENTS, figures, remarks
from osgrepro.report.figures.canvas import fonts


def found(names: tuple[str, ...]) -> Findings:
    """Return findings of one run of each of these experiments."""
    rows: list[dict[str, Any]] = [
        {
            "experiment": name,
            "software": "tf",
            "hardware": "a",
            "status": "ok",
            "primary_metric": "accuracy",
            "metric.accuracy": 0.5,
        }
        for name in names
    ]
    return analyze(pd.DataFrame(rows))


def test_of_many_experiments_the_first_are_drawn_and_the_others_counted() -> None:
    findings = found(tuple(f"e{number:02}" for number in range(MOST_EXPERIMENTS + 2)))
    drawn = figures(findings)
    own = {figure.experiment for figure in drawn} - {None}
    assert own == {experiment.name for experiment in findings.experiments[:MOST_EXPERIMENTS]}
    (remark,) = remarks(findings, drawn)
    assert "not of 2 more" in remark
    assert "--only experiment=NAME" in remark


@pytest.mark.parametrize("name", ["mnist", "Größe é ≤ \u202eabc"])
def test_nothing_is_said_where_all_is_drawn(name: str) -> None:
    findings = found((name,))
    assert list(remarks(findings, figures(findings))) == []


def test_letters_of_no_font_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FURTHER", ())
    findings = found(("图像",))
    (remark,) = remarks(findings, figures(findings))
    assert remark.startswith("no font here has 像图: PDF and PNG show boxes")
