"""Causes, what refutes the others, and the run that would tell two of them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from osgrepro.analysis.causes.alike import alike, confirmable
from osgrepro.analysis.causes.attributes import ATTRIBUTES, UNKNOWN, cost, machine, possible
from osgrepro.analysis.causes.environments import Environments
from osgrepro.analysis.causes.types import tells_all_apart
from osgrepro.analysis.findings import Cause, Counterexample, Group, NextRun, NotAssessable
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
# Pairs of groups, and pairs of explanations, that are looked through for a run between them.
_PAIRS, _EXPLANATIONS = 10_000, 200
# Differently dividing attributes of which pairs and triples are all looked through.
_COLUMNS = 40


def causes(
    found: Environments, divided: Divisions, letters: Sequence[str], largest: int
) -> tuple[Cause, ...] | NotAssessable:
    """Return the smallest sets of attributes that determine the class.

    Attributes that divide the environments alike are searched once, under the first's name. The
    set with the fewest groups comes first: the finer a set divides the environments, the less it
    means that it determines the class. So where the smallest sets divide more finely than the
    classes, those with one attribute more and fewer groups are named before them. What an
    emulation can change stands before all.
    """
    target = canonical(found.letters)
    parts, columns = divided
    search = Search(columns, target)
    sets = [frozenset(one) for one in search.smallest(largest)]
    if not sets:
        return _none(found, [name for part in parts for name in part], target, search.searched)
    sets += _coarser(columns, target, sets, largest)
    # A set that tells all types of machine apart would determine any outcome, a random one too.
    sets = [one for one in sets if not _identity(columns, one, found.types)]
    if not sets:
        return NotAssessable(
            why=f"only attributes that tell all {found.type_count} {_units(found)} apart determine"
            " the class, and these would determine any",
            missing="an environment like one of them in some attributes and not in others",
        )
    listed: list[frozenset[int]] = []
    for one in sorted(sets, key=lambda one: (_blocks(columns, one), sorted(one))):
        # A set that differs from a listed one in one member is named there, as an alias.
        if all(len(one) != len(other) or len(one - other) > 1 for other in listed):
            listed.append(one)
    causes = [
        _cause(found, parts, one, sets, alike(columns, one, largest), letters) for one in listed
    ]
    return tuple(sorted(causes, key=lambda cause: not cause.testable))


def divisions(found: Environments, names: Sequence[str]) -> Divisions:
    """Return the attributes that divide the environments alike, and how each part of them does."""
    divided: dict[bytes, list[str]] = {}
    for name in names:
        divided.setdefault(canonical(found.values[name]).tobytes(), []).append(name)
    parts = list(divided.values())
    return parts, [canonical(found.values[part[0]]) for part in parts]


def _coarser(
    columns: list[Codes], target: Codes, sets: list[frozenset[int]], largest: int
) -> list[frozenset[int]]:
    """Return the determining sets of one attribute more with the fewest groups, if they are fewer.

    None of them contains one of ``sets``.
    """
    size, fewest = len(sets[0]) + 1, min(_blocks(columns, one) for one in sets)
    found: list[frozenset[int]] = []
    if fewest <= int(target.max()) + 1 or size > largest or len(columns) > _COLUMNS:
        return found
    for one in map(frozenset, combinations(range(len(columns)), size)):
        groups = _blocks(columns, one)
        if groups > fewest or (groups == fewest and not found) or any(one >= s for s in sets):
            continue
        code = joint([columns[i] for i in one], len(target))
        if counterexample(code, target) is None:
            found = [one] if groups < fewest else [*found, one]
            fewest = groups
    return found


def _blocks(columns: list[Codes], chosen: frozenset[int]) -> int:
    return blocks([columns[i] for i in chosen])


def _identity(columns: list[Codes], chosen: frozenset[int], types: Codes) -> bool:
    return tells_all_apart(joint([columns[i] for i in chosen], len(types)), types)


def _units(found: Environments) -> str:
    fewer = found.type_count < len(found.hardware)
    return "types of machine" if fewer else "environments"


def _cause(
    found: Environments,
    parts: list[list[str]],
    chosen: frozenset[int],
    sets: list[frozenset[int]],
    equals: list[frozenset[int]],
    letters: Sequence[str],
) -> Cause:
    aliases: dict[str, tuple[str, ...]] = {}
    for member in sorted(chosen):
        others = (one for one in sets if len(one) == len(chosen) and chosen - one == {member})
        other = sorted(i for one in others for i in one - chosen)
        aliases[parts[member][0]] = (
            *parts[member][1:],
            *(name for i in other for name in parts[i]),
        )
    names = tuple(parts[member][0] for member in sorted(chosen))
    groups = sorted(
        _groups(found, names), key=lambda g: (letters.index(g.letter), *g.values.values())
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


def _groups(found: Environments, names: Sequence[str]) -> list[Group]:
    """Return the environments by their values of ``names``, which determine the class."""
    hardware: dict[tuple[str, ...], list[int]] = {}
    for i, values in enumerate(zip(*(found.values[name] for name in names), strict=True)):
        hardware.setdefault(values, []).append(i)
    return [
        Group(
            values=dict(zip(names, values, strict=True)),
            letter=found.letters[cells[0]],
            hardware=tuple(found.hardware[i] for i in cells),
        )
        for values, cells in hardware.items()
    ]


def _none(found: Environments, names: Sequence[str], target: Codes, searched: int) -> NotAssessable:
    """Return why there is no determining set."""
    code = joint([canonical(found.values[name]) for name in names], len(target))
    pair = counterexample(code, target)
    if pair is None:
        return NotAssessable(
            why=f"no {searched} of the {len(names)} attributes that vary determine the class",
            missing="environments that differ in fewer attributes at once",
        )
    first, second = (found.hardware[i] for i in pair)
    sorted_names = found.sorted_names
    alone = [name for name in sorted_names.identities if differs(found.values[name], pair)]
    if alone:
        return NotAssessable(
            why=f"{first} and {second} have different classes, and differ only in what tells all"
            f" {_units(found)} apart: {', '.join(alone)}",
            missing=f"another environment with the {alone[0]} of {first} or of {second}",
        )
    partly = [name for name in sorted_names.unknown if differs(found.values[name], pair)]
    if partly:
        return NotAssessable(
            why=f"{first} and {second} have different classes, and differ only in what is not known"
            f" of every environment: {', '.join(partly)}",
            missing=f"{partly[0]} of every environment",
        )
    return NotAssessable(
        why=f"{first} and {second} have the same values of all {len(names)} attributes that may be"
        " a cause, and different classes",
        missing=f"the attribute in which {first} and {second} differ: record more provenance",
    )


def differs(values: Sequence[str], pair: tuple[int, int]) -> bool:
    """Whether two environments have different values, both of them known."""
    first, second = (values[i] for i in pair)
    return first != second and UNKNOWN not in (first, second)


def counterexamples(
    found: Environments, names: Sequence[str], known: Sequence[Cause]
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
    target = canonical(found.letters)
    examples = []
    for one in dict.fromkeys(sets):
        code = joint([canonical(found.values[name]) for name in one], len(target))
        if pair := counterexample(code, target):
            first, second = (found.hardware[i] for i in pair)
            examples.append(
                Counterexample(
                    attributes=one, first=first, second=second, why="same values, different class"
                )
            )
    return tuple(examples)


def next_run(found: Environments, known: Sequence[Cause]) -> NextRun | None:
    """Return the cheapest run for which two explanations foretell different classes, or None.

    Its values are known each from some environment, so that both explanations foretell a class.
    """
    pairs = list(islice(_explanations(known), _EXPLANATIONS))
    pairs.sort(key=lambda pair: cost(frozenset(pair[0]) ^ frozenset(pair[1])))
    for one, other in pairs:
        if values := _between(found, one, other):
            return NextRun(text=machine(values), between=(one, other))
    return None


def _explanations(known: Sequence[Cause]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield pairs of explanations: a cause with itself under aliases, and with other causes."""
    for cause in known:
        for member, aliases in cause.aliases.items():
            several = [
                tuple(one if name == member else name for name in cause.attributes)
                for one in (member, *aliases)
            ]
            yield from combinations(several, 2)
        yield from ((cause.attributes, names) for names in cause.equals)
    for first, second in combinations(known, 2):
        yield first.attributes, second.attributes


def _between(
    found: Environments, one: tuple[str, ...], other: tuple[str, ...]
) -> dict[str, str] | None:
    """Return values for which the explanations foretell different classes; few noes first."""
    common = [name for name in one if name in other]
    best: dict[str, str] | None = None
    pairs = ((a, b) for a in _groups(found, one) for b in _groups(found, other))
    for a, b in islice(pairs, _PAIRS):
        if a.letter == b.letter or any(a.values[name] != b.values[name] for name in common):
            continue
        values = _ordered({**a.values, **b.values})
        if possible(values, found.values) and (best is None or _rank(values) < _rank(best)):
            best = values
    return best


def _ordered(values: dict[str, str]) -> dict[str, str]:
    """Return the values with flags first, as people name a machine."""
    names = sorted(
        values, key=lambda name: name not in ATTRIBUTES or ATTRIBUTES[name].kind != "flag"
    )
    return {name: values[name] for name in names}


def _rank(values: dict[str, str]) -> tuple[tuple[int, str], ...]:
    """Rank equally dear machines by their numbers and words, the smallest first."""
    return tuple((int(v) if v.isdigit() else 0, v) for v in values.values())
