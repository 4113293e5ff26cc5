"""Claims in every environment: who agrees, by which test, and by other measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.analysis.claims.samples import samples
from osgrepro.analysis.findings import Findings, Interval
from osgrepro.analysis.statistics.shares import ExactShare
from osgrepro.analysis.statistics.tests import Sample, proportions, welch
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Alternative, Claim

Pair = dict[str, tuple[list[float], list[float]]]


def two(frame: Any, values: Pair, **columns: Any) -> pd.DataFrame:
    """Return runs of experiments ``new`` and ``old`` on each hardware environment."""
    parts = []
    for number, name in enumerate(("new", "old")):
        own = frame({("tf", hardware): pair[number] for hardware, pair in values.items()})
        parts.append(own.assign(experiment=name, **columns))
    return pd.concat(parts, ignore_index=True)


def better(**changes: Any) -> Claim:
    """Return the claim that the new experiment is more accurate than the old one."""
    return Claim.model_validate(
        {"name": "better", "a": "new", "b": "old", "metric": "accuracy", **changes}
    )


def answers(found: Findings) -> dict[str, str]:
    """Return the verdicts' words by level."""
    return {one.level: one.answer for one in found.verdicts}


def test_a_claim_that_holds_everywhere_is_reproducible(frame: Any) -> None:
    runs = two(frame, {"a": ([0.9], [0.8]), "b": ([0.91], [0.7])})
    found = analyze(runs, [better()])
    (one,) = found.claims
    assert (one.answer, one.holds, one.environments, one.flips) == ("yes", 2, 2, 0)
    assert answers(found)["analysis"] == "yes"
    assert one.needed is None


def test_one_that_holds_nowhere_is_reproducible_too(frame: Any) -> None:
    found = analyze(two(frame, {"a": ([0.8], [0.9]), "b": ([0.7], [0.9])}), [better()])
    assert found.claims[0].answer == "no"
    assert answers(found)["analysis"] == "yes"


def test_one_flip_of_four_has_its_share_and_interval(frame: Any) -> None:
    values: Pair = {name: ([0.9], [0.8]) for name in "abc"} | {"d": ([0.7], [0.8])}
    found = analyze(two(frame, values), [better()])
    (one,) = found.claims
    # Single runs have no error known, so the one may be scatter.
    assert (one.answer, one.flips, one.share, one.disagree) == ("undecided", 1, 0.25, 0.375)
    # The exact ends are quantiles of beta distributions: Clopper and Pearson 1934.
    assert isinstance(one.interval, Interval)
    assert one.interval.low == pytest.approx(stats.beta.ppf(0.025, 1, 4))
    assert one.interval.high == pytest.approx(stats.beta.ppf(0.975, 2, 3))
    assert one.needed == 11  # 1 − 0.75^11 = 0.958
    assert answers(found)["analysis"] == "undecided"


def test_twins_are_counted_as_what_they_are(frame: Any) -> None:
    values: Pair = {"a": ([0.9], [0.8]), "b": ([0.9], [0.8]), "c": ([0.95], [0.8])}
    (one,) = analyze(two(frame, values), [better()]).claims
    assert (one.environments, one.distinct) == (3, 2)


def test_the_margin_counts(frame: Any) -> None:
    runs = two(frame, {"a": ([0.75], [0.5]), "b": ([0.875], [0.5])})
    assert analyze(runs, [better(delta=0.25)]).claims[0].holds == 1


def test_below_a_number(frame: Any) -> None:
    runs = two(frame, {"a": ([0.9], [0.8]), "b": ([0.7], [0.8])})
    claim = Claim(name="low", a="new", metric="accuracy", delta=0.8, below=True)
    (one,) = analyze(runs, [claim]).claims
    assert {cell.hardware: cell.holds for cell in one.cells} == {"a": False, "b": True}
    assert one.statement == "new.accuracy < 0.8"


def test_without_a_claim_the_upper_levels_are_never_a_pass(frame: Any) -> None:
    found = answers(analyze(frame({("tf", "a"): [0.5], ("tf", "b"): [0.5]})))
    assert (found["analysis"], found["interpretation"]) == ("not assessable",) * 2


