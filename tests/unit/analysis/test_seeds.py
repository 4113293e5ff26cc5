"""Runs with several seeds: what repeats what, and what is compared with what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis import seeds as seeds_module
from osgrepro.analysis.findings import (
    Cell,
    Components,
    ExperimentFindings,
    Findings,
    Interval,
    NotAssessable,
    Outcomes,
    Precision,
    SharedSeeds,
)
from osgrepro.analysis.statistics.anova import anova, sets
from osgrepro.analysis.statistics.reml import dense as reml_dense
from osgrepro.analysis.statistics.reml import full as reml_full
from osgrepro.analysis.statistics.reml.fitting import Crossed, fit
from osgrepro.analysis.statistics.reml.grids import degrees
from osgrepro.common.models import Claim

Value = Callable[[str, str, int, int], float]


def runs(
    value: Value,
    *,
    software: str = "t",
    hardware: str = "abcd",
    seeds: int = 3,
    repeats: int = 2,
    metric: str = "accuracy",
) -> pd.DataFrame:
    """Return a full matrix of runs; ``value`` gives the metric by cell, seed and repeat."""
    rows = [
        {
            "experiment": "mnist",
            "software": s,
            "hardware": h,
            "seed": seed,
            "repeat": repeat,
            "status": "ok",
            "cpu_model_name": f"model {h}",
            "cpu_avx512f": h in "cd",
            f"metric.{metric}": (found := float(value(s, h, seed, repeat))),
            f"metric_hex.{metric}": found.hex(),
        }
        for s in software
        for h in hardware
        for seed in range(1, seeds + 1)
        for repeat in range(1, repeats + 1)
    ]
    return pd.DataFrame(rows)


def by_hardware(s: str, h: str, seed: int, repeat: int) -> float:
    """Return what depends on the seed, and on whether the hardware is one of the last two."""
    return 0.9 + 0.01 * seed + 0.001 * (h in "cd") * seed


def drawn(start: int) -> Value:
    """Return values with an effect of each factor, of hardware with seed, and some noise."""
    random, effects = np.random.default_rng(start), dict[Any, float]()

    def value(s: str, h: str, seed: int, repeat: int) -> float:
        parts = (((s,), 0.5), ((h,), 1.0), ((seed,), 3.0), ((h, seed), 0.3))
        for key, size in parts:
            effects.setdefault(key, size * random.standard_normal())
        return sum(effects[key] for key, _ in parts) + 0.01 * random.standard_normal()

    return value


def alone(found: Findings) -> ExperimentFindings:
    (experiment,) = found.experiments
    return experiment


def cells(found: Findings) -> tuple[Cell, ...]:
    return alone(found).cells


def answers(found: Findings) -> dict[str, str]:
    return {one.level: one.answer for one in found.verdicts}


def test_repeats_are_those_of_one_seed() -> None:
    found = analyze(runs(by_hardware))
    assert {cell.repeatability for cell in cells(found)} == {"tied"}
    first = cells(found)[0]
    assert (first.ok, first.seeds, len(first.classes), first.sd) == (6, 3, 3, 0.0)
    # Three of the six runs only set their seed's class, of which one is free as with one seed.
    assert first.p_upper == pytest.approx(1 - 0.05 ** (1 / 3))
    assert found.data.seeds == 3
    assert found.data.repeats == (2, 2)


def test_one_seed_whose_repeats_disagree_is_enough() -> None:
    found = analyze(runs(lambda s, h, seed, repeat: seed + (h == "a" and seed == 2) * repeat / 10))
    moving = [cell for cell in cells(found) if cell.repeatability == "nondeterministic"]
    assert [cell.hardware for cell in moving] == ["a"]
    # One of the three seeds has s² = 0.005.
    assert moving[0].sd == pytest.approx((0.005 / 3) ** 0.5)


def test_one_run_with_each_seed_repeats_nothing() -> None:
    first = cells(analyze(runs(by_hardware, repeats=1)))[0]
    assert isinstance(first.repeatability, NotAssessable)
    assert first.repeatability.why == "one repeat with each seed"


def test_the_same_everywhere_is_said_by_seed() -> None:
    same = analyze(runs(lambda s, h, seed, repeat: seed, metric="loss"))
    other = analyze(runs(by_hardware))
    assert answers(same)["outcome"] == "yes"
    assert answers(other)["outcome"] == "no"
    outcomes = alone(other).outcomes
    assert isinstance(outcomes, Outcomes)
    assert (len(outcomes.classes), outcomes.seeds) == (6, 3)
    (text,) = [one.text for one in same.verdicts if one.level == "outcome"]
    assert "3 outcome classes by metrics (O3) with 3 seeds, the same in all 4 environments" in text


def ran_with(**seeds: tuple[int, ...]) -> pd.DataFrame:
    """Return runs of hardware with some seeds each, of a result that only the seed decides."""
    every = runs(lambda s, h, seed, repeat: seed / 8, hardware="".join(seeds), metric="loss")
    kept = [seed in seeds[h] for h, seed in zip(every["hardware"], every["seed"], strict=True)]
    return every[kept].reset_index(drop=True)


def outcome(found: Findings) -> tuple[str, str]:
    """Return the answer and the text of the outcome's verdict."""
    (verdict,) = [own for own in found.verdicts if own.level == "outcome"]
    return verdict.answer, verdict.text


