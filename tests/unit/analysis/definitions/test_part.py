"""A part of the runs is analysed as if there were no others, and the findings say so."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import pytest

from osgrepro.analysis import Part, analyze
from osgrepro.analysis.definitions import select
from osgrepro.common.errors import UsageError


def runs() -> pd.DataFrame:
    """Return two experiments on two CPUs and a GPU, with two seeds each; the GPU differs."""
    rows: list[dict[str, Any]] = [
        {
            "experiment": experiment,
            "software": "tf",
            "hardware": hardware,
            "seed": seed,
            "repeat": 1,
            "status": "ok",
            "gpu_name": "A40" if hardware == "gpu" else None,
            "metric.accuracy": 0.5 + (hardware == "gpu") / 4 + seed / 64,
        }
        for experiment in ("mnist", "imdb")
        for hardware in ("cpu1", "cpu2", "gpu")
        for seed in (2, 11)
    ]
    frame = pd.DataFrame(rows)
    return frame.astype({"experiment": "category", "hardware": "category"})


@pytest.mark.parametrize(
    ("only", "processor", "left"),
    [
        ({}, None, 12),
        ({"experiment": ["mnist"]}, None, 6),
        ({"hardware": ["cpu1", "gpu"], "experiment": ["mnist"]}, None, 4),
        ({"seed": ["11"]}, "CPU", 4),
        ({}, "GPU", 4),
    ],
)
def test_values_of_one_key_are_alternatives_and_keys_narrow_each_other_down(
    only: dict[str, list[str]], processor: Literal["CPU", "GPU"] | None, left: int
) -> None:
    assert len(select(runs(), Part(only=only, processor=processor))) == left


def test_nothing_of_the_other_runs_is_in_the_findings() -> None:
    found = analyze(runs(), part=Part(only={"experiment": ["mnist"]}, processor="CPU"))
    assert found.data.hardware == ("cpu1", "cpu2")
    assert found.data.experiments == ("mnist",)
    assert {cell.hardware for cell in found.experiments[0].cells} == {"cpu1", "cpu2"}
    assert {one.scope for one in found.experiments[0].attribution} == {"CPU"}
    assert found.data.part == ("runs on CPUs", "experiment mnist")


def test_the_whole_is_no_part() -> None:
    assert analyze(runs()).data.part == ()
    assert analyze(runs(), part=Part()) == analyze(runs())


@pytest.mark.parametrize(
    ("only", "message", "hint"),
    [
        ({"hardware": ["cpu3"]}, "no run has this hardware; did you mean", "cpu1, cpu2, gpu"),
        ({"seed": ["3"]}, "--only seed=3: no run has this seed", "name one that there is: 2, 11"),
        ({"hardware": ["gpu"]}, "no run is left: none of 12 is of this part", "leave out"),
    ],
)
def test_a_part_without_runs_is_refused(
    only: dict[str, list[str]], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        select(runs(), Part(only=only, processor="CPU"))
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")


def test_an_emulated_environment_can_be_asked_for_by_its_own_name() -> None:
    both = pd.concat([runs(), runs().assign(emulated=True)[lambda own: own["hardware"] == "cpu1"]])
    own = analyze(both, part=Part(only={"hardware": ["cpu1 (emulated)"]}))
    assert (own.data.rows, own.data.hardware) == (4, ("cpu1 (emulated)",))
    # Its name is that of both, which are compared.
    shared = analyze(both, part=Part(only={"hardware": ["cpu1"]})).data
    assert (shared.rows, shared.copies) == (4, 4)
    with pytest.raises(UsageError, match="no run has this hardware") as refused:
        analyze(both, part=Part(only={"hardware": ["cpu2 (emulated)"]}))
    assert "cpu1 (emulated)" in refused.value.hint
