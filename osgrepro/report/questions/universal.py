"""The universal set in words: what fits every table, however many sets do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osgrepro.analysis.findings import JointAttribution
from osgrepro.report import words
from osgrepro.report.questions import chances

# Sets, and attributes of which one is in a set, that are named; the JSON has all.
_SETS, _CHOICES = 3, 8


def universal(joint: JointAttribution, where: str) -> Iterator[str]:
    """Yield the smallest sets that determine the classes of every table, if there are any."""
    if joint.universal.sets and not is_attributed(joint):
        yield (
            f"{where}, {joint.attribution.scope} runs: universal set, the smallest that fits each "
            "table among all of its hardware: "
            f"{_sets(joint.universal.sets)}{chances.across(joint.universal)}."
        )


def is_attributed(joint: JointAttribution) -> bool:
    """Return whether the attribution names just these sets, with just their chance."""
    chances_of = joint.attribution.chances
    return (
        bool(chances_of)
        and joint.universal.chance is not None
        and joint.universal.chance.share == chances_of[0].share
        and chances.same_sets(joint.universal.sets, joint.attribution)
    )


def _sets(sets: Sequence[tuple[str, ...]]) -> str:
    """Return sets that differ in one attribute as one set with a choice, others one by one."""
    first, *_ = sets
    common = [name for name in first if all(name in own for own in sets)]
    choices = [name for own in sets for name in own if name not in common]
    if len(sets) > 1 and len(choices) == len(sets):
        choice = f"one of {words.names(choices, _CHOICES)}"
        return f"{{{', '.join([*common, choice])}}}"
    named = " or ".join(f"{{{', '.join(own)}}}" for own in sets[:_SETS])
    return f"{named} and {len(sets) - _SETS} more" if len(sets) > _SETS else named
