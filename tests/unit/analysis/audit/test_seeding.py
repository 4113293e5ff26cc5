"""What was not seeded is no repeat that disagrees, and a seed without effect is no agreement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze, lettered, preview
from osgrepro.analysis.findings import ExperimentFindings, NotAssessable, Outcomes


def runs(value: Callable[[str, int, int], str], **changes: Any) -> pd.DataFrame:
    """Return two runs with each of two seeds on each of two hardware environments."""
    return pd.DataFrame(
        [
            {
                "experiment": "own",
                "software": "torch",
                "hardware": hardware,
                "status": "ok",
                "seed": seed,
                "repeat": repeat,
                "keras_backend": "torch",
                "primary_metric": "loss",
                "metric.loss": 0.25 * repeat,
                "final_weights": value(hardware, seed, repeat),
                **changes,
            }
            for hardware in ("a", "b")
            for seed in (1, 2)
            for repeat in (1, 2)
        ]
    )


def loose(hardware: str, seed: int, repeat: int) -> str:
    """Return weights that no two runs share."""
    return f"{hardware}{seed}{repeat}"


def own(frame: pd.DataFrame) -> ExperimentFindings:
    return analyze(frame).experiments[0]


def test_runs_that_were_not_seeded_are_in_no_class_and_disagree_with_none() -> None:
    frame = runs(loose, seeded=False)
    found = analyze(frame)
    (one,) = found.experiments
    assert isinstance(one.outcomes, NotAssessable)
    assert one.outcomes.why == "the runs were not seeded"
    for cell in one.cells:
        assert (cell.ok, cell.unseeded, dict(cell.classes)) == (4, 4, {})
        assert isinstance(cell.repeatability, NotAssessable)
        assert (cell.minimum, cell.maximum) == (0.25, 0.5)
    assert one.attribution == ()
    assert [verdict.answer for verdict in found.verdicts[:2]] == ["not assessable"] * 2
    (note,) = [note for note in found.design if note.kind == "not seeded"]
    assert note.text.startswith(
        "8 runs of own were not seeded (framework torch): their differences say nothing about "
        "machines"
    )


@pytest.mark.parametrize("seeded", [True, None])
def test_only_what_certainly_was_not_seeded_is_left_out(seeded: bool | None) -> None:
    (one,) = analyze(runs(loose, seeded=seeded)).experiments
    assert [cell.repeatability for cell in one.cells] == ["nondeterministic"] * 2


def test_the_seeded_runs_of_a_cell_are_judged_without_the_others() -> None:
    frame = runs(lambda hardware, seed, _: f"{hardware}{seed}")
    extra = runs(loose, seeded=False)
    one = own(pd.concat([frame.assign(seeded=True), extra]))
    assert [cell.repeatability for cell in one.cells] == ["tied"] * 2
    assert [(cell.ok, cell.unseeded) for cell in one.cells] == [(8, 4)] * 2
    assert isinstance(one.outcomes, Outcomes)
    assert (len(one.outcomes.classes), one.outcomes.unplaced) == (4, 0)


def test_what_was_not_seeded_confirms_and_refutes_nothing() -> None:
    assert lettered(runs(loose, seeded=False)) == []


def test_a_seed_that_makes_no_difference_is_told_and_is_no_agreement_of_seeds() -> None:
    found = analyze(runs(lambda *_: "same"))
    (note,) = [note for note in found.design if note.kind == "seed ignored"]
    assert note.text.startswith("All seeds of own end in the same bits in every cell")
    assert "no agreement of seeds" in note.text
    outcome = found.verdicts[1].text
    assert "with 2 seeds" not in outcome
    assert (
        "; with torch 2 seeds end in the same bits, so that the seed seems to be ignored" in outcome
    )


@pytest.mark.parametrize(
    "value",
    [lambda _h, seed, _r: f"{seed}", lambda hardware, seed, _r: "x" if hardware == "a" else seed],
)
def test_seeds_that_make_a_difference_somewhere_are_not_said_to_be_ignored(value: Any) -> None:
    found = analyze(runs(lambda *which: str(value(*which))))
    assert not [note for note in found.design if note.kind == "seed ignored"]


def test_a_software_that_ignores_the_seed_is_named_among_others() -> None:
    frame = pd.concat(
        [
            runs(lambda *_: "same"),
            runs(lambda _h, seed, _r: f"{seed}", software="tensorflow"),
        ]
    )
    outcomes = own(frame).outcomes
    assert isinstance(outcomes, Outcomes)
    assert outcomes.seed_ignored == ("torch",)


def test_an_accuracy_may_be_too_coarse_to_show_a_seed() -> None:
    frame = runs(lambda *_: "same").drop(columns=["final_weights", "metric.loss", "primary_metric"])
    (note,) = [
        note
        for note in analyze(frame.assign(**{"metric.accuracy": 1.0})).design
        if note.kind == "seed ignored"
    ]
    assert "or the metric is too coarse" in note.text


def test_a_collection_says_both() -> None:
    kinds = [note.kind for note in preview(runs(lambda *_: "same")).notes]
    assert kinds == ["seed ignored"]
    kinds = [note.kind for note in preview(runs(loose, seeded=False)).notes]
    assert kinds == ["not seeded"]
