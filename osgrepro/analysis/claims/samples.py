"""A metric in every cell of an experiment, as the tests of a claim take it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from osgrepro.analysis import frames
from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.findings import in_percent, in_shares
from osgrepro.analysis.seeds import crossed
from osgrepro.analysis.statistics.moments import Floats, Integers, moments
from osgrepro.analysis.statistics.tests import Sample

Place = tuple[str, str]


def places(runs: pd.DataFrame) -> list[Place]:
    """Return the software and hardware of every cell that has a run."""
    return cell_codes(runs)[1] if len(runs) else []


def samples(
    runs: pd.DataFrame, metric: str, exact: Collection[Place] = ()
) -> Mapping[Place, Sample]:
    """Return the metric in each cell that recorded it; NaN where a run ended in no number.

    Parameters
    ----------
    runs : pandas.DataFrame
        The runs of one experiment that ended well.
    metric : str
        Its name.
    exact : collection
        The cells whose runs are all of one outcome class.
    """
    if not len(runs) or f"metric.{metric}" not in runs:
        return {}
    codes, cells = cell_codes(runs)
    values, here = frames.numbers(runs, metric), frames.bits(runs, metric).notna().to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        double = here & (values.astype(np.float32) != values)
    odd = np.bincount(codes[double], minlength=len(cells)) > 0
    owners, independent, by_seed = _independent(codes, values, here, runs)
    summed = moments(owners, independent, len(cells))
    ends = summed if not by_seed else moments(codes[here], values[here], len(cells))
    items = frames.column(runs, "test_set").groupby(codes).first().reindex(range(len(cells)))
    gap, whole = _gap(values[here]), _whole(metric, values[here])
    known = {
        place: Sample(
            n=int(summed.n[number]),
            mean=float(summed.mean[number]),
            variance=float(summed.squares[number] / (summed.n[number] - 1))
            if summed.n[number] > 1
            else float("nan"),
            items=None if pd.isna(items[number]) else float(items[number]),
            single=not odd[number],
            by_seed=by_seed.get(number, {}),
            low=float(ends.low[number]),
            high=float(ends.high[number]),
            exact=place in exact,
            step=whole / float(items[number])
            if whole and not pd.isna(items[number]) and items[number] > 0
            else gap,
        )
        for number, place in enumerate(cells)
        if summed.n[number]
    }
    return guarded(known)


def guarded(known: Mapping[Place, Sample]) -> Mapping[Place, Sample]:
    """Return samples with the least variance that a test of each alone takes it to have.

    Runs of a coarse metric, an F1 score of some hundred items or a mean of batches' means, tie by
    chance, or nearly. Of many cells a few look as if nothing scattered in them, and these would
    decide. A cell that scatters more than others keeps a variance, and degrees, of its own.

    Notes
    -----
    With the pooled variance s₀² of the cells of one software environment, or of all where these are
    fewer than three, a variance with f degrees of freedom counts as s₀²χ²_f(0.25)/f at least: the
    lower quartile of what variances of normal runs are. Cells of one outcome class are none of
    them. Variances are moderated in a like way by G. K. Smyth, Statistical Applications in Genetics
    and Molecular Biology 3, article 3 (2004), with further degrees of freedom from the other cells,
    which one cell that scatters more than all others has not.
    """
    scattering = {
        place: sample
        for place, sample in known.items()
        if sample.n > 1 and not sample.exact and math.isfinite(sample.variance)
    }
    every, by_software = _pooled(list(scattering.values())), dict[str, float]()
    for software in {place[0] for place in scattering}:
        own = [sample for place, sample in scattering.items() if place[0] == software]
        by_software[software] = _pooled(own) if len(own) >= _FEWEST else every
    return {
        place: replace(
            sample,
            floor=by_software[place[0]]
            * float(special.chdtri(sample.freedom, 1 - _LOWER))
            / sample.freedom,
        )
        if place in scattering
        else sample
        for place, sample in known.items()
    }


# So many cells tell what is usual among them; the quantile below which none is taken to scatter.
_FEWEST, _LOWER = 3, 0.25


def _pooled(samples: Sequence[Sample]) -> float:
    """Return the pooled variance of samples, those that scatter far more than others among them.

    Of runs of which few fall far off, most cells have none. Without those that have, the others
    would decide, and always on the same side.
    """
    if not samples:
        return 0.0
    variances, degrees = zip(*((own.variance, own.freedom) for own in samples), strict=True)
    return float(np.average(variances, weights=degrees))


def lent(known: Mapping[Place, Sample]) -> Mapping[Place, Sample]:
    """Return samples of which those of a single run have the variance that runs have elsewhere.

    It is the pooled one, of all cells with two runs, so that a single run is no more certain than
    others are. Without such a cell nothing is known.
    """
    several = [sample for sample in known.values() if sample.n > 1 and math.isfinite(sample.mean)]
    degrees = sum(sample.n - 1 for sample in several)
    if not degrees:
        return known
    pooled = sum(sample.variance * (sample.n - 1) for sample in several) / degrees
    exact = all(sample.exact for sample in several)
    return {
        place: replace(sample, variance=pooled, degrees=float(degrees), exact=exact)
        if sample.n == 1
        else sample
        for place, sample in known.items()
    }


def _whole(metric: str, values: Floats) -> float | None:
    """Return what a share of all items is in the metric's unit; None where it is no share."""
    known = values.tolist()
    return 1.0 if in_shares(metric, known) else 100.0 if in_percent(metric, known) else None


# Relative to the largest value: nearer values are one number, once of 32 and once of 64 bits.
_SAME_NUMBER = 2.0**-23


def _gap(values: Floats) -> float:
    """Return the smallest difference of two values, 0 where there is none.

    A metric in steps, such as a share of so many items, has gaps of one step at least; one without
    steps has gaps that are far smaller than what its runs scatter by.
    """
    finite = np.unique(values[np.isfinite(values)])
    gaps = np.diff(finite)
    gaps = gaps[gaps > _SAME_NUMBER * np.abs(finite).max(initial=0.0)]
    return float(gaps.min(initial=math.inf)) if len(gaps) else 0.0


def _independent(
    codes: Integers, values: Floats, here: np.ndarray[Any, np.dtype[np.bool_]], runs: pd.DataFrame
) -> tuple[Integers, Floats, dict[int, dict[str, float]]]:
    """Return the cell and the value of each seed: its repeats are no further evidence.

    With several seeds, each cell's values by seed, too.
    """
    both, seeds = crossed(codes, runs)
    if seeds == 1:
        return codes[here], values[here], {}
    group, groups = pd.factorize(both[here])
    means = moments(group, values[here], len(groups)).mean
    owners = (groups // seeds).astype(np.int64)
    # Two experiments number their seeds each for itself, so that the seeds' own names count.
    seed = frames.column(runs, "seed")
    names, known_seed = seed.astype(str).to_numpy()[here], seed.notna().to_numpy()[here]
    first = np.unique(group, return_index=True)[1]
    by_seed: dict[int, dict[str, float]] = {}
    for owner, name, known, mean in zip(
        owners, names[first], known_seed[first], means, strict=True
    ):
        if known:  # a seed that nobody recorded is none that another cell has, too
            by_seed.setdefault(int(owner), {})[str(name)] = float(mean)
    return owners, means, by_seed
