"""Rows of a probe become classes: who computes the same, and which operations part the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from osgrepro.analysis import probe_classes

SAME = {"sum": "1" * 64, "product": "2" * 64, "tanh": "3" * 64}
OTHER = {**SAME, "sum": "4" * 64}


def row(
    hardware: str = "host", hashes: dict[str, str] | None = None, **changes: Any
) -> dict[str, Any]:
    return {
        "experiment": "probe",
        "software": "tf",
        "code_sha256": "c" * 64,
        "hardware": hardware,
        "repeat": 1,
        "status": "ok",
        "probe_json": json.dumps(SAME if hashes is None else hashes),
        "machine": "here",
        "execution_point": hardware,
        "intra_op_threads": 2,
        "cpu_model_name": "EPYC",
        "gpu_name": None,
        "emulation": [],
        "simulated_gpu": False,
    } | changes


@pytest.mark.parametrize(
    ("number", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")]
)
def test_every_class_has_a_name(number: int, name: str) -> None:
    assert probe_classes.letter(number) == name


def test_places_with_the_same_hashes_are_one_class() -> None:
    (probe,) = probe_classes.probes([row("host"), row("gpu"), row("threads4", OTHER)])
    assert probe.operations == 3
    first, second = probe.classes
    assert [member.place.hardware for member in first.members] == ["gpu", "host"]
    assert (first.letter, first.runs, first.differs) == ("A", 2, ())
    assert (second.letter, second.runs, second.differs) == ("B", 1, ("sum",))


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = [row("host"), row("gpu"), row("threads4", OTHER), row("threads8", {"sum": "5" * 64})]
    assert probe_classes.probes(rows) == probe_classes.probes(rows[::-1])


def test_an_operation_that_one_of_them_lacks_parts_them() -> None:
    fewer = {name: sha256 for name, sha256 in SAME.items() if name != "tanh"}
    (probe,) = probe_classes.probes([row("a"), row("b"), row("c", fewer)])
    assert probe.classes[1].differs == ("tanh",)


def test_repeats_agree_where_all_of_a_place_are_in_one_class() -> None:
    rows = [row("a"), row("a", repeat=2), row("b"), row("b", OTHER, repeat=2), row("c", {"x": "1"})]
    (probe,) = probe_classes.probes(rows)
    told = {
        (one.letter, member.place.hardware): member.repeats_agree
        for one in probe.classes
        for member in one.members
    }
    assert told == {("A", "a"): True, ("A", "b"): False, ("B", "b"): False, ("C", "c"): None}
    assert [one.repeats_agree for one in probe.classes] == [False, False, None]


def test_two_machines_of_one_hardware_environment_are_no_repeats_of_each_other() -> None:
    (probe,) = probe_classes.probes([row(machine="one"), row(hashes=OTHER, machine="two")])
    assert [one.repeats_agree for one in probe.classes] == [None, None]


def test_only_the_same_code_in_the_same_software_is_compared() -> None:
    found = probe_classes.probes([row(), row(software="tf2"), row(code_sha256="d" * 64)])
    assert [(one.software, one.code_sha256[0]) for one in found] == [
        ("tf", "c"),
        ("tf", "d"),
        ("tf2", "c"),
    ]


@pytest.mark.parametrize(
    "other", [row(status="failed"), row(probe_json="null"), row(probe_json=None)]
)
def test_what_is_no_probes_result_is_passed_over(other: dict[str, Any]) -> None:
    assert probe_classes.probes([other]) == ()
    (probe,) = probe_classes.probes([row(), other])
    assert probe.classes[0].runs == 1


def test_what_was_only_pretended_is_told() -> None:
    (probe,) = probe_classes.probes([row(emulation=["threads 4"]), row("gpu", simulated_gpu=True)])
    told = [member.place.emulation for member in probe.classes[0].members]
    assert told == [("simulated GPU",), ("threads 4",)]
