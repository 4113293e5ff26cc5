"""A claim's picture: what its runs are apart is in it, in the unit of the tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.common.models import Claim
from osgrepro.report.figures import Figure, figures
from osgrepro.report.figures.canvas.shapes import Line, Mark


def drawn_of(*claims: Claim, metric: str = "accuracy") -> Figure:
    """Return the figure of a claim about two experiments; repeats on "moving" differ in both."""
    rows: list[dict[str, Any]] = [
        {
            "experiment": experiment,
            "software": "tf",
            "hardware": hardware,
            "status": "ok",
            "primary_metric": metric,
            f"metric.{metric}": base + place / 100 + repeat / 50 * (hardware == "moving"),
        }
        for experiment, base in (("mnist", 0.8), ("mnist2", 0.5))
        for place, hardware in enumerate(("moving", "a", "b"))
        for repeat in range(3)
    ]
    found = figures(analyze(pd.DataFrame(rows), list(claims)))
    return next(figure for figure in found if figure.section == "claims")


def ranges(figure: Figure) -> dict[str, tuple[float | None, float | None]]:
    """Return the smallest and the largest run of each machine."""
    low, high = (figure.columns.index(name) for name in ("runs_low", "runs_high"))
    return {row[1]: (row[low], row[high]) for row in figure.rows}  # type: ignore[misc]


def test_the_range_of_runs_that_differ_is_drawn_and_explained() -> None:
    figure = drawn_of(Claim(name="good", a="mnist", metric="accuracy", delta=0.81))
    low, high = (end or 0.0 for end in ranges(figure)["moving"])
    assert (round(low, 9), round(high, 9)) == (0.8, 0.84)
    assert {ends for name, ends in ranges(figure).items() if name != "moving"} == {(None, None)}
    assert "grey bar reaches over all runs" in figure.caption
    assert "single runs from 80.00 % to 84.00 %" in figure.svg
    shapes = figure.draw().drawn
    marks = [shape.x for shape in shapes if isinstance(shape, Mark)]
    # Means of 0.82, 0.81 and 0.82: the crosses and dots of the three machines.
    (wide,) = (shape for shape in shapes if isinstance(shape, Line) and shape.line == 4)
    middle, unit = (wide.x[0] + wide.x[1]) / 2, (wide.x[1] - wide.x[0]) / (high - low)
    assert sorted(marks) == pytest.approx([middle - 0.01 * unit, middle, middle])


def test_of_a_comparison_the_range_is_that_of_the_differences() -> None:
    claim = Claim(name="better", a="mnist2", b="mnist", metric="accuracy", delta=0.0)
    figure = drawn_of(claim)
    low, high = ranges(figure)["moving"]
    assert (round(low or 0, 9), round(high or 0, 9)) == (-0.34, -0.26)
    assert "(percentage points)" in figure.svg


def test_where_all_runs_agree_no_range_is_explained() -> None:
    claim = Claim(name="good", a="mnist", metric="loss", delta=0.81)
    assert "grey bar" in drawn_of(claim, metric="loss").caption
    quiet = Claim(name="good", a="mnist", metric="accuracy", delta=0.81)
    figure = drawn_of(quiet, metric="accuracy")
    assert "%" in figure.svg
    assert "(%)" not in drawn_of(claim, metric="loss").svg
