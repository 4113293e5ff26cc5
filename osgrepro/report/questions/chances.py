"""Chances in words: how often sets of so many attributes would fit, whatever the classes were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from osgrepro.analysis.findings import LIKELY, Attribution, Cause, Chance, NotAssessable, Universal
from osgrepro.report import words

# Sets that are named beside one that divides alike.
_EQUALS = 3
# They say which machine it is, and would stand for anything else that is its own.
_IDENTITIES = ("cpu_family", "cpu_model", "cpu_model_name", "cpu_stepping", "cpu_microcode")
_SETS = {1: "a single attribute", 2: "some pair of attributes", 3: "some three", 4: "some four"}
_UNKNOWN = (
    "how often sets of so many attributes would fit by chance is not known: there are too many"
)


def consistent(attribution: Attribution) -> str:
    """Return which sets fit and by what chance, the smallest first: theirs is what decides."""
    if isinstance(attribution.causes, NotAssessable):
        return ""
    causes = explanations(attribution)
    sizes: dict[int, list[Cause]] = {}
    for cause in causes:
        sizes.setdefault(len(cause.attributes), []).append(cause)
    shares = {own.size: own.share for own in attribution.chances}
    if attribution.by_chance:
        sets = " or ".join(_divided(cause) for own in sizes.values() for cause in own)
        return f", which can't tell why: {relabelled(attribution.chances)}; consistent with {sets}"
    (size, smallest), *larger = sizes.items()
    text = f", consistent with {' or '.join(_divided(cause) for cause in smallest)}"
    text += f"; {_dealt(size, shares.get(size), smallest)}"
    for size, several in larger:
        text += f"; {' or '.join(_divided(cause) for cause in several)} fits, too, "
        share = shares.get(size)
        text += f"as {_SETS[size]} would in {_percent(share)}" if share is not None else _UNKNOWN
    return text


def unlike(attributions: Sequence[Attribution]) -> Iterator[str]:
    """Yield what was searched with one image and could not be with another: their chances differ.

    The runs of two images may have been on different machines, of which other things were known.
    """
    known = [own for own in attributions if own.chances]
    for own in known:
        for compared in known:
            here = own.scope == compared.scope and own.software != compared.software
            more = [name for name in own.considered if name in compared.constant]
            if here and more:
                yield (
                    f"{own.software}, {own.scope} runs: {words.names(more)} "
                    f"{'was' if len(more) == 1 else 'were'} searched, too, which with "
                    f"{compared.software} could not be (there the same everywhere, another in each "
                    "type of machine, or unknown), so their chances are of different searches."
                )


def explanations(attribution: Attribution) -> list[Cause]:
    """Return the causes as a sentence and its table list them, the smallest first.

    What stands for a cause, since it divides alike, contains no other set of the list: with
    something to spare it would fit for that one's sake.
    """
    if isinstance(attribution.causes, NotAssessable):
        return []
    causes = [cause for cause in attribution.causes if cause.attributes]
    listed = [own for cause in causes for own in _variants(cause)]
    shortened = []
    for cause in sorted(causes, key=lambda cause: len(cause.attributes)):
        equals = tuple(own for own in cause.equals if not any(set(own) > set(s) for s in listed))
        first = (cause.attributes, *equals)
        testable = cause.testable if cause.testable in first else ()
        shortened.append(replace(cause, equals=equals, testable=testable))
    return shortened


def _variants(cause: Cause) -> list[tuple[str, ...]]:
    """Return the attributes of a cause, and with each alias in the place of one of them."""
    return [
        cause.attributes,
        *(
            tuple(alias if name == member else name for name in cause.attributes)
            for member, aliases in cause.aliases.items()
            for alias in aliases
        ),
    ]


def same_sets(sets: Sequence[Sequence[str]], attribution: Attribution) -> bool:
    """Return whether these are the smallest of an attribution's sets, each under all aliases."""
    causes = explanations(attribution)
    smallest = [cause for cause in causes if len(cause.attributes) == len(causes[0].attributes)]
    named = {frozenset(own) for cause in smallest for own in _variants(cause)}
    return bool(named) and named == {frozenset(own) for own in sets}


