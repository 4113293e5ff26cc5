"""Runs of a former definition are no repeats of the present one, and never mixed with it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze, lettered, preview
from osgrepro.analysis.definitions import choose, current_rows, every_definition
from osgrepro.analysis.findings import Findings, differences, from_json, to_json
from osgrepro.common.errors import UsageError
from osgrepro.common.models import Claim, Definitions

OLD, NEW = "0" * 12, "f" * 12
NOW = Definitions(ids={"mnist": {"tf": NEW}}, hardware=("a", "b"))


def run(hardware: str, value: float, definition: str | None, **changes: Any) -> dict[str, Any]:
    """Return a run as a row of a frame."""
    code = {OLD: "old", NEW: "new"}.get(str(definition))
    return {
        "experiment": "mnist",
        "software": "tf",
        "hardware": hardware,
        "status": "ok",
        "seed": 1,
        "code_sha256": code,
        "threads_requested": "host",
        "definition": definition,
        "metric.accuracy": value,
        "metric.loss": value,
        **changes,
    }


def edited(**changes: Any) -> pd.DataFrame:
    """Return two cells' runs before and after the script was edited, one of them failed."""
    rows = [run(name, 0.5, OLD, **changes) for name in ("a", "b") for _ in range(2)]
    rows += [run("a", 0.5, OLD, status="failed", **changes)]
    rows += [run(name, 0.75, NEW, **changes) for name in ("a", "b") for _ in range(2)]
    return pd.DataFrame(rows)


def shape(found: Findings) -> tuple[int, int, dict[str, list[int]]]:
    """Return how many runs were analysed and failed, and the runs of every cell."""
    return (
        found.data.rows,
        found.data.failed,
        {one.name: [cell.ok for cell in one.cells] for one in found.experiments},
    )


def test_the_campaigns_current_definition_alone_is_analysed() -> None:
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.7)
    found = analyze(edited(), [claim], current=NOW)
    assert shape(found) == (4, 0, {"mnist": [2, 2]})
    assert all(cell.repeatability == "tied" for cell in found.experiments[0].cells)
    assert [cell.a for cell in found.claims[0].cells] == [0.75, 0.75]
    new, old = found.definitions
    assert (new.id, new.rows, new.analysed, new.current, new.differs) == (NEW, 4, 4, True, ())
    assert (old.id, old.rows, old.failed, old.analysed, old.current) == (OLD, 5, 1, 0, False)
    assert old.differs == ("code",)
    assert old.text == "other code"


def test_nothing_is_said_where_all_runs_are_of_one_definition() -> None:
    frame = edited().query("definition == @NEW")
    assert analyze(frame, current=NOW).definitions == ()
    assert analyze(frame).definitions == ()
    whole = analyze(frame.drop(columns=["definition", "code_sha256"]))
    assert whole.definitions == ()


def test_findings_of_before_there_were_definitions_can_be_read() -> None:
    found = analyze(edited().query("definition == @NEW"))
    told = to_json(found)
    del told["definitions"]
    assert differences(found, from_json(json.dumps(told), "before")) == ()


def test_another_definition_is_analysed_instead_if_asked_for() -> None:
    found = analyze(edited(), current=NOW, definitions=["0000"])
    assert shape(found) == (5, 1, {"mnist": [2, 2]})
    assert {one.id: one.name for one in found.definitions} == {OLD: "mnist", NEW: None}


@pytest.mark.parametrize("asked", [["all"], ["0000", "ffff"]])
def test_several_are_compared_each_as_an_experiment_of_its_own(asked: list[str]) -> None:
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.7)
    found = analyze(edited(), [claim], current=NOW, definitions=asked)
    assert shape(found) == (9, 1, {"mnist": [2, 2], f"mnist@{OLD}": [2, 2]})
    assert found.claims[0].holds == found.claims[0].environments == 2


