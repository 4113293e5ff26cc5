"""Remote and emulated runs out of one frame: the analysis's letters, and a fast no where it can."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import analyze, lettered
from osgrepro.analysis.replication.replays import confirmations_of
from osgrepro.analysis.replication.rows import rows


def frame(*runs: dict[str, Any]) -> pd.DataFrame:
    """Return runs of one experiment; ``x`` are the bits of their only metric."""
    return pd.DataFrame(
        [
            {
                "experiment": "mnist",
                "software": "tf",
                "hardware": "epyc",
                "status": "ok",
                "seed": 1,
                "emulated": False,
                "metric_hex.loss": run.pop("x"),
                **run,
            }
            for run in runs
        ]
    )


def test_analyze_says_what_emulation_confirms_in_its_own_letters() -> None:
    runs = frame(
        {"x": "0x1p-1", "hardware": "other"},
        {"x": "0x1p-1", "hardware": "other"},
        {"x": "0x1p-2"},
        {"x": "0x1p-2", "emulated": True, "emulation": "intra-op threads 4 + oneDNN capped to AVX"},
    )
    (one,) = analyze(runs).confirmations
    letters = {c.letter: c.hardware for c in analyze(runs).experiments[0].outcomes.classes}
    assert (one.answer, one.remote) == ("confirmed", ("epyc",))
    assert letters[one.remote_class] == letters[str(one.emulated_class)]
    # What stood in for the machine is no further one, and no repeat of it.
    assert letters[one.remote_class] == ("epyc",)
    assert one.emulation == ("intra-op threads 4", "oneDNN capped to AVX")


def test_copies_have_the_letters_that_the_analysis_gives_them() -> None:
    copy = {"x": "0x1p-3", "emulated": True}
    runs = frame(
        {"x": "0x1p-1"}, {"x": "0x1p-2", "hardware": "other"}, *(dict(copy) for _ in "123")
    )
    analysis = analyze(runs)
    cells = {cell.hardware: "".join(cell.classes) for cell in analysis.experiments[0].cells}
    real = {row["hardware"]: row["letter"] for row in lettered(runs) if not row["emulated"]}
    (copied,) = {row["letter"] for row in lettered(runs) if row["emulated"]}
    # The copies' class is the largest, and has a letter behind those of the real runs.
    assert real == cells
    assert copied == analysis.confirmations[0].emulated_class == "C"


def test_nothing_emulated_or_nothing_remote_is_nothing_to_say() -> None:
    for emulated in (False, True):
        runs = frame({"x": "0x1p-1", "emulated": emulated}, {"x": "0x1p-2", "emulated": emulated})
        assert analyze(runs).confirmations == ()
    apart = frame({"x": "0x1p-1"}, {"x": "0x1p-1", "emulated": True, "hardware": "other"})
    assert analyze(apart).confirmations == ()


def test_letters_are_those_of_the_analysis_of_the_same_dataset() -> None:
    runs = frame(*({"x": x, "hardware": x} for x in ["0x1p-3", "0x1p-1", "0x1p-2", "0x1p-1"]))
    told = {row["hardware"]: row["letter"] for row in lettered(runs)}
    classes = analyze(runs).experiments[0].outcomes.classes
    assert told == {one.hardware[0]: one.letter for one in classes}


def test_equal_runs_become_one_row_with_a_count_and_plain_values() -> None:
    runs = frame(*({"x": "0x1p-1"} for _ in range(3)), {"x": "0x1p-2", "seed": np.nan})
    many, one = rows(runs)
    assert (many["count"], one["count"]) == (3, 1)
    assert (many["seed"], one["seed"]) == (1, None)
    assert isinstance(many["seed"], int)
    assert many["metrics"] == [{"name": "loss", "hex": "0x1p-1"}]
    assert (many["emulation"], many["final_weights"], many["letter"]) == ([], None, None)
    assert rows(runs.iloc[:0]) == []


def test_a_million_runs_are_a_handful_of_rows() -> None:
    few = frame({"x": "0x1p-1"}, {"x": "0x1p-2"}, {"x": "0x1p-1", "emulated": True})
    many = few.loc[np.arange(999_999) % 3].reset_index(drop=True)
    (one,) = confirmations_of(many, pd.Series(np.array(["A", "B", "A"])[np.arange(999_999) % 3]))
    assert (one.answer, one.remote_class, one.emulated_class) == ("confirmed", "A B", "A")