@pytest.mark.parametrize(
    "changes", [{"a": "none"}, {"b": "none"}, {"metric": "none"}, {"test": "welch"}]
)
def test_what_no_environment_can_judge_is_not_assessable(frame: Any, changes: Any) -> None:
    found = analyze(two(frame, {"a": ([0.9], [0.8]), "b": ([0.9], [0.8])}), [better(**changes)])
    (one,) = found.claims
    assert (one.answer, one.environments, one.share) == ("not assessable", 0, None)
    assert "it takes runs of" in one.text
    assert answers(found)["analysis"] == "not assessable"


def test_environments_that_can_not_judge_are_counted_and_said(frame: Any) -> None:
    runs = two(frame, {"a": ([0.9], [0.8]), "b": ([0.9], [0.8]), "c": ([0.9], [])})
    found = analyze(runs, [better()])
    (one,) = found.claims
    assert (one.environments, one.unjudged) == (2, 1)
    assert "1 more can't judge it" in one.text
    assert answers(found)["analysis"] == "partly"
    assert "holds in all of 2 environments, and 1 can't judge it" in found.verdicts[2].text


def test_environments_whose_runs_all_failed_can_not_judge(frame: Any) -> None:
    runs = frame({("tf", hardware): [0.95] * 2 for hardware in "abc"})
    runs["predictions"] = "the same"
    runs.loc[runs["hardware"] == "c", "status"] = "failed"
    found = analyze(runs, [above(0.9)])
    assert (found.claims[0].environments, found.claims[0].unjudged) == (2, 1)
    assert (answers(found)["analysis"], answers(found)["outcome"]) == ("partly", "partly")
    assert "1 cell without a class" in found.verdicts[1].text


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_a_run_that_ended_in_no_number_speaks_against_a_claim(frame: Any, odd: float) -> None:
    runs = frame({("tf", "a"): [0.95, odd], ("tf", "b"): [0.95] * 2})
    for claim in (above(0.9), above(0.99, below=True)):
        (one,) = analyze(runs, [claim]).claims
        assert {cell.hardware: cell.holds for cell in one.cells} == {"a": False, "b": True}
        assert "in 1 a run ended in NaN or an infinite value" in one.text


def test_the_order_of_the_rows_changes_no_answer(frame: Any) -> None:
    # The mean of each is 0.8; a sum from left to right is now below and now above.
    values = {"a": [0.7, 0.9, 0.8], "b": [0.9, 0.8, 0.7], "c": [0.8, 0.9, 0.7], "d": [0.8] * 3}
    runs = frame({("tf", name): ones for name, ones in values.items()})
    expected = analyze(runs, [above(0.8)])
    assert expected.claims[0].holds == 0
    for seed in range(12):
        assert analyze(runs.sample(frac=1, random_state=seed), [above(0.8)]) == expected


@pytest.mark.parametrize(("share", "below"), [(0.9915, False), (0.9916, True), (0.9, True)])
def test_a_number_of_32_bits_is_the_share_that_it_stands_for(
    frame: Any, share: float, below: bool
) -> None:
    single = float(np.float32(share))
    assert single != share
    runs = frame({("tf", "a"): [single] * 2, ("tf", "b"): [single] * 2})
    assert analyze(runs, [above(share, below=below)]).claims[0].holds == 0
    assert analyze(runs, [above(share - 1e-4 + 2e-4 * below, below=below)]).claims[0].holds == 2


def above(delta: float, **changes: Any) -> Claim:
    """Return the claim that the frame's experiment is more accurate than a number."""
    return Claim.model_validate(
        {"name": "above", "a": "mnist", "metric": "accuracy", "delta": delta, **changes}
    )


def test_a_spread_that_covers_the_difference_is_no_claim_by_welch(frame: Any) -> None:
    values: Pair = {"a": ([0.9, 0.7], [0.85, 0.65]), "b": ([0.9, 0.91], [0.6, 0.61])}
    (one,) = analyze(two(frame, values), [better(test="welch")]).claims
    assert [(cell.holds, cell.contradicts) for cell in one.cells] == [(False, False), (True, False)]
    assert all(cell.p is not None for cell in one.cells)


@pytest.mark.parametrize("known", [{"predictions": "p"}, {"metric.loss": 0.12345678901234}])
def test_repeats_of_one_class_are_exact(frame: Any, known: dict[str, Any]) -> None:
    runs = two(frame, {"a": ([0.9] * 5, [0.8] * 5)}, **known)
    (one,) = analyze(runs, [better(test="welch")]).claims
    assert (one.cells[0].holds, one.cells[0].p) == (True, None)


