"""One set that holds in every table, and the environments relabelled once for all of them."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd
import pytest
import worlds

from osgrepro.analysis import analyze
from osgrepro.analysis.causes.environments import environments
from osgrepro.analysis.causes.joint import Table, joint_attributions
from osgrepro.analysis.findings import JointAttribution, NotAssessable

LETTERS = {letter: number / 8 for number, letter in enumerate("ABCDEFGHIJKLM")}


def runs(frame: pd.DataFrame, tables: int = 3, **changes: Any) -> pd.DataFrame:
    """Return runs of a world in several software environments: a value for each class."""
    rows = worlds.in_tables(frame, tables)
    return rows.assign(**{"metric.accuracy": rows["outcome"].map(LETTERS)}, **changes)


def joint(frame: pd.DataFrame) -> tuple[JointAttribution, ...]:
    return analyze(frame).joint


def named(told: JointAttribution) -> list[tuple[str, ...]]:
    """Return the sets that determine the classes of all tables."""
    causes = told.attribution.causes
    assert not isinstance(causes, NotAssessable)
    return [cause.attributes for cause in causes]


def test_one_table_has_nothing_to_say_together() -> None:
    world = worlds.with_cause(np.random.default_rng(1), ["cpu_vendor"])
    assert joint(runs(world, tables=1)) == ()


def test_what_holds_in_every_software_environment_is_one_coincidence() -> None:
    world = worlds.with_cause(np.random.default_rng(1), ["cpu_model"])
    (told,) = joint(runs(world))
    alone = analyze(runs(world, tables=1)).experiments[0].attribution[0]
    assert (told.experiments, told.software, told.tables) == (("mnist",), ("s0", "s1", "s2"), 3)
    assert named(told) == [("cpu_model",)]
    assert [own.share for own in told.attribution.chances] == [own.share for own in alone.chances]


def test_a_set_has_to_hold_in_all_experiments() -> None:
    random = np.random.default_rng(2)
    first = runs(worlds.with_cause(random, ["cpu_vendor"]))
    second = runs(worlds.with_cause(random, ["cpu_avx512f"])).assign(experiment="imdb")
    *_, told = joint(pd.concat([first, second], ignore_index=True))
    assert told.experiments == ("imdb", "mnist")
    assert told.tables == 6
    assert ("cpu_vendor",) not in named(told)
    assert any({"cpu_vendor", "cpu_avx512f"} == set(names) for names in named(told))


def test_hardware_that_one_table_lacks_is_in_none() -> None:
    frame = runs(worlds.with_cause(np.random.default_rng(3), ["cpu_vendor"]))
    lacking = frame[(frame["software"] != "s1") | (frame["hardware"] != "m00")]
    (told,) = joint(lacking)
    assert told.attribution.hardware == 12


@pytest.mark.simulation
def test_classes_without_a_cause_are_not_explained_by_repeating_them() -> None:
    random = np.random.default_rng(6)
    named_as_causes = 0
    for _ in range(100):
        frame = worlds.in_tables(worlds.without_cause(random), 3)
        places = environments(frame, frame["outcome"], ascii_uppercase, worlds.VARYING)
        (told,) = joint_attributions([Table(experiment="m", environments=own) for own in places])
        named_as_causes += (
            not isinstance(told.attribution.causes, NotAssessable)
            and not told.attribution.by_chance
        )
    # Three standard errors above 5 % of 100.
    assert named_as_causes <= 5 + 3 * 2.18


def test_tables_without_common_hardware_say_so() -> None:
    frame = runs(worlds.with_cause(np.random.default_rng(3), ["cpu_vendor"]), tables=2)
    first = frame[(frame["software"] == "s0") & (frame["hardware"] < "m05")]
    for common in ("m05", "m04"):
        second = frame[(frame["software"] == "s1") & (frame["hardware"] >= common)]
        (told,) = joint(pd.concat([first, second]))
        assert isinstance(told.attribution.causes, NotAssessable)
        only = "only m04" if common == "m04" else "no hardware environment"
        assert told.attribution.causes.why == f"{only} has one class in each of the 2 tables"


def test_a_value_that_one_table_lacks_is_that_of_another() -> None:
    frame = runs(worlds.with_cause(np.random.default_rng(3), ["cpu_vendor"]), tables=2)
    frame.loc[(frame["software"] == "s0") & (frame["hardware"] < "m03"), "cpu_vendor"] = None
    (told,) = joint(frame)
    assert "cpu_vendor" in told.attribution.considered
