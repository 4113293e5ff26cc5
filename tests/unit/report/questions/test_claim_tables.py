"""The numbers of a claim: one unit, and digits in which its answer can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from osgrepro.analysis.findings import ClaimCell, ClaimFindings, NotAssessable
from osgrepro.report.questions import claim_tables


def claim(values, *, b=None, p=None, **changes) -> ClaimFindings:
    """Return a claim about as many environments, all alike but for their value."""
    cells = tuple(
        ClaimCell(
            software="tf",
            hardware=f"h{number}",
            a=value,
            b=b,
            difference=value - (b or 0.0),
            holds=True,
            p=p,
            low=None if p is None else value - 0.001,
            high=None if p is None else value + 0.001,
        )
        for number, value in enumerate(values)
    )
    known = {
        "name": "c",
        "statement": "mnist.accuracy = 0.992 ± 0.0005",
        "answer": "yes",
        "holds": len(cells),
        "environments": len(cells),
        "distinct": 1,
        "flips": 0,
        "share": 0.0,
        "interval": NotAssessable(why="", missing=""),
        "disagree": None,
        "needed": None,
        "cells": cells,
        "alternatives": {},
        "text": "",
        "metric": "accuracy",
    }
    return ClaimFindings(**{**known, **changes})


def values_of(made: ClaimFindings) -> list[str]:
    """Return what a table prints as the last number before p, or before the answer."""
    return [row[-2] for row in claim_tables.judged(made, made.cells, ["yes"] * len(made.cells))[1]]


def test_a_value_of_32_bits_that_is_the_bound_is_printed_as_the_bound() -> None:
    single = float(np.float32(0.9915))
    assert values_of(claim([single], delta=0.992, margin=0.0005)) == ["99.15"]
    assert values_of(claim([single], delta=0.9915)) == ["99.15"]


@pytest.mark.parametrize("beyond", [0.9915000001, 0.9914999999, 0.991500000000001])
def test_a_value_has_the_digits_that_show_on_which_side_of_the_bound_it_is(beyond: float) -> None:
    (text,) = values_of(claim([beyond], delta=0.9915))
    assert (float(text) > 99.15) == (beyond > 0.9915)
    assert text != "99.15"


def test_values_of_a_share_are_in_percent_and_differences_in_points() -> None:
    made = claim([0.93, 0.915], b=0.9, p=0.01)
    columns, rows = claim_tables.judged(made, made.cells, ["yes", "no"])
    assert columns[2:-1] == ("a, %", "b, %", "a − b, points", "interval, points", "p", "p, Holm")
    assert rows[1][2:5] == ("91.5", "90", "1.5")
    assert rows[0][5] == "92.9 to 93.1"
    assert claim_tables.in_unit(0.0125, made) == "1.25 points"


def test_what_is_no_share_keeps_its_unit() -> None:
    made = claim([1.25, float("nan")], metric="loss", delta=1.0)
    columns, rows = claim_tables.judged(made, made.cells, ["yes", "no"])
    assert columns == ("software", "hardware", "value", "holds")
    assert [row[2] for row in rows] == ["1.25", "NaN"]
    assert claim_tables.in_unit(1.0, made) == "1"


def test_the_margin_is_told_beside_what_was_seen() -> None:
    (wide,) = claim_tables.margin(claim([0.9915, 0.992], delta=0.992, margin=0.1))
    assert wide.startswith("The margin is 10 points; the farthest environment is 0.05 points from")
    assert "99.2 %: a margin 200 times as wide" in wide
    (narrow,) = claim_tables.margin(claim([0.9915, 0.992], delta=0.992, margin=0.001))
    assert narrow.endswith("0.05 points from 99.2 %.")
    assert not list(claim_tables.margin(claim([float("nan")], delta=0.992, margin=0.1)))
    assert not list(claim_tables.margin(claim([0.9], delta=0.8)))


def test_a_test_that_had_nothing_to_test_with_says_so() -> None:
    assert "in none of them did runs scatter" in claim_tables.untested(
        claim([0.9, 0.91], test="equivalence", margin=0.1)
    )
    assert not claim_tables.untested(claim([0.9], test="difference"))
    assert not claim_tables.untested(claim([0.9], p=0.01, test="welch"))