@pytest.mark.parametrize(
    ("seeds", "answer", "text"),
    [
        ({"a": (1,), "b": (2,), "c": (3,)}, "not assessable", "no results were compared"),
        (
            {"a": (1,), "b": (1,), "c": (3,)},
            "partly",
            "the same wherever a seed is shared (1 of 3 environments shares no seed",
        ),
        (
            {"a": (1,), "b": (1,), "c": (2,), "d": (2,)},
            "partly",
            "2 groups of environments share no seed with each other",
        ),
        (
            {"a": (1, 2), "b": (1,), "c": (2,)},
            "yes",
            "the same in all 3 environments, of whose seeds none ran in each",
        ),
        ({"a": (1, 2), "b": (1, 2)}, "yes", "with 2 seeds, the same in all 2 environments."),
    ],
)
def test_results_are_the_same_only_where_a_seed_was_shared(
    seeds: dict[str, tuple[int, ...]], answer: str, text: str
) -> None:
    given, said = outcome(analyze(ran_with(**seeds)))
    assert given == answer
    assert text in said


def test_seeds_of_their_own_tell_of_no_machine() -> None:
    experiment = alone(analyze(ran_with(a=(1,), b=(2,), c=(3,))))
    outcomes, (reach,) = experiment.outcomes, experiment.adequacy
    assert isinstance(outcomes, Outcomes)
    assert outcomes.shared == SharedSeeds(environments=3, compared=0, groups=0, everywhere=0)
    assert [grade.same for grade in outcomes.grades if grade.grade == "O3"] == [None]
    assert reach.different is None
    assert isinstance(reach.coverage, NotAssessable)
    assert isinstance(reach.chao1, NotAssessable)


def test_machines_are_told_apart_under_the_seeds_of_all() -> None:
    # With the third seed, which only a ran, it shows a class that no other machine could.
    (reach,) = alone(analyze(ran_with(a=(1, 2, 3), b=(1, 2), c=(1, 2)))).adequacy
    assert (reach.different, reach.distinct, reach.coverage) == (1, 3, 1.0)


def test_an_experiment_that_shares_no_seed_is_counted_beside_one_that_does() -> None:
    shared = ran_with(a=(1,), b=(1,)).assign(experiment="shared")
    answer, text = outcome(analyze(pd.concat([shared, ran_with(a=(1,), b=(2,))])))
    assert answer == "partly"
    assert "1 experiment can't be judged, 1 of them since no seed ran in two environments" in text


