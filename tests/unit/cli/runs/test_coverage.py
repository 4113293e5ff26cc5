"""The matrix as it is drawn."""

from __future__ import annotations

import pytest
from printed import words

from osgrepro.cli.runs import coverage
from osgrepro.common.models import Hardware
from osgrepro.hardware import Substitute, classes
from osgrepro.workflow.runs.monitoring.coverage import CellCoverage, Suggestion


def cell(hardware: str, software: str, *why: str, **counts: int) -> CellCoverage:
    return CellCoverage(
        experiment="digits",
        hardware=hardware,
        software=software,
        counts={name.replace("_", "-"): count for name, count in counts.items()},
        why=why,
    )


CELLS = [
    cell("epyc", "tf1", done=3, running=2),
    cell("epyc", "tf2", landed_elsewhere=5),
    cell("xeon", "tf1", "starved: no slot matched for 31 h", starved=5),
    cell("xeon", "tf2", "starved: no slot matched for 31 h", starved=5),
]


def test_a_row_is_a_hardware_and_a_column_a_software() -> None:
    rows = words(coverage.block("digits", CELLS))
    assert rows[0] == ["digits", "tf1", "tf2"]
    assert ["epyc", "3 done, 2 running", "5 landed elsewhere"] in rows
    assert ["xeon", "5 starved", "5 starved"] in rows


def test_a_cell_that_was_not_chosen_is_blank() -> None:
    assert words(coverage.block("digits", CELLS[1:3]))[1:] == [
        ["epyc", "5 landed elsewhere"],
        ["xeon", "5 starved"],
    ]


def test_empty_cells_with_one_reason_stand_together() -> None:
    rows = words(coverage.reasons(CELLS[2:]))
    assert rows[1:] == [["2", "xeon", "digits, tf1", "starved: no slot matched for 31 h"]]


def test_json_tells_every_cell() -> None:
    told = coverage.as_json(CELLS)
    assert [one["empty"] for one in told] == [False, True, True, True]
    assert told[1]["counts"] == {"landed-elsewhere": 5}


(XEON,) = classes([{"CpuFamily": 6, "CpuModelNumber": 85}])
SUGGESTED = [
    Suggestion(
        hardware=Hardware(name="xeon"),
        substitutes=(Substitute(hardware_class=XEON, slots=7, lacks=("a", "b")),),
    ),
    Suggestion(hardware=Hardware(name="epyc"), substitutes=()),
]


def test_what_there_is_instead_is_named_with_what_it_lacks_or_that_there_is_nothing() -> None:
    rows = words(coverage.substitutes(SUGGESTED))
    assert rows[1:] == [
        ["xeon", "intel-family6-model85", "7", "a; b"],
        ["epyc", "no other hardware in the pool"],
    ]


def test_the_table_of_the_nearest_is_printed_to_be_added(capfd: pytest.CaptureFixture[str]) -> None:
    coverage.show(tuple(CELLS), tuple(SUGGESTED))
    said = capfd.readouterr()
    assert '[[hardware]]\nname = "intel-family6-model85"\nrequirements = ' in said.out
    coverage.show(tuple(CELLS))
    assert "[[hardware]]" not in "".join(capfd.readouterr())


def test_json_tells_every_substitute() -> None:
    xeon, epyc = coverage.suggested_json(SUGGESTED)
    (found,) = xeon["substitutes"]
    assert (found["name"], found["slots"], found["lacks"]) == (XEON.name, 7, ["a", "b"])
    assert "[[hardware]]" in found["table"]
    assert epyc == {"hardware": "epyc", "substitutes": []}
