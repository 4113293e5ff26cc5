"""Two units of one metric are suspected; large effects and odd values are not."""

from __future__ import annotations

from typing import Any

import pytest

from osgrepro.analysis import analyze, preview
from osgrepro.analysis.audit import units
from osgrepro.analysis.audit.design import audit
from osgrepro.common.models import Claim

NAN, INF = float("nan"), float("inf")


def said(frame: Any, metric: str, a: list[float], b: list[float]) -> list[str]:
    """Return the remarks on units of two environments with these values."""
    runs = frame({("tf", "a"): a, ("tf", "b"): b}, metric=metric)
    return [note.text for note in audit(runs) if note.kind == "two units"]


@pytest.mark.parametrize(
    ("metric", "a", "b", "what"),
    [
        ("accuracy", [0.85, 0.86], [85.4, 85.9], "shares and percents"),
        ("time", [1.5, 1.6], [1500.0, 1550.0], "a thousandfold apart"),
    ],
)
def test_two_units_are_suspected(
    frame: Any, metric: str, a: list[float], b: list[float], what: str
) -> None:
    (text,) = said(frame, metric, a, b)
    assert what in text
    assert "on tf, b (2 rows)" in text
    assert "the other 2 rows" in text


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([0.1, 0.1], [0.99, 0.98]),
        ([0.01, 0.01], [0.9, 0.9]),
        ([0.5, 0.5], [5.0, 5.0]),
        ([2.0, 2.0], [200.0, 200.0]),
        ([0.2, 0.2], [85.0, 85.0]),
        ([0.0, 0.5], [50.0, 50.0]),
        ([0.5, INF], [50.0, 50.0]),
        ([NAN, NAN], [NAN, NAN]),
        ([0.5, 0.5], [0.5, 0.5]),
    ],
)
def test_what_may_be_an_effect_is_not_suspected(frame: Any, a: list[float], b: list[float]) -> None:
    assert said(frame, "loss", a, b) == []


def test_what_compares_environments_says_the_doubt(frame: Any) -> None:
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.5)
    for factor, doubtful in ((100.0, ["outcome", "analysis"]), (1.01, [])):
        runs = frame({("tf", "a"): [0.85, 0.85], ("tf", "b"): [0.85 * factor, 0.85 * factor]})
        found = analyze(runs, [claim])
        assert [one.level for one in found.verdicts if "two units" in one.text] == doubtful


def test_a_metric_that_is_no_number_is_told(frame: Any) -> None:
    runs = frame({("tf", "a"): [0.5, INF], ("tf", "b"): [0.5, 0.5]}, metric="accuracy")
    (note,) = [note for note in audit(runs) if note.kind == "no number"]
    assert "accuracy of" in note.text
    assert "in 1 of 4 runs" in note.text
    whole = frame({("tf", "a"): [0.5, 0.5]}, metric="accuracy")
    assert not [note for note in audit(whole) if note.kind == "no number"]
    assert "no number" in [note.kind for note in preview(runs).notes]


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"delta": 99}, (0.99, None)),
        ({"delta": 1.0}, None),
        ({"b": "old", "delta": 5}, (0.05, None)),
        ({"b": "old", "delta": -1.0}, (-0.01, None)),
        ({"b": "old"}, None),
        ({"delta": 0.9, "margin": 5, "test": "equivalence"}, (0.9, 0.05)),
        ({"metric": "loss", "delta": 99}, None),
    ],
)
def test_a_claim_in_percents_is_seen_where_shares_were_recorded(
    frame: Any, changes: Any, meant: Any
) -> None:
    runs = frame({("tf", "a"): [0.9, 1.0]})
    runs["metric.loss"] = 0.5
    claim = Claim.model_validate({"name": "c", "a": "mnist", "metric": "accuracy", **changes})
    found = units.as_share(claim, runs)
    assert (None if found is None else (found.delta, found.margin)) == meant
    notes = [note for note in analyze(runs, [claim]).design if note.kind == "claim in percents"]
    assert len(notes) == (meant is not None)
    # In percents it is as it was recorded.
    assert units.as_share(claim, frame({("tf", "a"): [90.0, 100.0]})) is None
