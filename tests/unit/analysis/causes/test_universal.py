"""The smallest set that fits every table, each among all of its own hardware."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from string import ascii_uppercase

import numpy as np
import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.causes.environments import Environments, environments
from osgrepro.analysis.causes.universal import universal as found_in

NAMES = ("cpu_model", "cpu_microcode", "cpu_vendor", "cpu_avx512f")


def universal(tables: Sequence[Environments], largest: int) -> tuple[tuple[str, ...], ...]:
    """Return the sets alone."""
    return found_in(tables, largest).sets


def table(
    values: dict[str, Sequence[str]], letters: str, hardware: Sequence[str] = ()
) -> Environments:
    """Return machines of which each is of a model of its own."""
    hardware = list(hardware) or [f"m{place}" for place in range(len(letters))]
    return Environments(
        software="tf",
        scope="CPU",
        hardware=tuple(hardware),
        letters=tuple(letters),
        values={name: list(own) for name, own in values.items()}
        | {"cpu_model_name": list(hardware)},
        split=(),
    )


def test_it_takes_what_decides_in_one_table_and_what_decides_in_another() -> None:
    first = table({"cpu_avx512f": "ynyn", "cpu_vendor": "iiaa"}, "AABB")
    assert universal([first, first], 4) == (("cpu_vendor",),)
    # There the vendor does not decide.
    second = table({"cpu_avx512f": "ynnynn", "cpu_vendor": "iiiaaa"}, "ABBABB")
    assert universal([first, second], 4) == (("cpu_avx512f", "cpu_vendor"),)
    assert universal([first, second], 1) == ()


def test_what_an_emulation_can_change_comes_first() -> None:
    first = table({"cpu_microcode": "1122", "cpu_vendor": "iiaa"}, "AABB")
    assert universal([first, first], 4) == (("cpu_vendor",), ("cpu_microcode",))


def test_what_nothing_recorded_decides_has_none() -> None:
    values = {"cpu_avx512f": "yyyn", "cpu_vendor": "iiaa"}
    assert universal([table(values, "ABBB"), table(values, "AABB")], 4) == ()


def test_one_class_in_each_table_leaves_nothing_to_explain() -> None:
    values = {"cpu_vendor": "iiaa"}
    assert universal([table(values, "AAAA"), table(values, "BBBB")], 4) == ()


def test_an_identity_is_none_nor_are_two_attributes_that_make_one() -> None:
    values = {"cpu_model": "1234", "cpu_vendor": "iiaa", "cpu_avx512f": "ynyn"}
    assert universal([table(values, "ABAA"), table(values, "ABAA")], 4) == ()


def test_an_attribute_that_one_table_lacks_is_in_none() -> None:
    first = table({"cpu_vendor": "iiaa", "cpu_microcode": "1122"}, "AABB")
    assert universal([first, table({"cpu_vendor": "iiaa"}, "AABB")], 4) == (("cpu_vendor",),)


def test_what_one_table_takes_for_no_cause_is_in_none() -> None:
    told = {"cpu_vendor": "iiaa", "cpu_avx512f": "ynyn"}
    # In the second table the model is another everywhere, or nobody recorded one of them.
    for models in (["1", "2", "3", "4"], ["1", "1", "2", "unknown"]):
        first = table({**told, "cpu_model": "1122"}, "AABB")
        second = table({**told, "cpu_model": models}, "AABB")
        assert universal([first, second], 4) == (("cpu_vendor",),)
    # Of two machines everything that differs is an identity, and none is told to be one.
    pair = table({"cpu_vendor": "ia", "cpu_avx512f": "yn"}, "AB")
    assert universal([table(told, "AABB"), pair], 4) == (("cpu_vendor",),)


def test_its_chance_is_that_of_machines_relabelled_in_all_tables_at_once() -> None:
    values = {"cpu_vendor": "iiaaee", "cpu_avx512f": "ynynyn"}
    own, other = table(values, "AABBCC"), table(values, "AABBCC", "uvwxyz")
    once, same, apart = (found_in(tables, 4).chance for tables in ([own], [own, own], [own, other]))
    assert once is not None and same is not None and apart is not None
    # Six of the 90 orders of AABBCC are by pairs; machines of two tables move each by themselves.
    assert (once.exact, once.relabellings, once.share) == (True, 90, 6 / 90)
    assert (same.relabellings, same.share) == (once.relabellings, once.share)
    assert apart.share == pytest.approx((6 / 90) ** 2, abs=0.005)
    # Machines of the same types, under other names.
    copy = replace(own, hardware=other.hardware)
    copied = found_in([own, copy], 4).chance
    assert copied is not None
    assert (copied.relabellings, copied.share) == (once.relabellings, once.share)


@pytest.mark.simulation
@pytest.mark.parametrize("types", [0, 6, 13])
def test_few_tables_without_a_cause_are_given_one(types: int) -> None:
    random = np.random.default_rng(11)
    named = told = 0
    for _ in range(40):
        world = worlds.several_of_a_type(random, worlds.without_cause(random), types, 2)
        frame = worlds.in_tables(world, 3)
        places = list(environments(frame, frame["outcome"], ascii_uppercase, worlds.VARYING))
        found = found_in(places, 4)
        named += bool(found.sets)
        told += bool(found.sets) and not found.by_chance
    assert named > 15
    # Three standard errors above 5 % of 40.
    assert told <= 2 + 3 * 1.38


ROWS = st.lists(
    st.tuples(*[st.sampled_from("xyz")] * len(NAMES), st.sampled_from("AB")),
    min_size=2,
    max_size=6,
)


@given(ROWS, ROWS)
def test_it_is_what_trying_all_finds(
    first: list[tuple[str, ...]], second: list[tuple[str, ...]]
) -> None:
    several = (first, second)
    tables = [
        table(
            {name: [row[i] for row in rows] for i, name in enumerate(NAMES)},
            "".join(row[-1] for row in rows),
        )
        for rows in several
    ]
    total = sum(map(len, several))

    def values(names: Sequence[str]) -> list[tuple[object, ...]]:
        return [
            (place, *(own.values[name][i] for name in names))
            for place, own in enumerate(tables)
            for i in range(len(own.letters))
        ]

    letters = [letter for own in tables for letter in own.letters]
    told = [
        name
        for name in NAMES
        if len(tables) < len(set(values([name]))) < total
        and not any(
            name in own.sorted_names.identities and own.sorted_names.considered for own in tables
        )
    ]
    fits = [
        names
        for size in range(1, len(told) + 1)
        for names in combinations(told, size)
        if len(set(zip(values(names), letters, strict=True))) == len(set(values(names)))
    ]
    smallest = min(map(len, fits), default=0)
    expected = {
        names for names in fits if len(names) == smallest and len(set(values(names))) < total
    }
    varied = any(len(set(own.letters)) > 1 for own in tables)
    assert set(universal(tables, 4)) == (expected if varied else set())
