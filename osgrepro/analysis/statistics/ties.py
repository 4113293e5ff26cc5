"""What repeats that agree leave open. It needs no library, so that commands start without one."""

from __future__ import annotations


def p_upper(trials: int) -> float:
    """Return the upper 95 % bound of the probability that a run disagrees, after trials that agree.

    Trials are runs that were held against a class that was known before them. Of k runs of a cell
    the first finds the class, so that they are k − 1 trials: taken for k, the bound would be wrong
    in up to 20 % of the cells with two repeats instead of 5 %. Of k runs held against those of
    another cell, or of another time, all are.

    Notes
    -----
    p_upper = 1 − 0.05^(1/m), the one-sided exact bound of Clopper and Pearson (Biometrika 26,
    1934) with no success in m trials; about 3/m, the rule of three (Hanley, JAMA 249, 1983).
    """
    return 1 - float(0.05 ** (1 / trials))
