"""Definitions as findings: which are analysed, and in what one is not like the campaign's now."""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.analysis.definitions.groups import RECORDED, UNRECORDED, Group, by
from osgrepro.analysis.findings import Definition


def described(
    groups: Sequence[Group], names: Sequence[str | None], of_now: set[int], *, known: bool
) -> tuple[Definition, ...]:
    """Return every definition with its differences, those that are analysed first.

    Parameters
    ----------
    groups : sequence of Group
        All runs.
    names : sequence of str or None
        By group: as which experiment it is analysed; None where it isn't.
    of_now : set of int
        The groups of the campaign's current definitions.
    known : bool
        Whether the campaign says which are current; else these are the ones that ran last.
    """
    definitions = []
    of_definition = by(groups, lambda group: (group.experiment, group.id))
    for (experiment, definition_id), numbers in of_definition.items():
        named = [number for number in numbers if names[number] is not None]
        now = any(number in of_now for number in numbers)
        rows = sum(groups[number].rows for number in numbers)
        analysed = sum(groups[number].rows for number in named)
        began = [groups[number].last for number in numbers]
        last = max((moment for moment in began if moment is not None), default=None)
        differs = _differs(groups, names, of_now, numbers)
        definitions.append(
            Definition(
                experiment=experiment,
                id=definition_id,
                rows=rows,
                failed=sum(groups[number].failed for number in numbers),
                analysed=analysed,
                name=names[named[0]] if named else None,
                current=now if known else None,
                last=None if last is None else last.isoformat(timespec="seconds"),
                differs=differs,
                text=_sentence(differs, rows - analysed, now, bool(named)),
            )
        )
    return tuple(sorted(definitions, key=_order))


def _order(definition: Definition) -> tuple[str, bool, bool, str, str]:
    return (
        definition.experiment,
        not definition.current,
        definition.name != definition.experiment,
        definition.last or "",
        definition.id,
    )


def _differs(
    groups: Sequence[Group], names: Sequence[str | None], of_now: set[int], numbers: Sequence[int]
) -> tuple[str, ...]:
    """Return in what a definition, groups by their numbers, is not like the current one."""
    first = groups[numbers[0]]
    current = [number for number in of_now if groups[number].experiment == first.experiment] or [
        number for number, name in enumerate(names) if name == first.experiment
    ]
    if not current or any(groups[number].id == first.id for number in current):
        return ()
    # Of the same software environment, if there is one: each may set an environment of its own.
    same = [number for number in current if groups[number].software == first.software]
    compared = groups[(same or current)[0]]
    pairs = zip(RECORDED.values(), first.recorded, compared.recorded, strict=True)
    return tuple(label for label, mine, its in pairs if mine != its) or (UNRECORDED,)


def _sentence(differs: Sequence[str], left: int, now: bool, named: bool) -> str:
    """Return what a definition is; ``left`` of its runs are not analysed."""
    if differs:
        return f"other {' and '.join(differs)}"
    if now and left:
        return f"{left:,} {'run' if left == 1 else 'runs'} of cells that the campaign no longer has"
    if now or named:
        return "the campaign's now" if now else "the one that ran last"
    return "not the campaign's now"
