"""How far the evidence reaches."""

from __future__ import annotations

import numpy as np
import pytest
from precision_worlds import EFFECTS, SHARES

from osgrepro.analysis import analyze
from osgrepro.analysis.adequacy import adequacy, chao1, environments_needed, good_turing, wilks
from osgrepro.analysis.cells import cells
from osgrepro.analysis.findings import NotAssessable
from osgrepro.analysis.outcomes import assign
from osgrepro.analysis.seeds import kinds

# Spiders in the girdled canopy of Harvard Forest: A. M. Ellison et al. (2010), the example of
# R. K. Colwell et al., Journal of Plant Ecology 5 (2012), where Chao1 is 43.893 of 26 seen.
SPIDERS = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, *[2] * 4, *[1] * 12]


def found(runs):
    codes = assign(runs).codes
    return adequacy(cells(runs, codes, "accuracy"), kinds(runs, codes))


# Wilks's own 59 of the one-sided limit is 93 here: W. J. Conover, Practical Nonparametric
# Statistics: 93 members for 95 % content between both ends at 95 % confidence.
@pytest.mark.parametrize(("n", "content"), [(8, 0.53), (13, 0.68), (93, 0.95)])
def test_the_content_of_a_range_is_the_published_one(n, content):
    assert wilks(n) == pytest.approx(content, abs=0.005)


def test_spiders_have_the_chao1_that_was_published():
    assert chao1(SPIDERS) == pytest.approx(43.893, abs=5e-4)
    assert good_turing(SPIDERS) == pytest.approx(1 - 12 / 168)


def test_chao1_without_a_class_seen_twice_stays_finite():
    assert chao1([5, 1, 1]) == pytest.approx(3 + 6 / 7)
    assert chao1([1]) == 1


@pytest.mark.parametrize(("share", "needed"), [(0.05, 59), (0.5, 5), (1.0, 1), (0.0, None)])
def test_as_many_environments_as_show_a_flip(share, needed):
    assert environments_needed(share) == needed


def test_environments_that_end_alike_are_draws_like_all_others(frame):
    (alike,) = found(frame({("tf", f"h{n}"): [n % 4] * 2 for n in range(9)}))
    assert (alike.hardware, alike.distinct, alike.different) == (9, 4, 4)
    assert alike.enough_laboratories
    assert alike.wilks == wilks(9)
    assert alike.coverage == 1
    assert "9 hardware environments with 4 different outcomes" in alike.text
    (others,) = found(frame({("tf", f"h{n}"): [n] * 2 for n in range(7)}))
    assert not others.enough_laboratories
    assert "fewer than the 8 laboratories" in others.text
    assert others.coverage == 0


def test_of_machines_drawn_the_coverage_and_the_content_are_the_true_ones():
    random, times, n = np.random.default_rng(12), 2000, 13
    content, seen, told = 0, 0.0, 0.0
    for _ in range(times):
        drawn = random.choice(len(SHARES), p=SHARES, size=n)
        values = EFFECTS[drawn]
        inside = (values.min() <= EFFECTS) & (values.max() >= EFFECTS)
        content += SHARES[inside].sum() >= wilks(n)
        seen += SHARES[np.unique(drawn)].sum() / times
        told += good_turing(np.bincount(drawn)[np.unique(drawn)].tolist()) / times
    assert content / times >= 0.95
    assert told == pytest.approx(seen, abs=0.02)


def test_scattering_repeats_are_no_further_laboratories(frame):
    (one,) = found(frame({("tf", "a"): range(9), ("tf", "b"): range(9, 18)}))
    assert (one.distinct, one.enough_laboratories) == (18, False)


def test_one_environment_reaches_nowhere(frame):
    (one,) = found(frame({("tf", "a"): [1, 1]}))
    assert isinstance(one.wilks, NotAssessable)
    assert isinstance(one.coverage, NotAssessable)
    assert isinstance(one.chao1, NotAssessable)


@pytest.mark.shared
def test_the_study_has_its_thirteen_environments(study):
    runs = study[study["experiment"] == "mnist_convnet"]
    for one in found(runs):
        assert (one.hardware, one.distinct, one.enough_laboratories) == (13, 10, True)
        assert one.wilks == pytest.approx(0.68, abs=0.005)


def test_more_repeats_of_one_environment_are_no_more_classes(frame):
    def of(repeats):
        values = {("tf", f"twin{n}"): [0.5] * 2 for n in range(10)}
        values["tf", "gpu"] = [n / 100 for n in range(repeats)]
        (one,) = analyze(frame(values)).experiments[0].adequacy
        return one.coverage, one.chao1, one.different

    assert of(5) == of(50) == (pytest.approx(10 / 11), pytest.approx(2), 2)
