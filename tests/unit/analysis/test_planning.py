"""How many repeats, environments and seeds a bound takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import precision_worlds as worlds
import pytest

from osgrepro.analysis import analyze, requirements
from osgrepro.analysis.adequacy import wilks
from osgrepro.analysis.against_seeds import against_seeds
from osgrepro.analysis.statistics.ties import p_upper
from osgrepro.common.errors import UsageError


@pytest.fixture
def found(frame):
    return analyze(frame({("tf", f"h{n}"): [n / 7] * (5 + n) for n in range(8)}))


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


@pytest.mark.parametrize(
    ("want", "message"),
    [
        ("p_uper=0.05", "did you mean 'p_upper'"),
        ("p_upper", "its value is missing"),
        ("p_upper=few", "'few' is no number"),
        ("p_upper=0", "not between 0 and 1"),
        ("range=1", "not between 0 and 1"),
        ("s_R=1", "not above 1"),
        ("seeds=nan", "not above 1"),
        ("s_R=inf", "not above 1"),
    ],
)
def test_what_can_not_be_wanted_is_refused(found, want, message):
    with pytest.raises(UsageError) as refused:
        requirements(found, [want])
    assert message in refused.value.message


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
