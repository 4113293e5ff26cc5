"""The standard deviations s_r, s_L and s_R of laboratories, and what of each they are made of.

Called by the precision, and by the interval of s_R.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from osgrepro.analysis.statistics.moments import Floats, Moments


def variances(n: Floats, mean: Floats, squares: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the general mean, s_r² and s_L² of laboratories × seeds, the last two axes.

    Parameters
    ----------
    n, mean, squares : array
        Runs nᵢ, mean ȳᵢ and (nᵢ − 1)sᵢ² of each laboratory with each seed; 0 where it has no run.

    Notes
    -----
    ISO 5725-2:1994, 7.4.5: s_r² = Σ(nᵢ−1)sᵢ²/Σ(nᵢ−1); s_d² = Σnᵢ(ȳᵢ−ȳ)²/(p−1), which is the
    standard's (Σnᵢȳᵢ² − ȳ²Σnᵢ)/(p−1) without its cancellation; n̄ = (Σnᵢ − Σnᵢ²/Σnᵢ)/(p−1);
    s_L² = max(0, (s_d² − s_r²)/n̄). Laboratories are compared under the same seed only: sums of
    squares, degrees of freedom and the numerator of n̄ are added up over the seeds.
    """
    ran, runs, last = n > 0, n.sum(-2), (-2, -1)
    centre = (n * mean).sum(-2) / np.maximum(runs, 1)
    degrees = (n - ran).sum(last)
    apart = np.maximum(ran.sum(-2) - 1, 0).sum(-1)
    within = _ratio(squares.sum(last), degrees)
    # The rounding of the centre must not set environments apart that agree.
    lowest, highest = np.where(ran, mean, np.inf).min(-2), np.where(ran, mean, -np.inf).max(-2)
    squared = (n * (mean - centre[..., None, :]) ** 2).sum(-2)
    between = _ratio(np.where(lowest < highest, squared, 0.0).sum(-1), apart)
    size = _ratio((runs - (n**2).sum(-2) / np.maximum(runs, 1)).sum(-1), apart)
    general = (n * mean).sum(last) / n.sum(last)
    return general, within, np.maximum(0.0, _ratio(between - within, size))


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return above/below, 0 where there is nothing below."""
    quotient: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return quotient


def weighed(cells: Moments) -> tuple[Floats, Floats, Floats]:
    """Return counts, means and squares as numbers, 0 where there is no run."""
    n = cells.n.astype(float)
    return n, np.where(n > 0, cells.mean, 0.0), np.where(n > 0, cells.squares, 0.0)


def by_laboratory(cells: Moments) -> Moments:
    """Return one group for each laboratory: what it is apart from the others under the same seeds.

    With n runs of s seeds it counts for n − s + 1, which leaves it the degrees of freedom it has.
    """
    if cells.n.shape[-1] == 1:
        return Moments(**{field.name: getattr(cells, field.name)[:, 0] for field in fields(cells)})
    n, mean, squares = weighed(cells)
    centre = (n * mean).sum(0) / np.maximum(n.sum(0), 1)
    apart = (n * (mean - centre)).sum(1) / n.sum(1)
    return Moments(
        n=(cells.n - (cells.n > 0)).sum(1) + 1,
        mean=apart,
        squares=squares.sum(1),
        low=apart,
        high=apart,
    )