@pytest.mark.parametrize(
    "known", [{}, {"labels": "l"}, {"metric.epochs": 10}, {"metric.top5_accuracy": 0.993}]
)
def test_repeats_that_only_tie_are_not_exact(frame: Any, known: dict[str, Any]) -> None:
    runs = two(frame, {"a": ([0.89] * 2, [0.88] * 2)}, **known)
    (one,) = analyze(runs.assign(test_set=100), [better(test="welch")]).claims
    (cell,) = one.cells
    assert (cell.holds, cell.contradicts) == (False, False)
    # The least variance of a run is a quarter of a squared item: t = 2 with 2 degrees of freedom.
    assert cell.p == pytest.approx(stats.t.sf(2, 2))


def test_repeats_of_several_seeds_that_tie_are_not_exact(frame: Any) -> None:
    runs = pd.concat(frame({("tf", "a"): [0.9] * 2}, seed=seed) for seed in (1, 2, 3))
    runs["final_weights"] = runs["seed"].astype(str)
    asked = [above(0.895, test="welch")]
    (one,) = analyze(runs.assign(test_set=100), asked).claims
    assert one.cells[0].p is not None
    # Of a seed that changes nothing at all every run is of one class.
    (one,) = analyze(runs.assign(test_set=100, final_weights="w"), asked).claims
    assert (one.cells[0].p, one.cells[0].holds) == (None, True)


def test_where_ties_are_all_that_is_known_no_test_can_be_done(frame: Any) -> None:
    (one,) = analyze(frame({("tf", "a"): [0.9] * 3}), [above(0.8, test="welch")]).claims
    assert (one.answer, one.unjudged) == ("not assessable", 1)
    assert "whose spread can be told" in one.text


@pytest.mark.parametrize("changes", [{}, {"test": "welch"}])
def test_machines_that_tie_by_chance_are_not_told_apart(frame: Any, changes: Any) -> None:
    runs = frame({("tf", "a"): [0.91] * 2, ("tf", "b"): [0.9] * 2}, test_set=100)
    (one,) = analyze(runs, [above(0.905, **changes)]).claims
    assert one.answer == "undecided"
    (one,) = analyze(runs.assign(predictions=runs["hardware"]), [above(0.905, **changes)]).claims
    assert one.answer == "partly"


def sample(values: list[float]) -> Sample:
    """Return the sample of some values."""
    return Sample(
        n=len(values),
        mean=float(np.mean(values)),
        variance=float(np.var(values, ddof=1)),
        items=None,
    )


VALUES = st.lists(st.integers(0, 1000).map(lambda n: n / 1000), min_size=2, max_size=8).filter(
    lambda values: len(set(values)) > 1
)


@given(VALUES, VALUES, st.integers(-500, 500).map(lambda n: n / 1000))
def test_welch_is_scipys(first: list[float], second: list[float], delta: float) -> None:
    expected = stats.ttest_ind(
        np.array(first) - delta, second, equal_var=False, alternative="greater"
    ).pvalue
    both, one = welch(sample(first), sample(second)), welch(sample(first), None)
    assert both is not None
    assert one is not None
    assert both.above(delta) == pytest.approx(expected, abs=1e-9)
    alone = stats.ttest_1samp(first, delta, alternative="greater")
    assert one.above(delta) == pytest.approx(alone.pvalue, abs=1e-9)
    assert one.below(delta) == pytest.approx(1 - alone.pvalue, abs=1e-9)
    ends = stats.ttest_1samp(first, 0).confidence_interval(0.9)
    assert one.interval(0.05) == pytest.approx((ends.low, ends.high))


def test_miles_per_gallon_by_welch_are_what_nist_publishes() -> None:
    # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.3: American and Japanese cars
    # (AUTO83B), t = −12.94627 with 136.8750 degrees of freedom where variances are not equal.
    american = Sample(n=249, mean=20.14458, variance=6.41470**2, items=None)
    japanese = Sample(n=79, mean=30.48101, variance=6.10771**2, items=None)
    expected = stats.t.sf(12.94627, 136.8750)
    more = welch(japanese, american)
    assert more is not None
    assert more.above(0.0) == pytest.approx(expected, rel=1e-4)
    assert more.degrees == pytest.approx(136.8750, rel=1e-5)


