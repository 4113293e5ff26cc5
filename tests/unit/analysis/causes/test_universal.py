"""The smallest set that fits every table, each among all of its own hardware."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.causes.environments import Environments
from osgrepro.analysis.causes.universal import universal

NAMES = ("cpu_model", "cpu_microcode", "cpu_vendor", "cpu_avx512f")


def table(values: dict[str, Sequence[str]], letters: str) -> Environments:
    return Environments(
        software="tf",
        scope="CPU",
        hardware=tuple(f"m{place}" for place in range(len(letters))),
        letters=tuple(letters),
        values={name: list(own) for name, own in values.items()},
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
    told = [name for name in NAMES if len(tables) < len(set(values([name]))) < total]
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
