"""Whether effects in several environments differ, and what they are together where they do not.

Called by the claims, before any disagreement is spoken of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from osgrepro.analysis.findings import Heterogeneity
from osgrepro.analysis.statistics import quantiles
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.tests import Estimate

# Relative to the largest value: a residual as small as this is what adding up rounded away.
_ROUNDING = 64 * np.finfo(np.float64).eps


def cochran(effects: Floats, variances: Floats, degrees: Floats) -> Heterogeneity:
    """Return Cochran's Q of effects, each with the variance of its error and that one's degrees.

    Effects without a variance are known exactly: two that differ leave no doubt, and p is 0.

    Notes
    -----
    Q = Σwᵢ(dᵢ − d̄)², w = 1/v, d̄ their weighted mean: W. G. Cochran, Biometrics 10, 101 (1954).
    Variances are estimated from few runs, so that Q/(k − 1) is divided by
    1 + 2(k − 2)/(k² − 1)·Σ(1 − wᵢ/W)²/fᵢ and held against F with k − 1 and
    (k² − 1)/(3Σ(1 − wᵢ/W)²/fᵢ) degrees of freedom: B. L. Welch, Biometrika 38, 330 (1951). With F
    that ratio, I² = 1 − 1/F, or 0: J. P. T. Higgins, S. G. Thompson, Statistics in Medicine 21,
    1539 (2002). With two or three runs each this is wrong too often, so that the unweighted
    effects have to differ as well, by their variance over the mean of vᵢ, with Satterthwaite's
    degrees of freedom: M. B. Brown, A. B. Forsythe, Technometrics 16, 129 (1974). Of the two the
    larger p counts, and what is returned is all of that test.
    """
    exact = variances == 0
    if exact.any():
        if np.ptp(effects[exact]) > 0:
            return _exact(len(effects) - 1, differ=True)
        # They are one effect, known much better than any other.
        first = np.flatnonzero(exact)[:1]
        kept = np.concatenate([first, np.flatnonzero(~exact)])
        if len(kept) == 1:
            return _exact(len(effects) - 1, differ=False)
        effects, variances, degrees = effects[kept], variances[kept].copy(), degrees[kept].copy()
        variances[0], degrees[0] = variances[1:].min() * 1e-12, np.inf
    count, weights = len(effects), 1 / variances
    part = weights / weights.sum()
    q = float((weights * (effects - (part * effects).sum()) ** 2).sum())
    apart = float(((1 - part) ** 2 / degrees).sum())
    ratio = q / (count - 1) / (1 + 2 * (count - 2) / (count**2 - 1) * apart)
    second = (count**2 - 1) / (3 * apart) if apart else np.inf
    plain = float(effects.var(ddof=1) / variances.mean())
    freedom = _satterthwaite(variances, degrees)
    return max(
        _tested("Welch", q, count - 1, ratio, second),
        _tested("Brown-Forsythe", plain * (count - 1), count - 1, plain, freedom),
        key=lambda tested: tested.p,
    )


def _exact(degrees: int, *, differ: bool) -> Heterogeneity:
    """Return that effects without an error differ, or that they do not."""
    return Heterogeneity(
        q=None if differ else 0.0,
        degrees=degrees,
        p=float(not differ),
        i_squared=float(differ),
        test="exact",
    )


def by_blocks(table: Floats, least: float = 0.0) -> Heterogeneity:
    """Return the same of effects × seeds, where each environment ran with every seed.

    What a seed does everywhere is no error of the comparison, so that it is taken off. What is left
    has at least the variance ``least``, which effects in steps have although all may tie.

    Notes
    -----
    The F test of randomised blocks, of which Q is k − 1 times the ratio: R. A. Fisher, The Design
    of Experiments (1935). Environments may scatter unequally, or alike, so that both degrees of
    freedom are multiplied by ε = (tr S)²/((k − 1) tr S²), S the covariance of the residuals: G. E.
    P. Box, Annals of Mathematical Statistics 25, 484 (1954); S. W. Greenhouse, S. Geisser,
    Psychometrika 24, 95 (1959).
    """
    rows, columns = table.shape
    means, rest = table.mean(1), residuals(table)
    between = columns * float(((means - means.mean()) ** 2).sum()) / (rows - 1)
    within = max(least, float((rest**2).sum()) / ((rows - 1) * (columns - 1)))
    tiny = (_ROUNDING * float(np.abs(table).max())) ** 2
    if within <= tiny:
        return _exact(rows - 1, differ=between > tiny)
    first = _sphericity(np.where(rest**2 > tiny, rest, 0.0)) * (rows - 1)
    ratio = between / within
    q = ratio * (rows - 1)
    return _tested("blocks", q, rows - 1, ratio, first * (columns - 1), first)


def by_items(table: Floats) -> Heterogeneity:
    """Return the same of effects × test items, of which only a few may vary between environments.

    Notes
    -----
    Without a difference of the environments what each item adds to it is as likely as its contrary,
    all environments of an item at once, however unequally they scatter. So Σ(dᵢ − d̄)² is held
    against that of all changes of sign, or of a sample of them: R. A. Fisher, The Design of
    Experiments (1935), section 21. Of four items that vary the smallest p is 1/8, where F is beyond
    its 5 % as often.
    """
    apart = table - table.mean(0)
    apart = apart[:, np.abs(apart).max(0) > _ROUNDING]
    by_ratio = by_blocks(table)
    if not 0 < apart.shape[1] <= _FEW_ITEMS or by_ratio.test == "exact":
        return by_ratio
    items = apart.shape[1]
    if items <= _ENUMERATED:
        # The first keeps its sign: the contrary of all has the same square.
        kept = np.arange(2 ** (items - 1))[:, None] >> np.arange(items) & 1
    else:
        kept = np.random.default_rng(0).integers(0, 2, (_DRAWN, items))
    sums = (1.0 - 2.0 * kept) @ apart.T
    squares, seen = (sums**2).sum(1), float((apart.sum(1) ** 2).sum())
    reached = int((squares >= seen - _ROUNDING * float(squares.max())).sum())
    enumerated = items <= _ENUMERATED
    p = reached / len(squares) if enumerated else (reached + 1) / (len(squares) + 1)
    return replace(by_ratio, p=p, test="signs")


# As many changes of sign are all counted, and of more so many are drawn.
_ENUMERATED, _DRAWN = 14, 9999
# Of more items than these F is close to what all changes of sign say.
_FEW_ITEMS = 200


def residuals(table: Floats) -> Floats:
    """Return what rows and columns together leave of a table."""
    means = table.mean(1, keepdims=True)
    rest: Floats = table - means - table.mean(0, keepdims=True) + table.mean()
    return rest


def _sphericity(rest: Floats) -> float:
    """Return Box's ε of residuals, between 1/(k − 1) and 1."""
    largest = np.abs(rest).max()
    if largest == 0:
        return 1 / (len(rest) - 1)
    scaled = rest / largest
    products = scaled @ scaled.T
    return float(np.trace(products) ** 2 / ((len(rest) - 1) * (products**2).sum()))


