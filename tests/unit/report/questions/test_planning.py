"""What a plan says above its table: what to ask for, and how to narrow it."""

from __future__ import annotations

from osgrepro.analysis.planning.wanted import EXAMPLES
from osgrepro.report.questions.planning import required


def test_a_plan_says_which_bound_to_choose_and_how_to_narrow_it() -> None:
    _, choice = required(()).lines
    for bound in EXAMPLES:
        assert f"{bound}, " in choice
    assert "`--only experiment=NAME`" in choice
