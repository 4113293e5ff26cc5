"""Causes, and what refutes the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from osgrepro.analysis.causes.attributes import (
    UNKNOWN,
    confirmable,
)
from osgrepro.analysis.causes.environments import Environments
from osgrepro.analysis.causes.equivalent_sets import equivalent_sets
from osgrepro.analysis.causes.types import tells_all_apart
from osgrepro.analysis.findings import Cause, Counterexample, Group, NotAssessable
from osgrepro.analysis.statistics.partitions import (
    Codes,
    Search,
    blocks,
    canonical,
    counterexample,
    joint,
)

# Attributes that divide alike, part by part, and how each part divides the environments.
Divisions = tuple[list[list[str]], list[Codes]]
# Differently dividing attributes of which pairs and triples are all looked through.
_COLUMNS = 40


def causes(
    environments: Environments, divided: Divisions, letters: Sequence[str], largest: int
) -> tuple[Cause, ...] | NotAssessable:
    """Return the smallest sets of attributes that determine the class.

    Attributes that divide the environments alike are searched once, under the first's name. The
    set with the fewest groups comes first: the finer a set divides the environments, the less it
    means that it determines the class. So where the smallest sets divide more finely than the
    classes, those with one attribute more and fewer groups are named before them. What an
    emulation can change stands before all.
    """
    target = canonical(environments.letters)
    parts, columns = divided
    search = Search(columns, target)
    sets = [frozenset(chosen) for chosen in search.smallest(largest)]
    if not sets:
        return _none(
            environments, [name for part in parts for name in part], target, search.searched
        )
    sets += _coarser(columns, target, sets, largest)
    # A set that tells all types of machine apart would determine any outcome, a random one too.
    sets = [chosen for chosen in sets if not _identity(columns, chosen, environments.types)]
    if not sets:
        return NotAssessable(
            why=f"only attributes that tell all {environments.type_count} {environments.units}"
            " apart determine the class, and these would determine any",
            missing="an environment like one of them in some attributes and not in others",
        )
    listed: list[frozenset[int]] = []
    for chosen in sorted(sets, key=lambda chosen: (_blocks(columns, chosen), sorted(chosen))):
        # A set that differs from a listed one in one member is named there, as an alias.
        if all(len(chosen) != len(named) or len(chosen - named) > 1 for named in listed):
            listed.append(chosen)
    causes = [
        _cause(
            environments, parts, chosen, sets, equivalent_sets(columns, chosen, largest), letters
        )
        for chosen in listed
    ]
    return tuple(sorted(causes, key=lambda cause: not cause.testable))


def divisions(environments: Environments, names: Sequence[str]) -> Divisions:
    """Return the attributes that divide the environments alike, and how each part of them does."""
    divided: dict[bytes, list[str]] = {}
    for name in names:
        divided.setdefault(canonical(environments.values[name]).tobytes(), []).append(name)
    parts = list(divided.values())
    return parts, [canonical(environments.values[part[0]]) for part in parts]


def _coarser(
    columns: list[Codes], target: Codes, sets: list[frozenset[int]], largest: int
) -> list[frozenset[int]]:
    """Return the determining sets of one attribute more with the fewest groups, if they are fewer.

    None of them contains one of ``sets``.
    """
    size, fewest = len(sets[0]) + 1, min(_blocks(columns, chosen) for chosen in sets)
    coarser: list[frozenset[int]] = []
    if fewest <= int(target.max()) + 1 or size > largest or len(columns) > _COLUMNS:
        return coarser
    for chosen in map(frozenset, combinations(range(len(columns)), size)):
        groups = _blocks(columns, chosen)
        if groups > fewest or (groups == fewest and not coarser) or any(chosen >= s for s in sets):
            continue
        code = joint([columns[i] for i in chosen], len(target))
        if counterexample(code, target) is None:
            coarser = [chosen] if groups < fewest else [*coarser, chosen]
            fewest = groups
    return coarser


def _blocks(columns: list[Codes], chosen: frozenset[int]) -> int:
    return blocks([columns[i] for i in chosen])


def _identity(columns: list[Codes], chosen: frozenset[int], types: Codes) -> bool:
    return tells_all_apart(joint([columns[i] for i in chosen], len(types)), types)


def _cause(
    environments: Environments,
    parts: list[list[str]],
    chosen: frozenset[int],
    sets: list[frozenset[int]],
    equals: list[frozenset[int]],
    letters: Sequence[str],
) -> Cause:
    aliases: dict[str, tuple[str, ...]] = {}
    for member in sorted(chosen):
        swapped = (
            members
            for members in sets
            if len(members) == len(chosen) and chosen - members == {member}
        )
        stand_ins = sorted(i for members in swapped for i in members - chosen)
        aliases[parts[member][0]] = (
            *parts[member][1:],
            *(name for i in stand_ins for name in parts[i]),
        )
    names = tuple(parts[member][0] for member in sorted(chosen))
    groups = sorted(
        groups_by(environments, names), key=lambda g: (letters.index(g.letter), *g.values.values())
    )
    same = _equals(parts, chosen, equals)
    testable = next((own for own in (names, *same) if confirmable(own)), ())
    return Cause(
        attributes=names, aliases=aliases, groups=tuple(groups), equals=same, testable=testable
    )


def _equals(
    parts: list[list[str]], chosen: frozenset[int], equals: list[frozenset[int]]
) -> tuple[tuple[str, ...], ...]:
    """Return the sets that divide alike, those that an emulation can confirm first.

    Those that differ in one attribute are its aliases already.
    """
    further = [own for own in equals if len(own) != len(chosen) or len(own - chosen) > 1]
    named = [tuple(parts[i][0] for i in sorted(own)) for own in further]
    return tuple(sorted(named, key=lambda names: (not confirmable(names), len(names))))


def groups_by(environments: Environments, names: Sequence[str]) -> list[Group]:
    """Return the environments by their values of ``names``, which determine the class."""
    hardware: dict[tuple[str, ...], list[int]] = {}
    for i, values in enumerate(zip(*(environments.values[name] for name in names), strict=True)):
        hardware.setdefault(values, []).append(i)
    return [
        Group(
            values=dict(zip(names, values, strict=True)),
            letter=environments.letters[cells[0]],
            hardware=tuple(environments.hardware[i] for i in cells),
        )
        for values, cells in hardware.items()
    ]


def _none(
    environments: Environments, names: Sequence[str], target: Codes, searched: int
) -> NotAssessable:
    """Return why there is no determining set."""
    code = joint([canonical(environments.values[name]) for name in names], len(target))
    pair = counterexample(code, target)
    if pair is None:
        return NotAssessable(
            why=f"no {searched} of the {len(names)} attributes that vary determine the class",
            missing="environments that differ in fewer attributes at once",
        )
    first, second = (environments.hardware[i] for i in pair)
    sorted_names = environments.sorted_names
    alone = [name for name in sorted_names.identities if differs(environments.values[name], pair)]
    if alone:
        return NotAssessable(
            why=f"{first} and {second} have different classes, and differ only in what tells all"
            f" {environments.units} apart: {', '.join(alone)}",
            missing=f"another environment with the {alone[0]} of {first} or of {second}",
        )
    partly = [name for name in sorted_names.unknown if differs(environments.values[name], pair)]
    if partly:
        return NotAssessable(
            why=f"{first} and {second} have different classes, and differ only in what is not known"
            f" of every environment: {', '.join(partly)}",
            missing=f"{partly[0]} of every environment",
        )
    every = "the only attribute" if len(names) == 1 else f"all {len(names)} attributes"
    return NotAssessable(
        why=f"{first} and {second} have the same values of {every} that may be"
        " a cause, and different classes",
        missing=f"the attribute in which {first} and {second} differ: record more provenance",
    )


def differs(values: Sequence[str], pair: tuple[int, int]) -> bool:
    """Whether two environments have different values, both of them known."""
    first, second = (values[i] for i in pair)
    return first != second and UNKNOWN not in (first, second)


def counterexamples(
    environments: Environments, names: Sequence[str], known: Sequence[Cause]
) -> tuple[Counterexample, ...]:
    """Return what refutes each single attribute, all but one of each cause, and, without any, all.

    An attribute that is a whole cause has no counterexample.
    """
    sets: list[tuple[str, ...]] = [(name,) for name in names]
    sets += [
        smaller
        for cause in known
        if len(cause.attributes) > 2
        for smaller in combinations(cause.attributes, len(cause.attributes) - 1)
    ]
    sets += [] if known or len(names) < 2 else [tuple(names)]
    target = canonical(environments.letters)
    examples = []
    for refuted in dict.fromkeys(sets):
        code = joint([canonical(environments.values[name]) for name in refuted], len(target))
        if pair := counterexample(code, target):
            first, second = (environments.hardware[i] for i in pair)
            examples.append(
                Counterexample(
                    attributes=refuted,
                    first=first,
                    second=second,
                    why="same values, different class",
                )
            )
    return tuple(examples)