def test_environments_are_attributed_by_their_classes_under_all_seeds() -> None:
    (found,) = alone(analyze(runs(by_hardware))).attribution
    assert (found.classes, found.hardware) == (2, 4)
    assert not isinstance(found.causes, NotAssessable)
    assert found.causes[0].attributes == ("cpu_avx512f",)
    assert {group.hardware for group in found.causes[0].groups} == {("a", "b"), ("c", "d")}
    assert all(group.letter.count("·") == 2 for group in found.causes[0].groups)


def test_a_seed_that_did_not_run_everywhere_is_not_compared() -> None:
    frame = runs(by_hardware)
    frame = frame[~((frame["hardware"] == "a") & (frame["seed"] == 3))]
    found = analyze(frame)
    (attribution,) = alone(found).attribution
    assert attribution.classes == 2
    assert "unequal seeds" in {note.kind for note in found.design}


def test_environments_whose_repeats_disagree_are_set_aside() -> None:
    found = analyze(
        runs(lambda s, h, seed, repeat: by_hardware(s, h, seed, 1) + (h == "a") * repeat)
    )
    (attribution,) = alone(found).attribution
    assert attribution.hardware == 3


def test_the_seed_is_no_repeatability_and_no_hardware() -> None:
    (found,) = alone(analyze(runs(by_hardware))).precision
    assert isinstance(found.precision, Precision)
    assert found.precision.tied
    assert found.precision.s_r == 0
    # Under seed k two environments of four are k/1000 higher: s_L² = Σ(k/1000)²/3/3.
    assert found.precision.s_L == pytest.approx((14e-6 / 9) ** 0.5)
    assert isinstance(found.precision.s_R_interval, Interval)


def test_the_same_result_everywhere_has_no_spread_between_environments() -> None:
    (found,) = alone(analyze(runs(lambda s, h, seed, repeat: seed / 3))).precision
    assert isinstance(found.precision, Precision)
    assert (found.precision.s_L, found.precision.s_R) == (0, 0)


def test_the_precision_with_one_seed_is_what_it_is_without_the_column() -> None:
    random = np.random.default_rng(3)
    frame = runs(lambda *_: random.normal(), seeds=1, repeats=4)
    one, other = (alone(analyze(each)).precision for each in (frame, frame.drop(columns="seed")))
    assert one == other


def test_the_components_name_the_seed() -> None:
    found = alone(
        analyze(runs(drawn(5), software="tuvw", hardware="abcdefgh", seeds=20))
    ).components[0]
    assert isinstance(found, Components)
    shares = {one.factor: one.variance for one in found.components}
    assert list(shares) == [
        *("hardware", "software", "seed", "hardware × software", "hardware × seed"),
        *("software × seed", "hardware × software × seed", "residual"),
    ]
    assert max(shares, key=lambda name: shares[name]) == "seed"
    assert shares["hardware × seed"] == pytest.approx(0.09, rel=0.3)
    assert shares["residual"] == pytest.approx(1e-4, rel=0.2)


def test_one_run_with_each_seed_has_components_without_a_residual_of_its_own() -> None:
    found = alone(analyze(runs(by_hardware, repeats=1))).components[0]
    assert isinstance(found, Components)
    named = [one.factor for one in found.components]
    assert named == ["hardware", "seed", "residual (with hardware × seed)"]


@pytest.mark.parametrize("repeats", [1, 2])
def test_missing_runs_of_three_factors_leave_near_the_same_components(repeats: int) -> None:
    frame = runs(drawn(5), software="tuvw", hardware="abcdef", seeds=8, repeats=repeats)
    whole = alone(analyze(frame)).components[0]
    missing = frame.drop(index=[0, 7, 50, 101])
    found = alone(analyze(missing)).components[0]
    assert isinstance(whole, Components)
    assert isinstance(found, Components)
    assert (whole.method, found.method) == ("REML", "REML")
    assert [one.factor for one in found.components] == [one.factor for one in whole.components]
    for one, other in zip(found.components, whole.components, strict=True):
        assert one.variance == pytest.approx(other.variance, rel=0.15, abs=3e-3)
        if isinstance(one.interval, Interval) and isinstance(other.interval, Interval):
            assert one.interval.low == pytest.approx(other.interval.low, rel=0.25, abs=3e-3)


