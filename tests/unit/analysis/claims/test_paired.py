"""Two experiments that kept the labels of the same test items, compared item by item."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Findings, from_json, to_json
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Claim

TRUTH = np.arange(200) % 3
BETTER = Claim(name="c", a="new", b="old", metric="accuracy", test="mcnemar")
Runs = Mapping[tuple[str, str, int], Collection[Any]]


def wrong(*items: int) -> Any:
    """Return the true labels but for these items."""
    labels = TRUTH.copy()
    labels[list(items)] = (labels[list(items)] + 1) % 3
    return labels


class Labelled:
    """Runs by experiment, hardware and seed, and a reader of their labels."""

    def __init__(self, known: Runs, **columns: Any) -> None:
        self.vectors: dict[str, Any] = {}
        self.runs = pd.DataFrame(
            [
                {
                    "experiment": experiment,
                    "software": "tf",
                    "hardware": hardware,
                    "seed": seed,
                    "status": "ok",
                    "metric.accuracy": float((vector == TRUTH).mean()),
                    "predicted_labels_sha256": self._kept(vector),
                    "true_labels_sha256": self._kept(TRUTH),
                    **columns,
                }
                for (experiment, hardware, seed), vectors in known.items()
                for vector in vectors
            ]
        )

    def _kept(self, vector: Any) -> str:
        name = hashlib.sha256(np.asarray(vector, "<u1").tobytes()).hexdigest()
        self.vectors[name] = np.asarray(vector, "<u1")
        return name

    def labels(self, hashes: Collection[str], _column: str) -> dict[str, Any]:
        return {name: self.vectors[name] for name in hashes if name in self.vectors}

    def said(self, *claims: Claim) -> Findings:
        return analyze(self.runs, claims or (BETTER,), labels=self.labels)


def everywhere(new: Any, old: Any, hardware: str = "ab") -> dict[tuple[str, str, int], list[Any]]:
    return {
        (name, machine, 1): [vector]
        for name, vector in (("new", new), ("old", old))
        for machine in hardware
    }


def test_the_items_that_divide_two_models_decide() -> None:
    # Right alone on 12 items, wrong alone on 2; both are wrong on item 199.
    world = Labelled(everywhere(wrong(0, 1, 199), wrong(*range(2, 14), 199)))
    found = world.said()
    (one,) = found.claims
    p = stats.binomtest(12, 14, 0.5, alternative="greater").pvalue
    assert [cell.p for cell in one.cells] == pytest.approx([p, p])
    assert (one.answer, one.holds, one.test) == ("yes", 2, "mcnemar")
    assert one.together is not None
    # The machines share the items, so that together they know no more.
    assert one.together.p_holm == pytest.approx(p)
    assert from_json(json.dumps(to_json(found)), "here") == found


def test_machines_that_differ_on_the_same_items_are_seen_to() -> None:
    known = everywhere(wrong(0, 1), wrong(*range(2, 22)), "a")
    known |= everywhere(wrong(*range(2, 22)), wrong(0, 1), "b")
    (one,) = Labelled(known).said().claims
    assert (one.answer, one.holds, one.against) == ("partly", 1, 1)
    assert one.heterogeneity is not None
    assert one.heterogeneity.p < 0.001


def test_each_seed_counts_once_and_repeats_are_parts_of_it() -> None:
    good, bad = wrong(0), wrong(*range(1, 11))
    known: dict[tuple[str, str, int], list[Any]] = {
        ("new", "a", 1): [good, good],
        ("new", "a", 2): [good],
        ("old", "a", 1): [bad, bad],
        ("old", "a", 2): [TRUTH],
    }
    (one,) = Labelled(known).said().claims
    # Ten items are won by a half each, and one is lost by a whole.
    assert one.cells[0].difference == pytest.approx((10 * 0.5 - 1) / 200)
    assert one.cells[0].p is not None


@pytest.mark.parametrize("lacking", ["labels", "truth", "metric", "reader", "seed"])
def test_without_the_labels_of_the_same_items_it_can_not_be_judged(lacking: str) -> None:
    world = Labelled(everywhere(wrong(0), wrong(*range(1, 11))))
    old, reader = world.runs["experiment"] == "old", world.labels
    if lacking == "labels":
        world.runs.loc[old, "predicted_labels_sha256"] = None
    elif lacking == "truth":
        world.runs.loc[old, "true_labels_sha256"] = world._kept((TRUTH + 1) % 3)
    elif lacking == "metric":
        # An accuracy of other items: of the validation, say.
        world.runs.loc[old, "metric.accuracy"] = 0.5
    elif lacking == "seed":
        world.runs["seeded"] = ~old
    found = analyze(world.runs, [BETTER], labels=None if lacking == "reader" else reader)
    (one,) = found.claims
    assert (one.answer, one.environments) == ("not assessable", 0)
    assert "the labels of the same test items" in one.text


@pytest.mark.parametrize("changes", [{"b": None}, {"delta": 0.01}])
def test_it_is_for_two_experiments_without_a_margin(changes: Any) -> None:
    world = Labelled(everywhere(wrong(0), wrong(1)))
    with pytest.raises(UsageError, match="compares a with b on the same items"):
        world.said(BETTER.model_copy(update=changes))


def test_it_is_another_way_to_ask_a_claim() -> None:
    world = Labelled(everywhere(wrong(0, 1), wrong(*range(2, 14))))
    ways = ({"test": "mcnemar"}, {"test": "mcnemar", "delta": 0.01})
    claim = Claim(name="c", a="new", b="old", metric="accuracy", alternatives=ways)
    assert dict(world.said(claim).claims[0].alternatives) == {
        "test mcnemar": True,
        "test mcnemar, delta 0.01": None,
    }