@pytest.mark.parametrize("events", [0, 1, 26, 199, 200])
def test_one_share_against_a_number_is_the_exact_binomial_test(events: int) -> None:
    # Of NIST/SEMATECH e-Handbook, 7.2.4: defects in 200 against 10 %.
    found = proportions(Sample(n=1, mean=events / 200, variance=0.0, items=200.0), None)
    assert isinstance(found, ExactShare)
    for way, p in (("greater", found.above(0.1)), ("less", found.below(0.1))):
        assert p == pytest.approx(stats.binomtest(events, 200, 0.1, alternative=way).pvalue)
    ends = stats.binomtest(events, 200).proportion_ci(0.9, method="exact")
    assert found.interval(0.05) == pytest.approx((ends.low, ends.high))


@pytest.mark.parametrize(
    ("flips", "environments", "low", "high"), [(1, 29, 0.0009, 0.1776), (0, 20, 0.0, 0.1684)]
)
def test_the_interval_of_flips_is_the_published_one(
    frame: Any, flips: int, environments: int, low: float, high: float
) -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 5 (Clopper-Pearson, exact).
    values: Pair = {
        f"h{number:02}": ([0.7 if number < flips else 0.9], [0.8]) for number in range(environments)
    }
    (one,) = analyze(two(frame, values), [better()]).claims
    assert isinstance(one.interval, Interval)
    assert (one.interval.low, one.interval.high) == pytest.approx((low, high), abs=5e-5)


def test_shares_need_the_size_of_the_test_set(frame: Any) -> None:
    runs = two(frame, {"a": ([0.9], [0.8]), "b": ([0.9], [0.8])})
    claim = better(test="proportions")
    assert analyze(runs, [claim]).claims[0].environments == 0
    assert analyze(runs.assign(test_set=1000), [claim]).claims[0].holds == 2
    few = analyze(runs.assign(test_set=10), [claim])
    assert (few.claims[0].holds, few.claims[0].against) == (0, 0)
    assert (few.claims[0].answer, few.claims[0].share) == ("undecided", None)
    assert answers(few)["analysis"] == "undecided"


def test_all_digits_of_a_claim_are_told(frame: Any) -> None:
    runs = frame({("tf", "a"): [0.9] * 2})
    for number in ("0.12345678901", "1e-05", "100000", "-0.5"):
        (one,) = analyze(runs, [above(float(number))]).claims
        assert one.statement == f"mnist.accuracy > {number}"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"delta": float("nan")}, "delta nan"),
        ({"delta": float("inf")}, "delta inf"),
        ({"test": "equivalence", "margin": float("inf")}, "with margin inf"),
        ({"test": "equivalence", "margin": float("nan")}, "with margin nan"),
        ({"margin": float("inf")}, "with margin inf"),
        ({"margin": float("nan")}, "with margin nan"),
        ({"alternatives": (Alternative(margin=float("inf")),)}, "alternative has margin inf"),
        ({"alternatives": (Alternative(delta=float("nan")),)}, "alternative has delta nan"),
        ({"b": "mnist"}, "compares mnist with itself"),
    ],
)
def test_what_is_no_claim_is_refused_from_python_too(frame: Any, changes: Any, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        analyze(frame({("tf", "a"): [0.5, 0.6]}), [above(0.5).model_copy(update=changes)])


@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9])
def test_with_half_of_all_chance_nothing_is_significant(alpha: float) -> None:
    with pytest.raises(ValidationError, match="alpha"):
        above(0.5, alpha=alpha)


def test_an_end_of_the_margin_is_not_within_it_nor_a_sum_beyond_itself(frame: Any) -> None:
    # In 64 bits 0.3 − 0.1 is below 0.2, and 0.9 − 0.8 below 0.1.
    (one,) = analyze(frame({("tf", "a"): [0.2] * 2}), [near(0.3, 0.1)]).claims
    assert one.holds == 0
    runs = two(frame, {"a": ([0.8], [0.9])})
    assert analyze(runs, [better(delta=-0.1)]).claims[0].holds == 0
    assert analyze(runs, [better(delta=-0.1 - 1e-12)]).claims[0].holds == 1
    # What is compared as it was recorded differs by its last bit.
    runs = two(frame, {"a": ([float(np.nextafter(0.9, 1))], [0.9])})
    assert analyze(runs, [better()]).claims[0].holds == 1


