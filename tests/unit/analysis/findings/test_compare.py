"""Two findings side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Findings, differences


@pytest.fixture
def found() -> Findings:
    """Return findings of two cells."""
    rows: list[dict[str, Any]] = [
        {
            "experiment": "e",
            "software": "s",
            "hardware": hardware,
            "status": "ok",
            "metric.accuracy": value,
            "metric_hex.accuracy": value.hex(),
        }
        for hardware, value in (("a", 0.5), ("a", 0.5), ("b", 0.25), ("b", 0.25))
    ]
    return analyze(pd.DataFrame(rows))


def test_findings_do_not_differ_from_themselves(found: Findings) -> None:
    assert differences(found, found) == ()


def test_a_last_digit_is_no_difference_and_more_is_one(found: Findings) -> None:
    cell = found.experiments[0].cells[0]
    assert cell.mean is not None
    for factor, count in ((1 + 1e-12, 0), (1 + 1e-6, 1)):
        moved = replace(cell, mean=cell.mean * factor)
        experiment = replace(found.experiments[0], cells=(moved, *found.experiments[0].cells[1:]))
        assert len(differences(found, replace(found, experiments=(experiment,)))) == count


def test_a_part_that_is_missing_is_one_difference(found: Findings) -> None:
    (one,) = differences(found, replace(found, experiments=()))
    assert one.where == "experiments"


def test_sentences_count_only_within_one_version(found: Findings) -> None:
    verdict = replace(found.verdicts[0], text="Said otherwise.")
    other = replace(found, verdicts=(verdict, *found.verdicts[1:]))
    assert [one.where for one in differences(found, other)] == ["verdicts[0].text"]
    later = replace(other, versions={**other.versions, "osgrepro": "99"})
    assert differences(found, later) == ()
    answered = replace(verdict, answer="no")
    assert len(differences(found, replace(later, verdicts=(answered, *found.verdicts[1:])))) == 1
