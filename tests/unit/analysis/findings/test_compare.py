"""Two findings side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Findings, differences, from_json, to_json


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


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_a_metric_that_is_no_number_is_the_same_after_it_was_written(odd: float) -> None:
    rows = [
        {"experiment": "e", "software": "s", "hardware": hardware, "status": "ok"}
        | {"final_weights": "a" * 64, "metric.loss": odd, "metric_hex.loss": odd.hex()}
        for hardware in "aabb"
    ]
    made = analyze(pd.DataFrame(rows))
    written = json.dumps(to_json(made), allow_nan=False)
    assert differences(from_json(written, "f"), made) == ()
    assert differences(made, made) == ()


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