def test_runs_that_nothing_seeded_make_no_twins(frame: Any) -> None:
    runs = frame({("tf", name): [0.9] * 2 for name in "abc"})
    assert analyze(runs, [above(0.8)]).claims[0].distinct == 1
    (one,) = analyze(runs.assign(seeded=False), [above(0.8)]).claims
    assert one.distinct == 3
    assert "differ in their outcome classes" not in one.text


def test_a_yes_and_an_undecided_answer_are_not_partly(frame: Any) -> None:
    runs = frame({("tf", name): [0.9] for name in "ab"}, test_set=20)
    sure, open_ = above(0.5, name="sure"), above(0.85, test="proportions")
    found = analyze(runs, [sure, open_])
    assert [one.answer for one in found.claims] == ["yes", "undecided"]
    assert answers(found)["analysis"] == "undecided"
    found = analyze(runs, [above(0.85, alternatives=({"delta": 0.8}, {"test": "proportions"}))])
    assert dict(found.claims[0].alternatives) == {
        "delta 0.8": True,
        "test proportions": "undecided",
    }
    assert answers(found)["interpretation"] == "undecided"


def test_a_mean_of_two_minds_is_not_said_to_be_significant(frame: Any) -> None:
    runs = frame({("tf", "a"): [0.78, 0.83], ("tf", "b"): [0.85, 0.86], ("tf", "c"): [0.8, np.nan]})
    found = analyze(runs, [above(0.79)])
    assert found.claims[0].answer == "partly"
    section = next(one for one in report.sections(found) if one.name == "claim")
    (line,) = [line for line in section.lines if line.startswith("All values together")]
    assert "significant" not in line
    assert "a run that ended in no number is another answer" in line


def test_no_interval_of_a_share_leaves_what_shares_can_be(frame: Any) -> None:
    runs = frame({("tf", name): [0.95, 0.999, 0.96] for name in "ab"})
    (one,) = analyze(runs, [above(0.5, test="welch")]).claims
    assert {cell.high for cell in one.cells} == {1.0}
    (one,) = analyze(
        runs.assign(**{"metric.loss": [1.5, 1.6, 1.2] * 2}),
        [above(0.5, test="welch", metric="loss")],
    ).claims
    assert all(cell.high is not None and cell.high > 1 for cell in one.cells)


def test_two_shares_without_a_wrong_answer_are_tested_too(frame: Any) -> None:
    # Both are right on all of 30 items, which says little of a margin of one per cent.
    runs = two(frame, {"a": ([1.0], [1.0]), "b": ([1.0], [1.0])}).assign(test_set=30)
    (one,) = analyze(runs, [better(test="proportions", delta=-0.01)]).claims
    assert [(cell.holds, cell.contradicts) for cell in one.cells] == [(False, False)] * 2
    assert all(cell.p is not None and 0.05 < cell.p < 0.5 for cell in one.cells)


def test_a_single_run_is_no_more_certain_than_runs_elsewhere(frame: Any) -> None:
    values = {("tf", "a"): [0.78, 0.83, 0.80], ("tf", "b"): [0.77, 0.82, 0.80]}
    runs = frame({**values, ("tf", "c"): [0.81]})
    (one,) = analyze(runs, [above(0.8)]).claims
    assert (one.flips, one.answer) == (1, "undecided")
    # One that is far from what all others scatter by is apart.
    (one,) = analyze(frame({**values, ("tf", "c"): [0.3]}), [above(0.79)]).claims
    assert one.answer == "partly"


def test_seeds_of_two_experiments_are_draws_that_machines_share(frame: Any) -> None:
    # No seed is in both, and yet each machine saw the same ones: three draws, not thirty.
    shifts = {"new": (0.03, -0.01, 0.04), "old": (0.0, 0.01, -0.01)}
    machines = [("tf", f"h{number}") for number in range(10)]
    runs = pd.concat(
        frame(
            {place: [0.9 + shift] for place in machines}, seed=seed + 10 * (name == "old")
        ).assign(experiment=name)
        for name, own in shifts.items()
        for seed, shift in enumerate(own)
    )
    (one,) = analyze(runs, [better(test="welch")]).claims
    assert one.together is not None
    assert one.together.p_holm == pytest.approx(one.cells[0].p)
    assert one.answer == "undecided"


