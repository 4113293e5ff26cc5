"""Claims as one types them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.campaign import read_claim
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Claim

NAMES = st.from_regex(r"[a-z][a-z0-9._-]{0,8}[a-z0-9]", fullmatch=True)
METRICS = st.from_regex(r"[a-z](?:[a-z_]{0,8}[a-z])?", fullmatch=True)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NAMES, METRICS, NUMBERS, st.sampled_from("<>"))
def test_a_metric_against_a_number(name: str, metric: str, number: float, sign: str) -> None:
    found = read_claim(f"{name}.{metric} {sign} {number!r}")
    told = (found.a, found.b, found.metric, found.delta, found.below)
    assert told == (name, None, metric, number, sign == "<")


PAIRS = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])


@given(PAIRS, METRICS)
def test_two_experiments_and_less_swaps_them(pair: tuple[str, str], metric: str) -> None:
    first, second = pair
    above = read_claim(f"{first}.{metric} > {second}.{metric}")
    below = read_claim(f"{first}.{metric} < {second}.{metric}")
    assert (above.a, above.b, above.delta) == (first, second, 0.0)
    assert (below.a, below.b, below.delta) == (second, first, 0.0)


@given(PAIRS, METRICS, NUMBERS)
def test_a_difference(pair: tuple[str, str], metric: str, number: float) -> None:
    first, second = pair
    above = read_claim(f"{first}.{metric} - {second}.{metric} > {number!r}")
    below = read_claim(f"{first}.{metric} - {second}.{metric} < {number!r}")
    assert (above.a, above.b, above.delta) == (first, second, number)
    assert (below.a, below.b, below.delta) == (second, first, -number)


@given(NAMES, METRICS, NUMBERS, st.sampled_from([("<", ">"), (">", "<")]))
def test_the_number_may_come_first(
    name: str, metric: str, number: float, signs: tuple[str, str]
) -> None:
    first, last = signs
    turned = read_claim(f"{number!r} {first} {name}.{metric}")
    assert turned == read_claim(f"{name}.{metric} {last} {number!r}")
    apart = read_claim(f"{number!r} {first} {name}.{metric} - It.{metric}")
    assert apart == read_claim(f"{name}.{metric} - It.{metric} {last} {number!r}")


def test_experiments_may_have_numbers_for_names() -> None:
    two = read_claim("0.86 < it.86")
    assert (two.a, two.b, two.metric) == ("it", "0", "86")


@pytest.mark.parametrize("sign", ["+-", "±", "+/-"])
def test_what_is_the_same_up_to_a_margin(sign: str) -> None:
    alike = read_claim(f"new.accuracy = old.accuracy {sign} 0.005")
    assert (alike.a, alike.b, alike.delta, alike.margin) == ("new", "old", 0.0, 0.005)
    about = read_claim(f"new.accuracy = 0.915 {sign} 0.005")
    assert (about.a, about.b, about.delta, about.margin) == ("new", None, 0.915, 0.005)
    assert {alike.test, about.test} == {"equivalence"}
    assert about.name == "new.accuracy-is-0.915-within-0.005"


@pytest.mark.parametrize("margin", ["0", "-1", "1e999"])
def test_a_margin_is_above_0(margin: str) -> None:
    with pytest.raises(UsageError, match="is not above 0"):
        read_claim(f"new.accuracy = old.accuracy +- {margin}")


@given(st.text(max_size=60))
def test_any_text_is_a_claim_or_one_message(text: str) -> None:
    try:
        found = read_claim(text)
    except UsageError as error:
        assert error.hint
    else:
        assert Claim.model_validate(found.model_dump()) == found


@pytest.mark.parametrize("text", ["", "mnist", "a.b", "a.b >", "a.b > c", "a.b > 1 2"])
def test_what_is_no_claim_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="can't be read as a claim") as caught:
        read_claim(text)
    assert "mnist_convnet.test_accuracy > 0.99" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("mnist > 1", "name the metric, too"),
        ("a.b > NUMBER", "in place of NUMBER"),
        ("a.b >= 1", ">= and <= are not known"),
        ("a.b ≤ 1", ">= and <= are not known"),
        ("a.b > 99%", "no percent sign"),
        ("a.b == 1", "write = with a margin"),
        ("a.b = 1", "an equality needs a margin"),
        ("a.b = c.b", "an equality needs a margin"),
    ],
)
def test_what_people_write_instead_is_told_what_is_wrong_with_it(text: str, fault: str) -> None:
    with pytest.raises(UsageError, match=re.escape(fault)):
        read_claim(text)


@pytest.mark.parametrize("text", ["a.b > a.b", "a.b - a.b > 1", "a.b = a.b +- 0.1"])
def test_an_experiment_is_not_compared_with_itself(text: str) -> None:
    with pytest.raises(UsageError, match="compares a with itself"):
        read_claim(text)


def test_large_and_small_numbers_have_names_of_their_own() -> None:
    names = {read_claim(f"a.loss > {number}").name for number in ("1e+5", "1e-5", "-1e+5", "1")}
    assert len(names) == 4
    assert read_claim("a.loss > 1e+5").name == read_claim("a.loss > 1e5").name


def test_two_metrics_are_not_compared() -> None:
    with pytest.raises(UsageError, match="compares loss with accuracy"):
        read_claim("a.loss > b.accuracy")


def test_long_claims_that_begin_alike_have_names_of_their_own() -> None:
    words = "mnist_convnet.test_accuracy - bidirectional_lstm_imdb.test_accuracy > 0.1"
    first, second = read_claim(f"{words}3"), read_claim(f"{words}4")
    assert first.name != second.name
    assert max(len(first.name), len(second.name)) <= 60
