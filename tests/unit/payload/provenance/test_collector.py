"""One field that can't be read spoils no other and stops nothing."""

from __future__ import annotations

from osgrepro.payload.provenance import Collector


def fail():
    raise PermissionError("not yours")


def test_a_failing_field_is_null_and_its_error_is_kept():
    collector = Collector()
    assert collector.section("cpu", {"model": lambda: 1, "microcode": fail}) == {
        "model": 1,
        "microcode": None,
    }
    assert collector.errors == {"cpu.microcode": "PermissionError: not yours"}


def test_a_failing_list_has_its_own_empty_value():
    collector = Collector()
    assert collector.field("gpus", fail, []) == []


def test_errors_are_bounded():
    collector = Collector()
    collector.field("x", lambda: int("9" * 5000 + "x"))
    assert len(collector.errors["x"]) <= 300