@pytest.mark.parametrize(
    ("word", "message"),
    [("dead", "no such definition"), ("f", "fewer than 4 digits"), ("", "fewer than 4 digits")],
)
def test_a_definition_that_is_not_there_is_refused(word: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        choose(edited(), NOW, [word])
    assert OLD in caught.value.hint


def test_ids_that_begin_alike_are_told() -> None:
    rows = [run("a", 0.5, "abcd1".ljust(12, "0")), run("a", 0.5, "abcd2".ljust(12, "0"))]
    with pytest.raises(UsageError, match="2 definitions begin with it"):
        choose(pd.DataFrame(rows), None, ["abcd"])


def test_without_a_campaign_the_definition_that_ran_last_is_taken() -> None:
    frame = edited()
    began = pd.to_datetime(["2026-03-01"] * 5 + ["2026-02-01"] * 4, utc=True)
    frame["started_at"] = began
    found = analyze(frame)
    assert shape(found) == (5, 1, {"mnist": [2, 2]})
    assert {one.id: one.current for one in found.definitions} == {OLD: None, NEW: None}
    assert found.definitions[0].last == "2026-03-01T00:00:00+00:00"


def test_definitions_are_told_apart_by_what_rows_of_earlier_datasets_tell() -> None:
    frame = edited().assign(definition=None, started_at=pd.Timestamp("2026-01-01", tz="UTC"))
    frame.loc[frame["code_sha256"] == "new", "started_at"] = pd.Timestamp("2026-01-02", tz="UTC")
    found = analyze(frame)
    assert shape(found) == (4, 0, {"mnist": [2, 2]})
    assert [one.differs for one in found.definitions] == [(), ("code",)]


@pytest.mark.parametrize(
    ("column", "values", "label"),
    [
        ("params_json", ('{"a":1}', '{"a":2}'), "parameters"),
        ("data_json", ('[{"sha256":"1"}]', '[{"sha256":"2"}]'), "data"),
        ("entry", ("a.py", "b.py"), "entry"),
        ("threads_requested", ("host", "4"), "threads"),
        ("environment_json", ('{"A":"1"}', '{"A":"2"}'), "environment"),
        ("nothing", (None, None), "arguments"),
    ],
)
def test_what_differs_is_told(column: str, values: tuple[Any, Any], label: str) -> None:
    frame = edited(code_sha256="c")
    frame[column] = [values[0]] * 5 + [values[1]] * 4
    assert [one.differs for one in analyze(frame, current=NOW).definitions] == [(), (label,)]


def test_an_environment_of_its_own_makes_no_second_definition_of_a_software() -> None:
    rows = [
        run("a", 0.5, None, software=name, environment_json=f'{{"A":"{name}"}}', code_sha256="c")
        for name in ("tf", "jax")
    ]
    found = analyze(pd.DataFrame(rows))
    assert (found.data.rows, found.definitions) == (2, ())


def test_cells_that_the_campaign_no_longer_has_are_left_out() -> None:
    gone = pd.DataFrame([run("c", 0.9, NEW)])
    found = analyze(pd.concat([edited(), gone]), current=NOW)
    assert shape(found) == (4, 0, {"mnist": [2, 2]})
    assert found.definitions[0].text == "1 run of cells that the campaign no longer has"
    every = analyze(pd.concat([edited(), gone]), current=NOW, definitions=["all"])
    assert shape(every)[2] == {"mnist": [2, 2, 1], f"mnist@{OLD}": [2, 2]}


def test_a_dataset_of_former_runs_alone_has_nothing_to_say_of_the_present() -> None:
    found = analyze(edited().query("definition == @OLD"), current=NOW)
    assert (found.data.rows, found.experiments) == (0, ())
    (old,) = found.definitions
    assert (old.rows, old.analysed, old.text) == (5, 0, "not the campaign's now")


def test_all_that_looks_at_a_datasets_runs_takes_the_same_ones() -> None:
    frame = edited()
    frame.attrs["osgrepro.definitions"] = NOW.model_dump_json()
    assert analyze(frame).data.rows == 4
    assert current_rows(frame).tolist() == [False] * 5 + [True] * 4
    assert sum(row["count"] for row in lettered(frame)) == 4
    assert sum(one.cell.ok + one.cell.failed for one in preview(frame).cells) == 4
    assert {one.id for one in every_definition(frame)} == {OLD, NEW}
