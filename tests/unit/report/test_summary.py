"""The table at a glance: what its columns and its words mean is said beside it."""

from __future__ import annotations

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.report import summary


@pytest.mark.parametrize("moving", [False, True])
def test_every_column_and_a_tie_are_explained(moving: bool) -> None:
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": name,
            "status": "ok",
            "primary_metric": "accuracy",
            "metric.accuracy": 0.8 + place / 100 + repeat / 1000 * moving,
        }
        for place, name in enumerate("abcd")
        for repeat in range(3)
    ]
    section = summary.glance(analyze(pd.DataFrame(rows)), None)
    assert section is not None
    assert section.table is not None
    (line,) = section.lines
    assert all(name in line for name in section.table.columns[4:])
    tied = any("tied" in word for row in section.table.rows for word in row)
    assert tied is not moving
    assert ("Tied: " in line) is tied