def test_a_seed_that_nobody_recorded_is_none_that_machines_share(frame: Any) -> None:
    seeds = {1: 0.81, 2: 0.78, None: 0.83}
    runs = pd.concat(
        frame({("tf", "a"): [0.0 + mean], ("tf", "b"): [0.01 + mean]}).assign(seed=seed)
        for seed, mean in seeds.items()
    )
    known = samples(runs.astype({"seed": "Int64"}), "accuracy")
    assert [set(own.by_seed) for own in known.values()] == [{"1", "2"}] * 2
    assert {own.n for own in known.values()} == {3}


def test_alternatives_are_the_level_of_interpretation(frame: Any) -> None:
    runs = two(frame, {"a": ([0.9], [0.8]), "b": ([0.9], [0.85])}, baseline=0.89)
    claim = better(alternatives=({"baseline": True}, {"delta": 0.07}, {"metric": "none"}))
    # The claims that a dataset carries spell out what was not given, too.
    carried = Claim.model_validate_json(claim.model_dump_json())
    assert analyze(runs, [carried]) == analyze(runs, [claim])
    found = analyze(runs, [claim])
    assert dict(found.claims[0].alternatives) == {
        "new against the trivial model": True,
        "delta 0.07": False,
        "metric none": None,
    }
    assert answers(found)["interpretation"] == "partly"
    verdict = next(one for one in found.verdicts if one.level == "interpretation")
    assert "1 of 2 alternatives" in verdict.text
    assert "1 more can't be judged" in verdict.text


def test_a_million_runs_are_judged_by_their_cells(frame: Any) -> None:
    runs = two(frame, {name: ([0.9] * 500, [0.8] * 500) for name in "abcdefghij"})
    assert analyze(runs, [better()]).claims[0].environments == 10


def test_machines_are_what_is_drawn_not_machines_times_images(frame: Any) -> None:
    places = {(f"s{s}", f"h{h:02}"): [0.9] for s in range(4) for h in range(13)}
    (one,) = analyze(frame(places), [above(0.8)]).claims
    assert (one.environments, one.machines, one.flips) == (52, 13, 0)
    assert isinstance(one.interval, Interval)
    # Not the 6.85 % of 52 draws.
    assert one.interval.high == pytest.approx(1 - 0.025 ** (1 / 13))
    assert one.interval.method == "Clopper-Pearson, 13 hardware environments"


def test_a_machine_that_is_emulated_too_is_one_machine(frame: Any) -> None:
    runs = frame({("tf", hardware): [0.9] for hardware in "ab"})
    (one,) = analyze(pd.concat([runs, runs.assign(emulated=True)]), [above(0.8)]).claims
    assert (one.environments, one.machines) == (2, 2)


def test_an_environment_keeps_what_its_single_runs_differ_by(frame: Any) -> None:
    (one,) = analyze(two(frame, {"a": ([0.9, 0.92], [0.8, 0.85])}), [better()]).claims
    assert (one.cells[0].lowest, one.cells[0].highest) == pytest.approx((0.05, 0.12))


def test_not_significant_is_no_contradiction(frame: Any) -> None:
    sure, unsure, contrary = [0.90, 0.91, 0.92], [0.80, 0.95, 0.82], [0.70, 0.71, 0.72]
    runs = frame({("tf", "a"): sure, ("tf", "b"): unsure, ("tf", "c"): contrary})
    found = analyze(runs, [above(0.8, test="welch")])
    (one,) = found.claims
    sides = {cell.hardware: (cell.holds, cell.contradicts) for cell in one.cells}
    assert sides == {"a": (True, False), "b": (False, False), "c": (False, True)}
    assert (one.answer, one.flips, one.share, one.machines) == ("partly", 1, 0.5, 2)
    assert "holds in 1 of 3 environments, 1 contradicts it, and 1 is undecided" in (
        found.verdicts[2].text
    )


def test_one_effect_that_few_runs_show_everywhere_is_one_answer(frame: Any) -> None:
    steps = (0.0, 0.04, 0.02, 0.05, 0.01)
    places = {
        ("tf", f"h{n:02}"): [0.81 + steps[(n + k) % 5] + n % 3 / 200 for k in range(4)]
        for n in range(13)
    }
    found = analyze(frame(places), [above(0.81, test="welch")])
    (one,) = found.claims
    assert (one.answer, one.holds, one.against) == ("yes", 0, 0)
    assert one.heterogeneity is not None
    assert one.heterogeneity.p > 0.05
    assert one.together is not None
    assert one.together.low > 0.81
    assert found.verdicts[2].says == "on average the same, and no environment contradicts it"


