"""Runs and their ids: as many as the matrix has, the same ones every time."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro import campaign
from osgrepro.campaign import matrix
from osgrepro.common import shipped, toml
from osgrepro.common.models import Campaign, Code, DataFile, Matrix

SMALL: dict[str, Any] = {
    "campaign": {"name": "small", "repeats": 3},
    "experiment": [
        {
            "name": "e",
            "entry": "experiments.mnist_convnet:run",
            "params": {"epochs": 2, "rate": 0.5},
            "metrics": ["test_loss"],
            "primary": "test_loss",
        }
    ],
    "software": [{"name": "s1"}, {"name": "s2"}],
    "hardware": [{"name": "h1"}, {"name": "h2"}],
}


def small(**own: Any) -> Campaign:
    return campaign.parse({**SMALL, "campaign": SMALL["campaign"] | own}, "small")


def study() -> Campaign:
    text = (shipped.folder("submit") / "osg-2022.toml").read_text()
    return campaign.parse(toml.loads(text, "osg-2022"), "osg-2022")


def expand(parsed: Campaign, code: str = "c0", data: str | None = "d0") -> Matrix:
    file = DataFile(spec="x.csv", file_name="x.csv", sha256=data, sample=False)
    return matrix.expand(
        parsed,
        code={e.name: Code(entry=e.entry, sha256=code) for e in parsed.experiments},
        data={e.name: (file,) for e in parsed.experiments},
    )


def ids(expanded: Matrix) -> set[str]:
    return {run.run_id for run in expanded.runs}


def test_the_study_has_780_runs_with_780_ids() -> None:
    expanded = expand(study())
    assert len(expanded.runs) == 780
    assert len(ids(expanded)) == 780
    assert study().cells == 156


def test_ids_never_change_by_themselves() -> None:
    """The ids of a published campaign are in its dataset: changing the recipe orphans them."""
    first = expand(small()).runs[0]
    assert first.run_id == "6ace5be56bcc838ad5757c1d"


@pytest.mark.parametrize(
    "other",
    [
        {"code": "c1"},
        {"data": "d1"},
        {"data": None},
        {"own": {"seed": 2}},
        {"own": {"threads": 4}},
    ],
)
def test_whatever_can_change_a_number_changes_every_id(other: dict[str, Any]) -> None:
    own = other.pop("own", {})
    assert ids(expand(small())).isdisjoint(ids(expand(small(**own), **other)))


def test_each_cell_runs_with_each_seed() -> None:
    expanded = expand(small(repeats=2, seeds=[7, 3]))
    assert len(expanded.runs) == len(ids(expanded)) == small(repeats=2, seeds=[7, 3]).size == 16
    assert [(run.seed, run.repeat) for run in expanded.runs[:4]] == [(7, 1), (7, 2), (3, 1), (3, 2)]


def test_a_further_seed_keeps_the_ids() -> None:
    assert ids(expand(small(seed=1))) < ids(expand(small(seeds=[1, 2])))


def test_what_changes_no_number_keeps_the_ids() -> None:
    assert ids(expand(small(name="renamed", trace=True))) == ids(expand(small()))


@given(st.integers(1, 5), st.integers(1, 5))
def test_more_repeats_keep_the_runs_that_were_there(fewer: int, more: int) -> None:
    low, high = sorted((fewer, more))
    assert ids(expand(small(repeats=low))) <= ids(expand(small(repeats=high)))


def with_environment(table: str, **environment: str) -> Matrix:
    mapping = copy.deepcopy(SMALL)
    mapping[table][0]["environment"] = environment
    return expand(campaign.parse(mapping, "small"))


def with_experiment(**own: object) -> Matrix:
    mapping = copy.deepcopy(SMALL)
    mapping["experiment"][0].update(own)
    return expand(campaign.parse(mapping, "small"))


def test_framework_and_determinism_are_part_of_an_id_only_if_they_are_said() -> None:
    before = ids(expand(small()))
    framework = ids(with_experiment(framework="torch"))
    determinism = ids(with_experiment(framework="torch", determinism="warn"))
    assert ids(with_experiment()) == before
    assert before.isdisjoint(framework) and before.isdisjoint(determinism)
    assert framework.isdisjoint(determinism)


def test_a_variable_changes_the_ids_of_the_runs_that_are_given_it() -> None:
    before = {run.run_id: run for run in expand(small()).runs}
    after = {run.run_id for run in with_environment("software", X="1").runs}
    assert {before[kept].software for kept in before.keys() & after} == {"s2"}
    assert before.keys().isdisjoint(ids(with_environment("experiment", X="1")))
    assert ids(with_environment("experiment", X="1")) != ids(with_environment("experiment", X="2"))


def test_no_variables_are_as_none() -> None:
    assert ids(with_environment("software")) == ids(expand(small()))


def test_the_experiments_word_counts() -> None:
    mapping = copy.deepcopy(SMALL)
    mapping["software"][0]["environment"] = {"X": "image", "Y": "image"}
    mapping["experiment"][0]["environment"] = {"X": "script"}
    parsed = campaign.parse(mapping, "small")
    assert parsed.environment("e", "s1") == {"X": "script", "Y": "image"}
    assert parsed.environment("e", "s2") == {"X": "script"}
