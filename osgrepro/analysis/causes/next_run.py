"""The further run that would tell two explanations apart.

Called for the causes that an attribution names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from osgrepro.analysis.causes.attributes import ATTRIBUTES, cost, machine, possible
from osgrepro.analysis.causes.causes import groups_by
from osgrepro.analysis.causes.environments import Environments
from osgrepro.analysis.findings import Cause, NextRun

# Pairs of groups, and pairs of explanations, that are looked through for a run between them.
_PAIRS, _EXPLANATIONS = 10_000, 200


def next_run(environments: Environments, known: Sequence[Cause]) -> NextRun | None:
    """Return the cheapest run for which two explanations foretell different classes, or None.

    Its values are known each from some environment, so that both explanations foretell a class.
    """
    pairs = list(islice(_explanations(known), _EXPLANATIONS))
    pairs.sort(key=lambda pair: cost(frozenset(pair[0]) ^ frozenset(pair[1])))
    for first, second in pairs:
        if values := _between(environments, first, second):
            return NextRun(text=machine(values), between=(first, second))
    return None


def _explanations(known: Sequence[Cause]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield pairs of explanations: a cause with itself under aliases, and with other causes."""
    for cause in known:
        for member, aliases in cause.aliases.items():
            several = [
                tuple(stand_in if name == member else name for name in cause.attributes)
                for stand_in in (member, *aliases)
            ]
            yield from combinations(several, 2)
        yield from ((cause.attributes, names) for names in cause.equals)
    for first, second in combinations(known, 2):
        yield first.attributes, second.attributes


def _between(
    environments: Environments, first: tuple[str, ...], second: tuple[str, ...]
) -> dict[str, str] | None:
    """Return values for which the explanations foretell different classes; few noes first."""
    common = [name for name in first if name in second]
    best: dict[str, str] | None = None
    pairs = (
        (a, b) for a in groups_by(environments, first) for b in groups_by(environments, second)
    )
    for a, b in islice(pairs, _PAIRS):
        if a.letter == b.letter or any(a.values[name] != b.values[name] for name in common):
            continue
        values = _ordered({**a.values, **b.values})
        if possible(values, environments.values) and (best is None or _rank(values) < _rank(best)):
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