def test_means_on_both_sides_that_scatter_explains_are_undecided(frame: Any) -> None:
    runs = frame({("tf", "a"): [0.78, 0.83, 0.80], ("tf", "b"): [0.77, 0.82, 0.80]})
    found = analyze(runs, [above(0.8)])
    assert (found.claims[0].flips, found.claims[0].answer) == (1, "undecided")
    assert "which may be the scatter of repeats" in found.verdicts[2].text
    # Repeats that agree leave no doubt; single runs, and seeds of each machine's own, all.
    for repeats, seeds, answer in (
        (2, "a", "partly"),
        (1, "a", "undecided"),
        (2, "ab", "undecided"),
    ):
        runs = frame({("tf", "a"): [0.81] * repeats, ("tf", "b"): [0.79] * repeats})
        runs["predictions"] = runs["hardware"]
        runs["seed"] = runs["hardware"].map({"a": 1, "b": len(seeds)})
        assert analyze(runs, [above(0.8)]).claims[0].answer == answer


def test_what_a_seed_does_everywhere_hides_no_difference_between_machines(frame: Any) -> None:
    shifts = (0.0, 0.05, -0.06, 0.1, -0.11)
    runs = pd.concat(
        [
            frame({("tf", "a"): [0.81 + shift], ("tf", "b"): [0.79 + shift]}, seed=seed)
            for seed, shift in enumerate(shifts)
        ]
    )
    (one,) = analyze(runs, [above(0.797)]).claims
    assert one.answer == "partly"
    assert one.heterogeneity is not None
    # Both are one step of 0.02 apart under every seed: F = 10 by the least variance, a step² / 4.
    assert one.heterogeneity.p == pytest.approx(stats.f.sf(10, 1, 4))
    # Three seeds might have fallen so by chance.
    (one,) = analyze(runs[runs["seed"] < 3], [above(0.797)]).claims
    assert one.answer == "undecided"


def test_tests_of_all_claims_and_alternatives_are_one_family(frame: Any) -> None:
    runs = frame({("tf", hardware): [0.90, 0.93, 0.915] for hardware in "ab"})
    alone = analyze(runs, [above(0.87, test="welch")]).claims[0]
    assert (alone.tests, alone.holds) == (2, 2)
    p = alone.cells[0].p
    assert alone.cells[0].p_holm == pytest.approx(2 * (p or 0))
    asked = above(0.87, test="welch", alternatives=({"delta": 0.7}, {"test": "difference"}))
    more = analyze(runs, [asked, above(0.95, name="other", test="welch")]).claims
    assert {one.tests for one in more} == {6}
    assert more[0].cells[0].p_holm == pytest.approx(4 * (p or 0))


def test_an_alternative_that_decides_nothing_is_no_other_answer(frame: Any) -> None:
    runs = frame({("tf", hardware): [0.9] for hardware in "ab"}, test_set=20)
    ways = ({"test": "proportions"}, {"delta": 0.95})
    found = analyze(runs, [above(0.85, alternatives=ways)])
    assert dict(found.claims[0].alternatives) == {
        "test proportions": "undecided",
        "delta 0.95": False,
    }
    assert "; 1 is undecided" in found.verdicts[3].text


def test_two_that_agree_are_told_with_what_they_leave_open(frame: Any) -> None:
    found = analyze(frame({("tf", hardware): [0.9] for hardware in "ab"}), [above(0.8)])
    open_ = "(on up to 84.2 % of all machines like these"
    assert f"holds in all of 2 environments {open_}" in found.verdicts[2].text


def near(delta: float, margin: float, **changes: Any) -> Claim:
    """Return the claim that the frame's experiment has this accuracy, up to a margin."""
    return above(delta, test="equivalence", margin=margin, **changes)


def test_equivalence_is_two_one_sided_tests(frame: Any) -> None:
    values = [0.912, 0.917, 0.914, 0.916]
    (one,) = analyze(frame({("tf", "a"): values}), [near(0.915, 0.005)]).claims
    assert one.statement == "mnist.accuracy = 0.915 ± 0.005 (equivalence, α = 0.05)"
    (cell,) = one.cells
    sides = (("greater", 0.91), ("less", 0.92))
    expected = max(stats.ttest_1samp(values, end, alternative=way).pvalue for way, end in sides)
    assert (cell.p, cell.holds) == (pytest.approx(expected), True)
    ends = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert (cell.low, cell.high) == pytest.approx((ends.low, ends.high))


