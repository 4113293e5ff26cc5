"""The restricted likelihood of a full grid of crossed factors: mean squares are all it needs.

Called by the variance components where all cells have the same number of runs or no residual.
"""

from __future__ import annotations

import numpy as np

from osgrepro.analysis.statistics.anova import MeanSquares
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.reml.fitting import Likelihood, Point, impossible


def likelihood(table: MeanSquares, mean: float) -> Likelihood | None:
    """Return the likelihood of variances in the table's order, None where all means are the same.

    Notes
    -----
    −2·log L = Σ νᵢ(log θᵢ + MSᵢ/θᵢ), θ the expected mean squares: S. R. Searle, G. Casella, C. E.
    McCulloch, Variance Components (1992), 4.5. Where no raw estimate is below 0, these are its
    largest point. A mean square of 0, like those of all sets that its own is part of, has no
    likelihood, and its variance is exactly 0.
    """
    nothing = np.array(
        [not (table.squares[row > 0]).any() for row in table.expected], dtype=np.bool_
    )
    if nothing.all():
        return None
    used = ~nothing
    expected, squares, degrees = (
        table.expected[np.ix_(used, used)],
        table.squares[used],
        table.degrees[used],
    )
    unit = float(np.abs(table.raw).max())
    scaled = squares / unit

    def at(variances: Floats) -> Point:
        theta = expected @ variances
        if theta.min() <= 0:
            return impossible(len(theta))
        rest = degrees * (1 - scaled / theta) / theta
        return Point(
            float((degrees * (np.log(theta) + scaled / theta)).sum()),
            expected.T @ rest,
            expected.T @ (expected * (degrees / theta**2)[:, None]),
        )

    return Likelihood(
        at=at,
        mean=lambda _: mean,
        used=used,
        least=np.zeros(int(used.sum())),
        starts=[np.maximum(table.raw[used], 0.0) / unit],
        unit=unit,
    )