def across(sets: Universal) -> str:
    """Return by what chance sets of that size would fit every table, for a sentence's end."""
    if sets.chance is None:
        return f"; {_UNKNOWN}"
    if sets.by_chance:
        return f"; these tables can't tell why: {relabelled([sets.chance])}"
    return f"; {_dealt(sets.chance.size, sets.chance.share, ())}"


def relabelled(chances: Sequence[Chance]) -> str:
    """Return in which share of relabellings sets of each size would fit as well."""
    first, *further = [(_SETS[own.size], _percent(own.share)) for own in chances]
    fits = f"in {first[1]} of random relabellings {first[0]} would have fitted as well"
    return fits + "".join(f", in {share} {sets}" for sets, share in further)


def searched(chances: Sequence[Chance]) -> Iterator[str]:
    """Yield how many sets of each size were searched, and how many fit."""
    for own in chances:
        how = "all there are" if own.exact else "drawn at random"
        yield (
            f"{own.determining:,} of {own.searched:,} sets of {words.count(own.size, 'attribute')} "
            f"determine the class; some do in {_percent(own.share)} of {own.relabellings:,} "
            f"relabellings of the types of machine ({how})"
        )


def _percent(share: float) -> str:
    """Return a chance in percent, which is never that of the limit if it is above."""
    text, limit = words.percent(share), words.percent(LIKELY)
    return f"more than {limit}" if share > LIKELY and text == limit else text


def _dealt(size: int, share: float | None, causes: Sequence[Cause]) -> str:
    """Return how often such sets would fit classes that have nothing to do with them."""
    if share is None:
        return _UNKNOWN
    # What can be tested is named first; the chance is that of the set which divides alike.
    meant = [_braced(cause.attributes) for cause in causes if _first(cause) != cause.attributes]
    like = f" like {' or '.join(meant)}" if meant else ""
    return (
        f"were the classes dealt out at random, {_SETS[size]}{like} would fit in "
        f"{_percent(share)} of cases"
    )


def _first(cause: Cause) -> tuple[str, ...]:
    """Return what a cause is named by: what an emulation can test, if something can."""
    return cause.testable if cause.testable in cause.equals else cause.attributes


def _divided(cause: Cause) -> str:
    """Return a cause with the sets that divide the environments alike, what can be tested first."""
    if not cause.equals:
        return braced(cause)
    first, further = braced(cause), list(cause.equals)
    if _first(cause) != cause.attributes:
        further.remove(cause.testable)
        first, further = _braced(cause.testable), [cause.attributes, *further]
    like = [
        braced(cause) if names == cause.attributes else _braced(names)
        for names in further[:_EQUALS]
    ]
    more = f" and {len(further) - len(like)} more sets" if len(further) > len(like) else ""
    return f"{first} (divided alike by {' or '.join(like)}{more})"


def _braced(names: Sequence[str]) -> str:
    return f"{{{', '.join(names)}}}"


def named(cause: Cause) -> str:
    """Return the attributes of a cause, and those that could stand in their place."""
    return ", ".join(
        f"{name} ({_stand_ins(cause.aliases[name])})" if cause.aliases.get(name) else name
        for name in cause.attributes
    )


def braced(cause: Cause) -> str:
    """Return a cause as a set, ``{logical_cpus, avx512f (or vendor)}``."""
    return f"{{{named(cause)}}}"


def _stand_ins(aliases: Sequence[str]) -> str:
    """Return what could stand in the place of an attribute; the mere names of a CPU come last."""
    meant = [name for name in aliases if name not in _IDENTITIES]
    merely = [name for name in aliases if name in _IDENTITIES]
    phrases = [f"or {', '.join(meant)}"] if meant else []
    return "; ".join([*phrases, *([f"or the CPU's {', '.join(merely)}"] if merely else [])])
