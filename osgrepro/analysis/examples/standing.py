"""What stands for each environment under each seed: what most of its runs predict.

Called for the churn, which compares what stands.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from osgrepro.analysis.statistics.moments import Integers


def standing(
    table: pd.DataFrame, names: list[tuple[str, str]], differ: Integers
) -> tuple[pd.DataFrame, int]:
    """Return what most runs of each cell predict under each seed, and how often several do.

    Of predictions that are equally frequent the one stands that is nearest to all runs under the
    seed, so that no difference is made of a tie.
    """
    votes = table.groupby(["cell", "seed", "row"]).size().rename("voters").reset_index()
    votes = votes.merge(_apart(table, differ), on=["seed", "row"])
    order = ["cell", "seed", "voters", "apart", "row"]
    votes = votes.sort_values(order, ascending=[True, True, False, True, True])
    most = votes["voters"] == votes.groupby(["cell", "seed"])["voters"].transform("first")
    tied = votes[most].duplicated(["cell", "seed"]).groupby([votes["cell"], votes["seed"]]).any()
    shown: pd.DataFrame = votes.drop_duplicates(["cell", "seed"]).drop(columns=["voters", "apart"])
    cells = shown["cell"].to_numpy()
    for place, factor in enumerate(("software", "hardware")):
        shown[factor] = np.array([name[place] for name in names], dtype=object)[cells]
    return shown, int(tied.sum())


def _apart(table: pd.DataFrame, differ: Integers) -> pd.DataFrame:
    """Return on how many examples each row differs from all runs under a seed, together."""
    pieces = []
    for seed, rows in table.groupby("seed")["row"]:
        own, voters = np.unique(rows.to_numpy(), return_counts=True)
        apart = differ[np.ix_(own, own)] @ voters
        pieces.append(pd.DataFrame({"seed": seed, "row": own, "apart": apart}))
    together: pd.DataFrame = pd.concat(pieces)
    return together
