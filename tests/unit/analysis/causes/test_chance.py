"""Of classes that have nothing to do with the machines, few are given a cause."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.causes.attribution import attribute
from osgrepro.analysis.causes.chance import chance as chance_by
from osgrepro.analysis.causes.relabelling import PERMUTATIONS, among_types
from osgrepro.analysis.findings import Attribution, Chance, NotAssessable
from osgrepro.analysis.statistics.partitions import Codes, canonical, counterexample, joint


def chance(columns: Sequence[Codes], target: Codes, size: int) -> Chance | None:
    """Return the chance of sets where each machine is of a type of its own."""
    return chance_by(columns, target, size, among_types(target, np.arange(len(target))))


def judged(frame: pd.DataFrame) -> Attribution:
    """Return what is said of a world."""
    (attribution,) = attribute(frame, frame["outcome"], sorted(set(frame["outcome"])))
    return attribution


def given_a_cause(attribution: Attribution) -> bool:
    """Return whether it is told in the words of a cause."""
    causes = attribution.causes
    named = not isinstance(causes, NotAssessable) and any(cause.attributes for cause in causes)
    return named and not attribution.by_chance


def sets(attribution: Attribution) -> set[frozenset[str]]:
    """Return each set that is named, under each of its aliases."""
    assert not isinstance(attribution.causes, NotAssessable)
    return {
        (frozenset(cause.attributes) - {member}) | {name}
        for cause in attribution.causes
        for member in cause.attributes
        for name in (member, *cause.aliases[member])
    }


@pytest.mark.simulation
@pytest.mark.parametrize(
    "many", [100, pytest.param(2_000, marks=pytest.mark.slow)], ids=["quick", "long"]
)
def test_at_most_one_in_twenty_worlds_without_a_cause_is_given_one(many: int) -> None:
    random = np.random.default_rng(17)
    told = [judged(worlds.without_cause(random)) for _ in range(many)]
    # Three standard errors above 5 %.
    assert sum(map(given_a_cause, told)) <= 0.05 * many + 3 * (0.0475 * many) ** 0.5
    # Without their chance, more than half of them were.
    assert sum(not isinstance(one.causes, NotAssessable) for one in told) > many / 2


@pytest.mark.simulation
@pytest.mark.parametrize(("sites", "times"), [(4, 4), (6, 3), (3, 8)])
def test_what_goes_along_with_a_site_is_no_cause(sites: int, times: int) -> None:
    random = np.random.default_rng(5)
    told = [judged(worlds.by_site(random, sites, times)) for _ in range(12)]
    # With types of machine as draws it is in 22 to 67 %.
    assert sum(map(given_a_cause, told)) <= 1
    several = [own for own in told if own.classes > 1]
    assert several and all(own.by_site and own.types <= sites for own in several)


def test_a_cause_is_named_where_the_machines_of_a_site_end_differently() -> None:
    frame = worlds.with_cause(np.random.default_rng(1), ["cpu_avx512f"])
    for several in (["S1"] * 13, list("ababababababa"), list("abcdefghijklm")):
        own = judged(frame.assign(site=several))
        assert given_a_cause(own)
        assert not own.by_site


@pytest.mark.simulation
@pytest.mark.parametrize(
    "many", [20, pytest.param(1_000, marks=pytest.mark.slow)], ids=["quick", "long"]
)
@pytest.mark.parametrize(
    ("types", "times", "kernels"), [(4, 2, False), (6, 2, True), (13, 2, True), (13, 3, False)]
)
def test_several_machines_of_a_type_are_one_draw(
    many: int, types: int, times: int, kernels: bool
) -> None:
    random = np.random.default_rng(17)
    told = 0
    for _ in range(many):
        frame = worlds.without_cause(random)
        told += given_a_cause(
            judged(worlds.several_of_a_type(random, frame, types, times, kernels))
        )
    assert told <= 0.05 * many + 3 * (0.0475 * many) ** 0.5


@pytest.mark.simulation
@pytest.mark.parametrize(
    "many", [25, pytest.param(500, marks=pytest.mark.slow)], ids=["quick", "long"]
)
@pytest.mark.parametrize(("gpus", "hosts"), [(4, 3), (8, 2)])
def test_hosts_of_one_gpu_are_one_draw_whatever_their_cpus(
    many: int, gpus: int, hosts: int
) -> None:
    random = np.random.default_rng(17)
    told = [judged(worlds.gpus_without_cause(random, gpus, hosts)) for _ in range(many)]
    # With each host for itself 40 and 98 % of such worlds were.
    assert sum(map(given_a_cause, told)) <= 0.05 * many + 3 * (0.0475 * many) ** 0.5


@pytest.mark.parametrize("name", ["gpu_capability", "cpu_avx512f"])
def test_what_decides_on_gpus_is_still_told(name: str) -> None:
    attribution = judged(worlds.gpus_by(np.random.default_rng(3), name))
    assert frozenset({name}) in sets(attribution)
    assert given_a_cause(attribution)


def test_further_machines_of_its_types_leave_a_table_as_it_is() -> None:
    random = np.random.default_rng(4)
    for name in worlds.VARYING:
        frame = worlds.with_cause(random, [name])
        attribution = judged(frame)
        doubled = judged(worlds.several_of_a_type(random, frame, 5, 2))
        assert (attribution.types, attribution.hardware) == (13, 13)
        assert (doubled.types, doubled.hardware) == (13, 18)
        assert doubled.chances == attribution.chances
        assert sets(doubled) == sets(attribution)


@pytest.mark.parametrize("name", worlds.VARYING)
def test_a_planted_attribute_is_named(name: str) -> None:
    attribution = judged(worlds.with_cause(np.random.default_rng(3), [name]))
    assert frozenset({name}) in sets(attribution)


def test_most_planted_attributes_are_told_as_causes() -> None:
    random = np.random.default_rng(4)
    told = [judged(worlds.with_cause(random, [name])) for name in worlds.VARYING]
    # A flag that two or three of thirteen machines have, something else may have as well.
    assert sum(map(given_a_cause, told)) >= 9


def test_a_planted_pair_is_named_unless_fewer_attributes_fit() -> None:
    random = np.random.default_rng(5)
    for pair in combinations(worlds.VARYING, 2):
        frame = worlds.with_cause(random, pair)
        if frame["outcome"].nunique() == len(frame):
            continue
        named = sets(judged(frame))
        assert frozenset(pair) in named or any(len(smaller) < 2 for smaller in named), pair


def test_either_of_two_flags_is_named() -> None:
    flags = ("cpu_avx512f", "cpu_hypervisor")
    assert frozenset(flags) in sets(judged(worlds.either_or(flags)))


def divides_alike(frame: pd.DataFrame, first: Sequence[str], second: Sequence[str]) -> bool:
    """Return whether two sets of attributes divide the machines into the same groups."""
    one, other = (
        canonical(frame.groupby(list(names), observed=True).ngroup()) for names in (first, second)
    )
    return bool((one == other).all())


@pytest.mark.simulation
@pytest.mark.parametrize(
    "many", [4, pytest.param(30, marks=pytest.mark.slow)], ids=["quick", "long"]
)
@pytest.mark.parametrize("kind", worlds.PLANTED)
def test_a_planted_cause_is_named_or_what_divides_alike(kind: str, many: int) -> None:
    random = np.random.default_rng(21)
    missed = 0
    for _ in range(many):
        frame, names = worlds.planted(kind, random)
        named = sets(judged(frame))
        missed += not any(divides_alike(frame, sorted(own), names) for own in named)
    # In one world of sixty most runs of some machine are odd.
    assert missed <= (2 if kind == "odd runs" else 0)


PARTITIONS = st.integers(3, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(st.integers(0, 2), min_size=n, max_size=n), min_size=1, max_size=4),
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
        st.integers(1, 2),
    )
)


@given(PARTITIONS)
def test_it_is_the_share_of_all_relabellings(
    world: tuple[list[list[int]], list[int], int],
) -> None:
    columns, labels, size = [canonical(column) for column in world[0]], world[1], world[2]
    told = chance(columns, canonical(labels), size)
    if size > len(columns):
        assert told is None
        return
    every = set(permutations(labels))
    kept = [
        code
        for chosen in combinations(columns, size)
        if len(set((code := joint(list(chosen), len(labels))).tolist())) < len(labels)
    ]
    fits = sum(any(determines(code, canonical(own)) for code in kept) for own in every)
    assert told is not None
    assert told.exact
    assert told.relabellings == len(every)
    assert told.share == pytest.approx(fits / len(every))
    assert told.searched == len(kept)
    assert told.determining == sum(determines(code, canonical(labels)) for code in kept)


def determines(code: Codes, target: Codes) -> bool:
    """Return whether no two things of one block have two targets; not by pairs of bits."""
    return counterexample(code, target) is None


def test_drawn_relabellings_agree_with_all_of_them() -> None:
    columns = [canonical(worlds.machines()[name]) for name in worlds.VARYING]
    target = np.array([0] * 4 + [1] * 5 + [2] * 4)
    told = chance(columns, target, 2)
    assert told is not None
    assert not told.exact
    assert told.relabellings == PERMUTATIONS
    assert told == chance(columns, target, 2)
    random = np.random.default_rng(99)
    kept = [
        code
        for chosen in combinations(columns, 2)
        if len(set((code := joint(list(chosen), 13)).tolist())) < 13
    ]
    many = 400
    drawn = [canonical(random.permutation(target)) for _ in range(many)]
    fits = sum(any(determines(code, own) for code in kept) for own in drawn)
    assert abs(fits / many - told.share) < 4 * (0.25 / many) ** 0.5


def test_more_sets_than_can_be_looked_at_have_no_chance() -> None:
    columns = [canonical(np.random.default_rng(seed).integers(0, 3, 50)) for seed in range(60)]
    assert chance(columns, canonical([0, 1] * 25), 4) is None


@pytest.mark.parametrize("n", [200, 700])
def test_hundreds_of_environments_are_relabelled_hundreds_of_times(n: int) -> None:
    random = np.random.default_rng(7)
    columns = [canonical(random.integers(0, 2 + place, n)) for place in range(12)]
    told = chance(columns, columns[3], 3)
    assert told is not None
    assert told.relabellings >= 200
    assert told.share == pytest.approx(1 / (told.relabellings + 1))
    assert told.determining == 55


def test_of_many_environments_no_set_is_passed_over() -> None:
    n = 120
    random = np.random.default_rng(8)
    # Some sets leave a single pair of them alike, and such a set fits in most relabellings.
    nearly, exactly = np.arange(n), np.arange(n)
    nearly[-1] = nearly[0]
    columns = [
        canonical(own) for own in (nearly, exactly, random.integers(0, 3, n), np.arange(n) // 40)
    ]
    target = canonical(np.arange(n) // 40)
    told = chance(columns, target, 1)
    assert told is not None
    assert (told.searched, told.determining) == (3, 1)
    # Two of n environments are seldom of one class of three: in 39 of 119 relabellings.
    assert told.share == pytest.approx(39 / 119, abs=4 * (0.22 / told.relabellings) ** 0.5)


def test_the_most_sets_there_can_be_are_relabelled_often_enough_to_tell() -> None:
    random = np.random.default_rng(9)
    columns = [canonical(random.integers(0, 3, 90)) for _ in range(40)]
    told = chance(columns, canonical(np.arange(90) % 2), 4)
    assert told is not None
    assert told.searched > 90_000
    assert 1 / (told.relabellings + 1) < 0.05
