"""Machines are of one type where their hardware is the same, as far as it is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from osgrepro.analysis.causes.types import machine_types, with_sites


def types(values: dict[str, Sequence[str]], classes: str | list[list[int]]) -> list[int]:
    """Return the type of each machine; ``?`` is a value that nobody wrote down."""
    spelled = {
        name: ["unknown" if value == "?" else value for value in own]
        for name, own in values.items()
    }
    codes = [ord(letter) for letter in classes] if isinstance(classes, str) else classes
    return machine_types(spelled, np.array(codes)).tolist()


@pytest.mark.parametrize(
    ("values", "classes", "expected"),
    [
        ({"cpu_model": "1122", "kernel": "abab"}, "AABB", [0, 0, 1, 1]),
        # The hardware does not decide the class of the first two: they are two types by the kernel.
        ({"cpu_model": "1122", "kernel": "abab"}, "ABBB", [0, 1, 2, 2]),
        # Nothing recorded does.
        ({"cpu_model": "1122", "kernel": "aabb"}, "ABBB", [0, 1, 2, 2]),
        # Hosts of one GPU are one type, unless they end differently.
        ({"gpu_name": "aabb", "cpu_model": "1234"}, "AABB", [0, 0, 1, 1]),
        ({"gpu_name": "aabb", "cpu_model": "1134"}, "AABC", [0, 0, 1, 2]),
        # Machines without one are of the types of their CPUs, and so are those of an unknown GPU.
        (
            {"gpu_name": ["a", "a", "none", "none", "?"], "cpu_model": "12345"},
            "AABBB",
            [0, 0, 1, 2, 3],
        ),
        # What lacks a value is of the first type that it fits, and makes no types one.
        ({"cpu_model": "1?2", "cpu_vendor": "iii"}, "AAA", [0, 0, 1]),
        ({"cpu_model": "?12", "cpu_vendor": "aii"}, "AAA", [0, 1, 2]),
        # Two that lack different values are one where they fit.
        ({"cpu_model": "1??", "cpu_vendor": "?ia"}, "AAA", [0, 0, 1]),
        ({}, "AA", [0, 0]),
        ({}, "", []),
    ],
)
def test_machines_of_one_hardware_and_class_are_one_type(
    values: dict[str, Sequence[str]], classes: str, expected: list[int]
) -> None:
    assert types(values, classes) == expected


def test_in_several_tables_a_type_has_one_class_in_each() -> None:
    values = {"cpu_model": "111"}
    # The first table lacks the second machine, the second one the first.
    assert types(values, [[0, -1], [-1, 5], [0, 5]]) == [0, 0, 0]
    assert types(values, [[0, -1], [-1, 5], [0, 6]]) == [0, 1, 2]


def test_a_site_whose_machines_end_alike_is_a_draw_with_what_is_of_their_types() -> None:
    types = np.array([0, 1, 2, 3, 3])
    sites = [{"a"}, {"a"}, {"b"}, {"b", "c"}, set()]
    assert with_sites(types, sites, np.array([0, 0, 1, 1, 1])).tolist() == [0, 0, 1, 1, 1]
    # Of two tables each has to agree.
    both = np.array([[0, 5]] * 2 + [[1, 6]] * 3)
    assert with_sites(types, sites, both).tolist() == [0, 0, 1, 1, 1]
    both[1, 1] = 7
    assert with_sites(types, sites, both).tolist() == types.tolist()


def test_where_a_site_has_machines_that_end_differently_or_none_is_known_types_are_draws() -> None:
    types = np.array([0, 1, 2])
    assert with_sites(types, [{"a"}, {"a"}, {"b"}], np.array([0, 1, 1])).tolist() == [0, 1, 2]
    assert with_sites(types, [set()] * 3, np.array([0, 0, 1])).tolist() == [0, 1, 2]