def _tested(
    test: Literal["Welch", "Brown-Forsythe", "blocks"],
    q: float,
    degrees: int,
    ratio: float,
    second: float,
    first: float | None = None,
) -> Heterogeneity:
    tail = quantiles.chi_squared_above(ratio * degrees, degrees)
    p = tail if np.isinf(second) else quantiles.fisher_above(ratio, first or degrees, second)
    i_squared = max(0.0, 1 - 1 / ratio) if ratio > 0 else 0.0
    return Heterogeneity(q=q, degrees=degrees, p=float(p), i_squared=i_squared, test=test)


def mean_effect(effects: Floats, variances: Floats, degrees: Floats, *, shared: bool) -> Estimate:
    """Return the unweighted mean of effects with its error.

    Parameters
    ----------
    effects, variances, degrees : array
        Each environment's effect, the variance of its error, and the degrees of freedom of that.
    shared : bool
        Whether the errors have a common part, such as the draw of one test set: then the error is
        taken for as large as if they were all one, √v = Σ√vᵢ/k, which no dependence exceeds.
    """
    count = len(effects)
    value = float(effects.mean())
    if shared:
        variance = float(np.sqrt(variances).mean() ** 2)
        return Estimate(value=value, variance=variance, degrees=float(degrees.min()))
    total = float(variances.sum())
    if total == 0:
        return Estimate(value=value, variance=0.0)
    freedom = _satterthwaite(variances, degrees)
    return Estimate(value=value, variance=total / count**2, degrees=freedom)


def _satterthwaite(variances: Floats, degrees: Floats) -> float:
    """Return the degrees of freedom of a sum of variances."""
    parts = float(((variances / variances.sum()) ** 2 / degrees).sum())
    return 1 / parts if parts else np.inf


def mean_by_blocks(table: Floats, least: float = 0.0) -> Estimate:
    """Return the mean over environments and seeds, where the seeds are what was drawn."""
    by_seed = table.mean(0)
    variance = max(least, float(by_seed.var(ddof=1))) / len(by_seed)
    return Estimate(value=float(by_seed.mean()), variance=variance, degrees=len(by_seed) - 1.0)
