"""Critical values of the outlier tests, computed: any number of laboratories has one."""

from __future__ import annotations

import numpy as np

from osgrepro.analysis.statistics import quantiles


def cochran_critical(alpha: float, laboratories: int, repeats: float) -> float:
    """Return the critical value of C = s²_max/Σs², with ``repeats`` runs in each laboratory.

    Notes
    -----
    1/(1 + (p − 1)/F), F the 1 − α/p quantile of F(n − 1, (p − 1)(n − 1)): R. U. E. 't Lam,
    Analytica Chimica Acta 659 (2010); ISO 5725-2:1994, table 4.
    """
    p, nu = laboratories, repeats - 1
    quantile = quantiles.fisher(1 - alpha / p, nu, (p - 1) * nu)
    return float(1 / (1 + (p - 1) / quantile))


def grubbs_critical(alpha: float, laboratories: int) -> float:
    """Return the critical value of G = |ȳ − ȳᵢ|/s for one extreme mean.

    Notes
    -----
    (p − 1)/√p · √(t²/(p − 2 + t²)), t the 1 − α/(2p) quantile of Student's t with p − 2 degrees of
    freedom: F. E. Grubbs, Technometrics 11 (1969); ISO 5725-2:1994, table 5.
    """
    p = laboratories
    t = quantiles.student(1 - alpha / (2 * p), p - 2)
    return float((p - 1) / np.sqrt(p) * np.sqrt(t**2 / (p - 2 + t**2)))


def mandel_h_critical(alpha: float, laboratories: int) -> float:
    """Return the critical value of Mandel's |h|.

    Notes
    -----
    (p − 1)t/√(p(t² + p − 2)), t the 1 − α/2 quantile with p − 2 degrees of freedom: P.-T. Wilrich,
    AStA Advances in Statistical Analysis 97 (2013); ISO 5725-2:1994, tables 6 and 7.
    """
    p = laboratories
    t = quantiles.student(1 - alpha / 2, p - 2)
    return float((p - 1) * t / np.sqrt(p * (t**2 + p - 2)))


def mandel_k_critical(alpha: float, laboratories: int, repeats: float) -> float:
    """Return the critical value of Mandel's k, with ``repeats`` runs in each laboratory.

    Notes
    -----
    √(p/(1 + (p − 1)F)), F the α quantile of F((p − 1)(n − 1), n − 1): Wilrich 2013, as above.
    """
    p, nu = laboratories, repeats - 1
    quantile = quantiles.fisher(alpha, (p - 1) * nu, nu)
    return float(np.sqrt(p / (1 + (p - 1) * quantile)))
