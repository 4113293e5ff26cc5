"""How numbers are printed: shares in percent, percents as they were recorded."""

from __future__ import annotations

import pandas as pd
import pytest

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.report import words


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((0.973, 0.981), "97.30 to 98.10 %"),
        ((97.3, 98.1), "97.30 to 98.10 %"),
        ((0.973, 98.1), "0.973 to 98.1"),
        ((-0.5, 0.981), "-0.5 to 0.981"),
    ],
)
def test_an_accuracy_is_printed_in_percent_whichever_way_it_was_recorded(
    values: tuple[float, float], shown: str
) -> None:
    assert words.unit("test_accuracy", values).extent(*values) == shown


def _lines(factor: float) -> list[str]:
    rows = [
        {
            **{"experiment": "mnist", "software": "tf", "hardware": f"h{place}", "status": "ok"},
            **{"seed": 1, "host": f"host{place}", "test_set": 10_000, "baseline": 0.1},
            "metric.accuracy": value * factor,
        }
        for place, first in enumerate((0.910, 0.925, 0.925, 0.960, 0.9605))
        for value in (first, first + 0.005)
    ]
    findings = analyze(pd.DataFrame(rows))
    # Which of equally large classes is A goes by the bits.
    shown = [
        section
        for section in (*report.sections(findings), *report.brief(findings))
        if section.name not in ("classes", "cells", "attribution")
    ]
    lines = [line for section in shown for line in section.lines]
    printed = [row for section in shown if section.table for row in section.table.rows]
    return [*lines, *map(" | ".join, printed)]


def test_percents_and_shares_of_the_same_runs_give_the_same_report() -> None:
    """All that is printed is the same, but one remark that says which of the two was recorded."""
    shares, percents = _lines(1), _lines(100)
    more = [line for line in percents if line not in shares]
    assert {line.partition(",")[0] for line in more} == {"accuracy is recorded in percent"}
    assert [line for line in percents if line not in more] == shares
    assert any("91.00 to 96.55 %" in line for line in shares)


def test_a_reason_that_all_metrics_share_is_given_once_and_losses_lack_no_sampling_error() -> None:
    lines = [line for line in _lines(1) if line.startswith("machines against seeds")]
    assert len(set(lines)) == 1
    assert lines[0].startswith("machines against seeds: not assessable: one seed ran")
