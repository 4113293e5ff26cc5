"""How a bound is read, and what is said of one that can't be."""

from __future__ import annotations

import pytest

from osgrepro.analysis import wanted
from osgrepro.analysis.planning.bounds import BOUNDS, NUMBER_OF
from osgrepro.analysis.planning.wanted import EXAMPLES
from osgrepro.common.errors import UsageError


@pytest.mark.parametrize(
    ("want", "message", "hint"),
    [
        ("p_uper=0.05", "did you mean 'p_upper'", "p_upper=0.05, s_R=1.5, range=0.9"),
        ("", "no bound is named ''", "p_upper=0.05, s_R=1.5, range=0.9"),
        ("p_upper", "the value of p_upper is missing", "--plan p_upper=0.05"),
        ("p_upper=few", "'few' is no number", "--plan p_upper=0.05"),
        ("p_upper=0", "0 is not a share between 0 and 1", "--plan p_upper=0.05"),
        ("flips=-0.5", "-0.5 is not a share between 0 and 1", "--plan flips=0.1"),
        ("range=1", "1 is not a share between 0 and 1", "--plan range=0.9"),
        ("range=nan", "nan is not a share between 0 and 1", "--plan range=0.9"),
        ("s_R=1", "1 is not a factor above 1", "--plan s_R=1.5"),
        ("seeds=nan", "nan is not a factor above 1", "--plan seeds=3"),
        ("s_R=inf", "inf is not a factor above 1", "--plan s_R=1.5"),
        ("seeds=-1e400", "-1e400 is not a factor above 1", "--plan seeds=3"),
        ("margin=0", "0 is not a number above 0, in the metric's unit", "--plan margin=0.005"),
        ("seeds=1" + "0" * 400, "is not a factor above 1", "--plan seeds=3"),
    ],
)
def test_what_can_not_be_wanted_is_refused_with_what_to_write(want, message, hint):
    with pytest.raises(UsageError) as refused:
        wanted(want)
    assert message in refused.value.message
    assert f"--plan {want}" in refused.value.message
    assert hint in refused.value.hint


def test_spaces_around_a_bound_do_not_count():
    assert wanted(" s_R = 1.5 ").text == "s_R=1.5"


def test_every_bound_has_an_example_that_can_be_wanted():
    assert list(EXAMPLES) == list(BOUNDS) == list(NUMBER_OF)
    for name, value in EXAMPLES.items():
        assert wanted(f"{name}={value}").value == float(value)
