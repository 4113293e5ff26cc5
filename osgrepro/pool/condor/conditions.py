"""Conditions evaluated against many slots, as the negotiator would: which of them hold where.

A condition is evaluated once for each combination of the values that it reads, so that large pools
take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import classad2

from osgrepro.pool.condor.expressions import evaluated, fits

Ad = Mapping[str, Any]

# What a bare name finds in the job before it is looked up in the machine.
JOB = ("osgreprohardware", "requestcpus", "requestmemory", "requestdisk", "requestgpus")


def split(expression: str) -> list[str]:
    """Return the clauses that ``expression`` joins with ``&&``; else the whole as one.

    ``expression`` must parse. Brackets and texts keep their inside together.
    """
    parts, start, depth, position = list[str](), 0, 0, 0
    while position < len(expression):
        character = expression[position]
        if character in "\"'":
            position = _end_of_text(expression, position)
        depth += (character in "([{") - (character in ")]}")
        chosen = character == "?" and not expression.startswith("=?=", position - 1)
        if depth == 0 and (chosen or expression.startswith("||", position)):
            return [expression.strip()]
        if depth == 0 and expression.startswith("&&", position):
            parts.append(expression[start:position].strip())
            start = position + 2
            position += 1
        position += 1
    return [*parts, expression[start:].strip()]


def _end_of_text(expression: str, position: int) -> int:
    """Return where the quoted text that begins at ``position`` ends."""
    quote = expression[position]
    position += 1
    while position < len(expression) and expression[position] != quote:
        position += 2 if expression[position] == "\\" else 1
    return position


def reads_of(text: str) -> list[str]:
    """Return the names of the machine's attributes that an expression reads."""
    names = classad2.ClassAd().externalRefs(classad2.ExprTree(text))
    parts = [name.lower().split(".") for name in names if name]
    return [
        words[1] if words[0] == "target" and len(words) > 1 else words[0]
        for words in parts
        if words[0] != "my" and words[0] not in JOB
    ]


def column(text: str, job: Any, slots: Sequence[Ad]) -> list[bool]:
    """Return for each slot whether the condition ``text`` holds."""
    expression = classad2.ExprTree(text)
    reads = reads_of(text)
    known: dict[tuple[str, ...], bool] = {}
    held = []
    for slot in slots:
        key = tuple(repr(slot.get(name)) for name in reads)
        if key not in known:
            target = _ad(slot, reads)
            known[key] = _true(evaluated(expression, job, target))
        held.append(known[key])
    return held


def starts(job: Any, slots: Sequence[Ad]) -> list[bool]:
    """Return for each slot whether its own START lets the job in."""
    held, known = [], dict[tuple[str, ...], bool]()
    reads: dict[str, list[str]] = {}
    for slot in slots:
        text = str(slot.get("start", "true"))
        if text not in reads:
            reads[text] = _read_by(text)
        key = (text, *(repr(slot.get(name)) for name in reads[text]))
        if key not in known:
            scope = _ad(slot, reads[text])
            known[key] = _lets_in(text, scope, job)
        held.append(known[key])
    return held


def _ad(slot: Ad, names: Iterable[str]) -> Any:
    ad = classad2.ClassAd()
    for name in names:
        if slot.get(name) is not None and fits(slot[name]):
            ad[name] = slot[name]
    return ad


def _true(value: Any) -> bool:
    return value is True or (type(value) in (int, float) and value != 0)


def _read_by(expression: str) -> list[str]:
    """Return the attributes that a slot's own expression reads; none if it is not one."""
    try:
        names = classad2.ClassAd().externalRefs(classad2.ExprTree(expression))
    except (classad2.ClassAdException, ValueError):
        return []
    return [name.split(".")[-1].lower() for name in names if name]


def _lets_in(expression: str, slot: Any, job: Any) -> bool:
    """Whether a slot's START lets a job in; what HTCondor could not read lets nobody in."""
    try:
        value = classad2.ExprTree(expression).eval(scope=slot, target=job)
    except (classad2.ClassAdException, ValueError):
        return False
    return value is not False and value != 0
