"""What two experiments get right of the same test items, environment by environment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.claims.samples import Place
from osgrepro.analysis.examples.predictions import LabelReader, Predictions, predictions
from osgrepro.analysis.findings import NotAssessable
from osgrepro.analysis.seeds import seed_codes
from osgrepro.analysis.statistics import agreement
from osgrepro.analysis.statistics.moments import Floats
from osgrepro.common.models import Claim


def paired(
    claim: Claim, runs: Mapping[str, pd.DataFrame], labels: LabelReader | None
) -> Mapping[Place, Floats]:
    """Return for each environment how often a is right on each item, less how often b is.

    Each seed counts once, and its repeats are parts of it. Empty where labels are unknown, or those
    of a and b are of other items.

    Parameters
    ----------
    claim : Claim
        A comparison of two experiments.
    runs : mapping
        The runs of each.
    labels : callable or None
        Reads labels by their hash.
    """
    first, second = (
        _right(predictions(frames.ok(runs[name]), labels)) for name in (claim.a, claim.b or claim.a)
    )
    if first is None or second is None or not np.array_equal(first[0], second[0]):
        return {}
    return {
        place: right - second[1][place] for place, right in first[1].items() if place in second[1]
    }


def _right(known: Predictions | NotAssessable) -> tuple[Floats, dict[Place, Floats]] | None:
    """Return the true labels, and how often each environment is right on each item."""
    if isinstance(known, NotAssessable) or known.truth is None:
        return None
    right = agreement.right(known.vectors, known.truth).astype(np.float64)
    cells, places = cell_codes(known.runs)
    votes = pd.DataFrame({"cell": cells, "seed": seed_codes(known.runs)[0], "row": known.rows})
    votes = votes.groupby(["cell", "seed", "row"]).size().rename("runs").reset_index()
    # Of a cell each seed has the same weight, and of a seed each run.
    votes["weight"] = votes["runs"] / votes.groupby(["cell", "seed"])["runs"].transform("sum")
    votes["weight"] /= votes.groupby("cell")["seed"].transform("nunique")
    return known.truth, {
        places[int(cell)]: own["weight"].to_numpy() @ right[own["row"].to_numpy()]
        for cell, own in votes.groupby("cell")
    }