@pytest.mark.parametrize(
    ("margin", "sides"), [(0.01, (True, False)), (0.001, (False, False)), (0.3, (True, False))]
)
def test_equivalence_is_undecided_where_its_interval_crosses_the_margin(
    frame: Any, margin: float, sides: tuple[bool, bool]
) -> None:
    runs = two(frame, {"a": ([0.912, 0.917, 0.914, 0.916], [0.913, 0.915, 0.916, 0.914])})
    (one,) = analyze(runs, [better(test="equivalence", margin=margin)]).claims
    assert (one.cells[0].holds, one.cells[0].contradicts) == sides


@pytest.mark.parametrize("apart", [0.2, -0.2])
def test_what_is_far_away_on_either_side_is_not_equivalent(frame: Any, apart: float) -> None:
    values = [0.5 + apart, 0.51 + apart, 0.49 + apart]
    (one,) = analyze(frame({("tf", "a"): values}), [near(0.5, 0.05)]).claims
    assert (one.answer, one.against) == ("no", 1)


def test_where_repeats_agree_the_means_decide_on_equivalence(frame: Any) -> None:
    runs = frame({("tf", "a"): [0.75] * 2, ("tf", "b"): [0.625] * 2, ("tf", "c"): [0.5] * 2})
    runs["predictions"] = runs["hardware"]
    (one,) = analyze(runs, [near(0.625, 0.125)]).claims
    # An end of the margin is not within it.
    assert [cell.holds for cell in one.cells] == [False, True, False]
    assert all(cell.p is None for cell in one.cells)


def test_effects_that_cancel_are_not_equivalent_on_average(frame: Any) -> None:
    runs = frame({("tf", "a"): [0.60, 0.61, 0.59], ("tf", "b"): [0.40, 0.41, 0.39]})
    (one,) = analyze(runs, [near(0.5, 0.05)]).claims
    assert (one.answer, one.against) == ("no", 2)


def test_an_equivalence_can_be_asked_with_another_margin_or_of_the_trivial_model(
    frame: Any,
) -> None:
    runs = frame({("tf", name): [0.912, 0.917, 0.914, 0.916] for name in "ab"}, baseline=0.5)
    ways = ({"margin": 0.2}, {"margin": 1e-9}, {"baseline": True})
    (one,) = analyze(runs, [near(0.915, 0.05, alternatives=ways)]).claims
    assert dict(one.alternatives) == {
        "margin 0.2": True,
        "margin 1e-09": "undecided",
        "mnist against the trivial model": True,
    }


@pytest.mark.parametrize(
    "changes", [{"test": "equivalence"}, {"margin": 0.1}, {"test": "equivalence", "margin": -0.1}]
)
def test_a_margin_belongs_to_equivalence(frame: Any, changes: Any) -> None:
    with pytest.raises(UsageError, match="claim above: test"):
        analyze(frame({("tf", "a"): [0.5, 0.6]}), [above(0.5, **changes)])


def test_one_machine_that_scatters_leaves_two_that_disagree_undecided(frame: Any) -> None:
    loud, sure, contrary = [0.60, 0.99, 0.75], [0.90, 0.91, 0.92], [0.70, 0.71, 0.72]
    runs = frame({("tf", "a"): sure, ("tf", "b"): loud, ("tf", "c"): contrary})
    (one,) = analyze(runs, [above(0.8, test="welch")]).claims
    # Nobody knows whether its runs are odd or all have such runs, few of which were met.
    assert one.answer == "undecided"
    (alone,) = analyze(runs[runs["hardware"] != "b"], [above(0.8, test="welch")]).claims
    assert alone.answer == "partly"


def test_repeats_of_a_seed_that_no_other_machine_ran_ask_for_a_second_seed(frame: Any) -> None:
    runs = two(frame, {"a": ([0.9, 0.91], [0.8, 0.83]), "b": ([0.91, 0.93], [0.7, 0.74])})
    seeds = runs["hardware"].map({"a": 1, "b": 2})
    (own,) = analyze(runs.assign(seed=seeds), [better(test="welch")]).claims
    assert "with two seeds in each environment, the same ones in all" in own.text
    assert "two runs of each" not in own.text
    (single,) = analyze(runs.assign(seed=1).iloc[::2], [better(test="welch")]).claims
    assert "two runs of each" in single.text