def test_seeds_that_each_ran_elsewhere_are_not_crossed() -> None:
    frame = runs(by_hardware, software="tu")
    places = {1: "ab", 2: "c", 3: "d"}
    kept = [h in places[seed] for h, seed in zip(frame["hardware"], frame["seed"], strict=True)]
    found = alone(analyze(frame[kept])).components[0]
    assert isinstance(found, NotAssessable)
    assert "hardware and seed are not crossed" in found.why


def test_the_dense_likelihood_is_largest_where_the_closed_form_says() -> None:
    random = np.random.default_rng(2)
    y = sum(
        root
        * random.standard_normal(
            [size if axis in own else 1 for axis, size in enumerate((6, 5, 7))]
        )
        for root, own in zip((3, 2, 2.5, 1.5, 1.8, 1.4, 1), sets(3), strict=True)
    )
    runs = y[..., None] + 0.5 * random.standard_normal((6, 5, 7, 2))
    mean = runs.mean(-1)
    within = float(((runs - mean[..., None]) ** 2).sum())
    closed = anova(mean, 2.0, within, 210.0)
    grid = Crossed(n=np.full(mean.shape, 2.0), mean=mean, within=within, degrees=210.0)
    found = fit(reml_dense.likelihood(grid), degrees(grid))
    assert min(closed.raw) > 0
    assert found.variances == pytest.approx(closed.raw, rel=1e-6)
    assert found.mean == pytest.approx(mean.mean())
    full = reml_full.likelihood(closed, float(mean.mean()))
    assert full is not None
    for ends, others in zip(found.ends, fit(full, degrees(grid)).ends, strict=True):
        assert ends == pytest.approx(others, rel=1e-5)


def test_repeats_of_a_seed_are_no_further_evidence_for_a_claim() -> None:
    claim = Claim(name="c", a="mnist", metric="accuracy", delta=0.9, test="welch")
    (few,), (many,) = (
        analyze(runs(by_hardware, repeats=repeats), [claim]).claims for repeats in (2, 20)
    )
    assert [cell.p for cell in few.cells] == pytest.approx([cell.p for cell in many.cells])
    assert all(cell.p is not None and cell.p > 0.01 for cell in few.cells)


def test_runs_without_a_recorded_seed_are_runs_of_one() -> None:
    frame = runs(by_hardware, seeds=1)
    found = analyze(frame.assign(seed=None))
    assert {cell.repeatability for cell in cells(found)} == {"tied"}
    assert found.data.seeds == 1


def test_a_seed_of_its_own_for_every_run_is_no_failure() -> None:
    frame = runs(by_hardware)
    found = analyze(frame.assign(seed=range(len(frame))))
    assert all(isinstance(cell.repeatability, NotAssessable) for cell in cells(found))
    (precision,) = alone(found).precision
    assert isinstance(precision.precision, NotAssessable)
    assert alone(found).attribution == ()
    assert "unequal seeds" in {note.kind for note in found.design}


def test_a_missing_run_of_two_factors_leaves_components_too() -> None:
    frame = runs(drawn(3), hardware="abcdef", seeds=8, repeats=1)
    whole = alone(analyze(frame)).components[0]
    found = alone(analyze(frame.drop(index=[3, 20]))).components[0]
    assert isinstance(whole, Components)
    assert isinstance(found, Components)
    assert [one.factor for one in found.components] == [one.factor for one in whole.components]
    assert [one.variance for one in found.components] == pytest.approx(
        [one.variance for one in whole.components], rel=0.2
    )


def test_more_seeds_than_a_table_holds_are_not_assessable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds_module, "_MOST", 11)
    found = alone(analyze(runs(by_hardware)))
    assert [one.precision for one in found.precision] == [seeds_module.TOO_MANY]
    assert found.components == (seeds_module.TOO_MANY,)
    assert {cell.repeatability for cell in found.cells} == {"tied"}
