"""How many repeats, environments and seeds a bound takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import precision_worlds as worlds
import pytest
from scipy import stats

from osgrepro.analysis import analyze, requirements
from osgrepro.analysis.adequacy import wilks
from osgrepro.analysis.against_seeds import against_seeds
from osgrepro.analysis.planning import bounds
from osgrepro.analysis.statistics.ties import p_upper


@pytest.fixture
def found(frame):
    return analyze(frame({("tf", f"h{n}"): [n / 7] * 5 for n in range(8)}))


def asked(found, want):
    (answer,) = requirements(found, [want])
    return answer


@pytest.mark.parametrize(
    ("want", "of", "needed"),
    [
        # The tables of docs/explanation/precision.md.
        ("p_upper=0.05", "repeats", 60),
        ("p_upper=0.5272", "repeats", 5),
        ("s_R=2.04", "environments", 8),
        # W. J. Conover, Practical Nonparametric Statistics.
        ("range=0.95", "environments", 93),
        # ln 0.05/ln 0.95.
        ("flips=0.05", "environments", 59),
    ],
)
def test_bounds_take_what_is_published(found, want, of, needed):
    answer = asked(found, want)
    assert (answer.of, answer.needed, answer.wanted) == (of, needed, want)
    assert answer.present == {"repeats": 5, "environments": 8}[of]
    assert answer.enough == (answer.present >= needed)


@pytest.mark.parametrize("bound", [0.3, 0.05, 0.007])
def test_one_fewer_is_not_enough(found, bound):
    repeats = asked(found, f"p_upper={bound}").needed
    assert p_upper(repeats - 1) <= bound < p_upper(repeats - 2)
    environments = asked(found, f"range={1 - bound}").needed
    assert wilks(environments) >= 1 - bound > wilks(environments - 1)


def test_several_seeds_share_the_repeats(frame):
    runs = frame({("tf", name): [0.5] * 4 for name in "ab"})
    seeded = analyze(runs.assign(seed=runs["repeat"] % 2))
    answer = asked(seeded, "p_upper=0.05")
    # 59 runs besides the first with each of two seeds.
    assert (answer.needed, answer.present) == (31, 2)


def test_the_planned_environments_have_the_interval_that_was_wanted(found):
    needed = asked(found, "s_R=1.5").needed
    assert worlds.of_s_R(worlds.LABORATORIES[0], (needed, 1, 2), 60).reach == pytest.approx(
        1.5, abs=0.05
    )


def test_seeds_are_for_the_environments_there_are(found):
    answer = asked(found, "seeds=3")
    assert (answer.of, answer.present, answer.enough) == ("seeds", 1, False)
    assert answer.needed > 2
    impossible = asked(found, "seeds=1.5")
    assert impossible.needed is None
    assert "more environments too, such as" in impossible.text


def test_what_takes_more_than_a_million_is_no_number(found):
    assert asked(found, "p_upper=1e-9").needed is None
    assert asked(found, "flips=1e-9").needed is None


@pytest.mark.simulation
def test_the_planned_seeds_have_the_interval_that_was_wanted():
    found = analyze(
        pd.DataFrame(
            {
                "experiment": "mnist",
                "software": "tf",
                "hardware": f"h{n:02}",
                "status": "ok",
                "metric.accuracy": n / 13,
                "metric_hex.accuracy": (n / 13).hex(),
            }
            for n in range(13)
        )
    )
    needed = asked(found, "seeds=3").needed
    random, reaches = np.random.default_rng(13), []
    for _ in range(40):
        effects = random.standard_normal((13, 1, 1)) + random.standard_normal((1, needed, 1))
        answer = against_seeds(worlds.table(effects))
        reaches.append(max(answer.high / answer.ratio, answer.ratio / answer.low))
    assert np.median(reaches) == pytest.approx(3, rel=0.2)


def runs_of(experiment, software, hardware, values, **columns):
    """Return runs of a cell as rows, one for each value; None is a failed one."""
    return [
        {
            "experiment": experiment,
            "software": software,
            "hardware": hardware,
            "repeat": repeat,
            "status": "failed" if value is None else "ok",
            "metric.accuracy": value,
            "metric.loss": None if value is None else 1 - value,
            "primary_metric": "accuracy",
            **columns,
        }
        for repeat, value in enumerate(values, 1)
    ]


def analysed(*cells):
    return analyze(pd.DataFrame([run for cell in cells for run in cell]))


def test_seeds_are_those_of_the_experiment_not_of_the_dataset():
    findings = analysed(
        runs_of("mnist", "tf", "a", [0.5] * 31, seed=1),
        runs_of("mnist", "tf", "a", [0.5] * 31, seed=2),
        runs_of("imdb", "tf", "a", [0.5] * 31, seed=1),
    )
    answer = asked(findings, "p_upper=0.05")
    assert (answer.needed, answer.present, answer.enough) == (60, 31, False)
    assert answer.where == "imdb, tf, a"
    seeds = asked(findings, "seeds=3")
    assert (seeds.present, seeds.where) == (1, "imdb, tf")


def test_a_cell_whose_runs_failed_is_not_left_out():
    findings = analysed(
        runs_of("mnist", "tf", "a", [0.5] * 60), runs_of("mnist", "tf", "b", [None] * 60)
    )
    answer = asked(findings, "p_upper=0.05")
    assert (answer.present, answer.enough, answer.where) == (0, False, "mnist, tf, b")


def test_a_software_environment_without_a_result_has_no_environments():
    cells = [runs_of("mnist", "tf", f"h{n}", [0.5] * 2) for n in range(29)]
    assert asked(analysed(*cells), "flips=0.1").enough
    answer = asked(analysed(*cells, runs_of("mnist", "jax", "h1", [None])), "flips=0.1")
    assert (answer.present, answer.enough, answer.where) == (0, False, "mnist, jax")


def test_runs_that_nothing_seeded_do_not_count():
    unseeded = runs_of("mnist", "tf", "a", [0.5] * 40, seeded=False)
    findings = analysed(runs_of("mnist", "tf", "a", [0.5] * 20, seeded=True), unseeded)
    answer = asked(findings, "p_upper=0.05")
    assert (answer.present, answer.enough) == (20, False)


def test_emulated_environments_do_not_count_beside_real_ones():
    real = [runs_of("mnist", "tf", f"h{n}", [0.5] * 2) for n in range(20)]
    copies = [runs_of("mnist", "tf", f"h{n}", [0.5] * 2, emulated=True) for n in range(20)]
    answer = asked(analysed(*real, *copies), "flips=0.1")
    assert (answer.present, answer.enough) == (20, False)
    assert asked(analysed(*copies), "flips=0.1").present == 20


def test_the_observed_interval_counts():
    # One machine far off: the interval reaches farther than that of a normal sample.
    values = [0.5 + n / 1000 for n in range(12)] + [0.9]
    findings = analysed(*(runs_of("m", "tf", f"h{n}", [v] * 2) for n, v in enumerate(values)))
    (measured,) = (own for own in findings.experiments[0].precision if own.metric == "accuracy")
    reach = measured.precision.s_R_interval.high / measured.precision.s_R
    assert reach > 1.66  # which 13 normal ones have
    answer = asked(findings, "s_R=1.66")
    assert (answer.present, answer.enough) == (13, False)
    assert f"now it reaches to {reach:.3g} times s_R" in answer.text
    assert asked(findings, f"s_R={reach}").needed == 13
    assert asked(findings, f"s_R={reach - 0.001}").needed == 14


_FACTORS = (1e308, 1e200, 1 + 2.3e-16, 1.0001, 1e5)
_SHARES = (1 - 1.2e-16, 1e-320, 5e-324, 1e-16, 0.9999)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("s_R", "seeds", "margin") for value in _FACTORS),
        *((name, value) for name in ("p_upper", "range", "flips") for value in _SHARES),
    ],
)
def test_no_value_that_can_be_wanted_fails(found, name, value):
    answer = asked(found, f"{name}={value!r}")
    assert "None" not in answer.text
    why = ("ask for less", "more environments too")
    assert (answer.needed is None) == any(words in answer.text for words in why)


def test_what_is_wanted_is_not_rounded(found):
    assert "99.99999 %" in asked(found, "range=0.9999999").text
    assert "a factor of about 1.0001" in asked(found, "seeds=1.0001").text


def test_no_runs_are_never_enough():
    columns = ("experiment", "software", "hardware", "status")
    findings = analyze(pd.DataFrame({name: pd.Series(dtype=object) for name in columns}))
    for want in ("p_upper=0.99", "s_R=100", "range=0.1", "flips=0.99", "seeds=100"):
        answer = asked(findings, want)
        assert (answer.present, answer.enough, answer.where) == (0, False, "")


@pytest.mark.parametrize(("margin", "n", "tests"), [(1.5, 8, 1), (2.0, 6, 4), (0.8, 30, 26)])
def test_the_planned_power_is_that_of_two_t_tests(margin, n, tests):
    random, trials = np.random.default_rng(5), 4000
    first, second = random.standard_normal((2, trials, n))
    apart = first.mean(1) - second.mean(1)
    error = ((first.var(1, ddof=1) + second.var(1, ddof=1)) / n) ** 0.5
    critical = stats.t.isf(0.05 / tests, 2 * (n - 1))
    shown = (np.abs(apart) < margin - critical * error).mean()
    assert bounds.equivalence_power(margin, 1.0, n, tests) == pytest.approx(shown, abs=0.025)


def test_an_equivalence_takes_the_repeats_of_the_cell_that_scatters_most():
    steady, loose = [0.5, 0.502, 0.498], [0.5, 0.51, 0.49]
    findings = analysed(runs_of("m", "tf", "a", steady), runs_of("m", "tf", "b", loose))
    answer = asked(findings, "margin=0.01")
    assert (answer.of, answer.present, answer.where) == ("repeats", 3, "m, tf, b")
    assert not answer.enough
    power = [bounds.equivalence_power(0.01, 0.01, answer.needed - less, 2) for less in (0, 1)]
    assert power[0] >= 0.8 > power[1]
    assert asked(findings, "margin=1e-9").needed is None
    same = analysed(runs_of("m", "tf", "a", [0.5] * 2))
    assert (asked(same, "margin=0.01").needed, asked(same, "margin=0.01").enough) == (2, True)
    single = asked(analysed(runs_of("m", "tf", "a", [0.5])), "margin=0.01")
    assert (single.needed, single.enough) == (None, False)
    assert "run a second one" in single.text


def test_with_several_seeds_an_equivalence_takes_seeds():
    values = {(h, seed): 0.5 + seed / 10 + h / 1000 for h in range(3) for seed in range(4)}
    findings = analysed(
        *(runs_of("m", "tf", f"h{h}", [v], seed=seed) for (h, seed), v in values.items())
    )
    answer = asked(findings, "margin=0.1")
    assert (answer.of, answer.present) == ("seeds", 4)
    # s of 0, 0.1, 0.2, 0.3.
    assert "(sd 12.9 points)" in answer.text


def test_repeats_that_disagree_are_met_by_no_number(frame):
    cells = {("tf", f"h{n}"): [n / 7] * 5 for n in range(8)}
    cells[("tf", "h3")] = [0.1, 0.2, 0.1, 0.1, 0.1]
    answer = asked(analyze(frame(cells)), "p_upper=0.5272")
    # The others have enough.
    assert (answer.needed, answer.present, answer.enough) == (5, 5, False)
    assert answer.where.endswith("tf, h0")
    assert "It can't be met in 1 cell, whose repeats disagree already (" in answer.text
    assert "tf, h3)" in answer.text


def test_where_all_repeats_disagree_there_is_no_number(frame):
    found = analyze(frame({("tf", "a"): [0.1, 0.2], ("tf", "b"): [0.3, 0.4]}))
    answer = asked(found, "p_upper=0.05")
    assert (answer.needed, answer.enough) == (None, False)
    assert answer.text.startswith("no repeats of a cell meet it. It can't be met in 2 cells")
