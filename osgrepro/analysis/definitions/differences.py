"""Definitions as findings: which are analysed, and in what one is not like the campaign's now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osgrepro.analysis.definitions.groups import TOLD, UNTOLD, Group, by
from osgrepro.analysis.findings import Definition


def told(
    groups: Sequence[Group], names: Sequence[str | None], of_now: set[int], known: bool
) -> Iterable[Definition]:
    """Yield every definition, those that are analysed first."""
    found = []
    for (experiment, own), numbers in by(groups, lambda one: (one.experiment, one.id)).items():
        here = [number for number in numbers if names[number] is not None]
        now = any(number in of_now for number in numbers)
        rows = sum(groups[number].rows for number in numbers)
        analysed = sum(groups[number].rows for number in here)
        last = max((m for n in numbers if (m := groups[n].last) is not None), default=None)
        differs = _differs(groups, names, of_now, numbers)
        found.append(
            Definition(
                experiment=experiment,
                id=own,
                rows=rows,
                failed=sum(groups[number].failed for number in numbers),
                analysed=analysed,
                name=names[here[0]] if here else None,
                current=now if known else None,
                last=None if last is None else last.isoformat(timespec="seconds"),
                differs=differs,
                text=_said(differs, rows - analysed, now, bool(here)),
            )
        )
    return sorted(found, key=_order)


def _order(definition: Definition) -> tuple[str, bool, bool, str, str]:
    return (
        definition.experiment,
        not definition.current,
        definition.name != definition.experiment,
        definition.last or "",
        definition.id,
    )


def _differs(
    groups: Sequence[Group], names: Sequence[str | None], of_now: set[int], own: Sequence[int]
) -> tuple[str, ...]:
    """Return in what a definition is not like its experiment's current one."""
    first = groups[own[0]]
    others = [n for n in of_now if groups[n].experiment == first.experiment] or [
        n for n, name in enumerate(names) if name == first.experiment
    ]
    if not others or any(groups[number].id == first.id for number in others):
        return ()
    # Of the same software environment, if there is one: each may set an environment of its own.
    same = [number for number in others if groups[number].software == first.software]
    other = groups[(same or others)[0]]
    pairs = zip(TOLD.values(), first.told, other.told, strict=True)
    return tuple(label for label, mine, its in pairs if mine != its) or (UNTOLD,)


def _said(differs: Sequence[str], left: int, now: bool, here: bool) -> str:
    if differs:
        return f"other {' and '.join(differs)}"
    if now and left:
        return f"{left:,} {'run' if left == 1 else 'runs'} of cells that the campaign no longer has"
    if now or here:
        return "the campaign's now" if now else "the one that ran last"
    return "not the campaign's now"
