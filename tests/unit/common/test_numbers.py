"""One rule for each kind of number."""

from __future__ import annotations

import pytest

from osgrepro.common import numbers


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.527, "52.7 %"),
        (1.0, "100 %"),
        (0.0385, "3.85 %"),
        (0.000123, "0.0123 %"),
        (3.7e-5, "< 0.01 %"),
        (0.0, "0 %"),
    ],
)
def test_a_share_has_three_digits_and_no_exponent(share: float, shown: str) -> None:
    assert numbers.percent(share) == shown


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (1.1e-8, "p < 0.0001"),
        (0.0, "p < 0.0001"),
        (0.00012, "p = 0.00012"),
        (0.0123, "p = 0.012"),
        (0.0496, "p = 0.0496"),
        (0.05, "p = 0.05"),
        (0.9996, "p = 1"),
    ],
)
def test_a_p_value_has_two_digits_and_no_exponent(p: float, shown: str) -> None:
    assert numbers.p_is(p) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (8.072, "8.07"),
        (0.813, "0.81"),
        (0.07, "0.070"),
        (0.0231, "0.023"),
        (12.3, "12.30"),
        (-0.5, "-0.50"),
        (1.0, "1.00"),
        (0, "0"),
    ],
)
def test_points_have_two_decimals_or_two_digits(size: float, shown: str) -> None:
    assert numbers.points(size) == shown
