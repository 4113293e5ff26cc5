"""Cells whose repeats all agree and whose means follow from fewer effects than there are cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from osgrepro.analysis.components import components
from osgrepro.analysis.statistics.reml import blocks as reml_blocks
from osgrepro.analysis.statistics.reml import dense as reml_dense
from osgrepro.analysis.statistics.reml.exact import completed
from osgrepro.analysis.statistics.reml.fitting import Crossed, fit
from osgrepro.analysis.statistics.reml.grids import degrees


def runs(mean, missing=(), repeats=2):
    """Return runs of a grid of hardware × software × seed without these cells."""
    return pd.DataFrame(
        {
            "experiment": "x",
            "hardware": f"h{h}",
            "software": f"s{s}",
            "seed": e,
            "status": "ok",
            "metric.m": float(mean[h, s, e]),
        }
        for h, s, e in np.ndindex(mean.shape)
        for _ in range(repeats)
        if (h, s, e) not in missing
    )


def effects(*shapes, seed=1):
    random = np.random.default_rng(seed)
    whole = np.zeros((6, 3, 3))
    for shape in shapes:
        whole = whole + random.standard_normal(shape)
    return 0.9 + 0.01 * whole


HARDWARE, SOFTWARE, SEED, BOTH = (6, 1, 1), (1, 3, 1), (1, 1, 3), (6, 3, 1)
MISSING = ((0, 0, 0), (1, 2, 2))


@pytest.mark.parametrize(
    "shapes",
    [(HARDWARE,), (SEED,), (HARDWARE, SOFTWARE), (HARDWARE, SOFTWARE, SEED), (BOTH,)],
    ids=["hardware", "seed", "hardware and software", "all", "an interaction"],
)
@pytest.mark.parametrize("repeats", [1, 2])
def test_missing_cells_that_follow_from_the_others_change_nothing(shapes, repeats):
    mean = effects(*shapes)
    whole = components(runs(mean, repeats=repeats), "m")
    found = components(runs(mean, MISSING, repeats), "m")
    for one, other in zip(found.components, whole.components, strict=True):
        assert one.factor == other.factor
        assert one.raw == pytest.approx(other.raw, rel=1e-9, abs=1e-20)
        assert one.variance == pytest.approx(other.variance, rel=1e-9, abs=1e-20)


@pytest.mark.parametrize("seeds", [1, 3])
def test_unequal_numbers_of_agreeing_repeats_change_nothing(seeds):
    mean = effects(HARDWARE, SOFTWARE)[:, :, :seeds]
    some = runs(mean)
    found = components(pd.concat([some, some.head(1)]), "m")
    whole = components(some, "m")
    assert [one.raw for one in found.components] == pytest.approx(
        [one.raw for one in whole.components], rel=1e-9, abs=1e-20
    )


def test_a_cell_that_no_other_determines_stays_open():
    mean = np.array([[1.0, 2.0, 0.0], [2.0, 3.0, 0.0]])
    assert completed(np.array([[2, 2, 0], [2, 2, 0]]), mean) is None


def test_what_does_not_add_up_is_no_sum_of_effects():
    mean = np.array([[1.0, 2.0, 5.0], [2.0, 3.0, 0.0], [2.0, 4.0, 6.0]])
    assert completed(np.array([[2, 2, 2], [2, 2, 0], [2, 2, 2]]), mean) is None


def test_a_grid_too_large_to_try_is_left_open_unless_it_is_constant():
    n, mean = np.ones((2000, 1000)), np.full((2000, 1000), 0.1)
    n[0, 0] = 0
    assert (completed(n, mean) == 0.1).all()
    mean[1] = 0.2
    assert completed(n, mean) is None


@pytest.mark.parametrize("others", [0.3, 10.0, 1000.0])
def test_the_likelihood_keeps_its_digits_where_cells_hardly_vary(others):
    mean = effects(HARDWARE, SOFTWARE)[:, :, 0]
    n = np.full(mean.shape, 2.0)
    n[0, 0] = 0
    cells = Crossed(n=n, mean=np.where(n, mean, 0), within=0.0, degrees=17.0)
    variances = np.array([others, others, 1e-8])
    in_blocks, whole = (way.likelihood(cells).at(variances) for way in (reml_blocks, reml_dense))
    assert in_blocks.deviance == pytest.approx(whole.deviance, abs=1e-3)


# Each takes as long as eight of other properties.
@settings(max_examples=settings.default.max_examples // 8)
@given(
    shapes=st.sets(st.sampled_from([HARDWARE, SOFTWARE, SEED, BOTH]), min_size=1),
    seeds=st.sampled_from([1, 3]),
    scale=st.sampled_from([0.0, 1e-12, 1e-6, 1e-3, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)
@example(shapes={HARDWARE, SOFTWARE}, seeds=1, scale=0.0, seed=321)  # no inverse
@example(shapes={HARDWARE, SOFTWARE}, seeds=1, scale=0.0, seed=3)  # no information on the mean
@example(shapes={HARDWARE, SOFTWARE}, seeds=1, scale=0.0, seed=127)  # none where it settled
def test_reml_ends_on_data_with_hardly_any_residual(shapes, seeds, scale, seed):
    mean = effects(*shapes, seed=seed)
    mean = mean + 0.01 * scale * np.random.default_rng(seed + 1).standard_normal(mean.shape)
    n = np.full(mean.shape, 2.0)
    n[tuple(zip(*MISSING, strict=True))] = 0
    n, mean = n[:, :, :seeds].squeeze(), np.where(n, mean, 0)[:, :, :seeds].squeeze()
    spread = np.ptp(mean[n > 0])
    if spread == 0:
        return
    cells = Crossed(n=n, mean=mean, within=0.0, degrees=float((n > 0).sum()))
    found = fit(
        (reml_dense if seeds > 1 else reml_blocks).likelihood(cells), degrees(cells)
    ).variances
    assert np.isfinite(found).all()
    assert 0 < found.sum() <= 100 * spread**2
