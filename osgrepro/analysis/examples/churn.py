"""Label churn between environments, seeds and repeats, and the examples that it strikes.

Called for one experiment at a time. An environment stands with what most of its runs predicted
under a seed; that its own repeats disagree is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.examples.flips import by_class, flips
from osgrepro.analysis.examples.levels import levels
from osgrepro.analysis.examples.pairs import Compared
from osgrepro.analysis.examples.predictions import LabelReader, Predictions, predictions
from osgrepro.analysis.examples.standing import standing
from osgrepro.analysis.findings import Examples, NotAssessable
from osgrepro.analysis.seeds import TOO_MANY, seed_codes, too_many
from osgrepro.analysis.statistics import agreement
from osgrepro.analysis.statistics.moments import Floats, Integers


def examples(runs: pd.DataFrame, labels: LabelReader | None) -> Examples | NotAssessable:
    """Return what the runs of an experiment predict, example by example.

    Parameters
    ----------
    runs : DataFrame
        Runs that ended well.
    labels : callable or None
        Reads labels by their hash, such as ``partial(dataset.labels, path)``.
    """
    known = predictions(runs, labels)
    if isinstance(known, NotAssessable):
        return known
    cells, names = cell_codes(known.runs)
    seeds, count = seed_codes(known.runs)
    if too_many(names, count):
        return TOO_MANY
    table = pd.DataFrame({"cell": cells, "seed": seeds, "row": known.rows})
    differ = agreement.churn(known.vectors)
    stands, tied = standing(table, names, differ)
    compared = Compared(known, names, stands, differ, _right(known))
    divided = [agreement.disagreement(*voting, known.classes) for voting in _votings(known, stands)]
    shares = np.mean(divided, axis=0) if divided else np.zeros(known.vectors.shape[1])
    everywhere = int(np.all(np.array(divided) > 0, axis=0).sum()) if len(divided) > 1 else None
    return Examples(
        items=known.vectors.shape[1],
        classes=known.classes,
        runs=len(table),
        vectors=len(known.vectors),
        left_out=known.left_out,
        levels=tuple(levels(table, stands, differ)),
        pairs=tuple(compared.pairs()),
        equal=compared.equal(),
        by_class=by_class(known, shares),
        flipping=int((shares > 0).sum()),
        always=everywhere,
        flips=tuple(flips(known, shares, stands)),
        tied=tied,
    )


def _right(known: Predictions) -> Floats | None:
    """Return how many labels of each vector are right; None where nobody knows."""
    if known.truth is None:
        return None
    right = agreement.right(known.vectors, known.truth)
    return np.asarray(right.sum(axis=1), dtype=np.float64)


def _votings(known: Predictions, stands: pd.DataFrame) -> Iterator[tuple[Any, Integers]]:
    """Yield for each seed with two environments the labels, and how many predict each row."""
    for _, group in stands.groupby("seed")["row"]:
        rows, voters = np.unique(group.to_numpy(), return_counts=True)
        if len(group) > 1:
            yield known.vectors[rows], voters
