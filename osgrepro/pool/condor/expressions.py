"""ClassAd expressions, as HTCondor itself reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import classad2
import htcondor2

# Submit commands whose value is a ClassAd expression.
_IS_EXPRESSION = re.compile(r"(my\.|requirements$|rank$|periodic_|on_exit_|retry_until$)", re.I)
# An = that is not part of ==, =?=, =!=, !=, <= or >=.
_SINGLE = re.compile(r"(?<![=!<>?])=(?![=?!])")
# What would end a text in HTCondor, and what UTF-8 can't hold.
_UNFIT = re.compile("[\\0\ud800-\udfff]")
# Of some ten times as many characters the process that evaluates them ends.
_LONGEST = 50_000
_SHOWN = 200


def check_expression(expression: str) -> str | None:
    """Return what is wrong with a ClassAd expression, or None if HTCondor can take it."""
    shown = repr(expression)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    if isinstance(expression, str) and len(expression) > _LONGEST:
        return f"{shown} is longer than {_LONGEST:,} characters{_SHORTER}"
    try:
        tree = classad2.ExprTree(expression)
    except (classad2.ClassAdException, ValueError, TypeError):
        single = isinstance(expression, str) and _SINGLE.search(expression)
        hint = "; to compare, write ==" if single else ""
        return f"{shown} is not a ClassAd expression{hint}"
    try:
        tree.eval(scope=classad2.ClassAd(), target=classad2.ClassAd())
    except classad2.ClassAdException:
        return f"{shown} has more terms than HTCondor evaluates, some 400{_SHORTER}"
    return None


_SHORTER = '; to name many values, write stringListMember(Machine, "a, b, c")'


def evaluated(tree: Any, scope: Any, target: Any = None) -> Any:
    """Return an expression's value; an error where HTCondor gives it up, as it does on the pool."""
    try:
        return tree.eval(scope=scope, target=target)
    except classad2.ClassAdException:
        return classad2.Value.Error


def check_description(text: str) -> str | None:
    """Return what is wrong with a submit description, or None if HTCondor can read it.

    Values that hold a macro of the items file are expressions only row by row, and not looked at.
    """
    try:
        commands = htcondor2.Submit(text)
    except (htcondor2.HTCondorException, ValueError, TypeError) as error:
        return f"HTCondor can't read the submit description: {error}"
    for name in commands:
        value = str(commands[name])
        if "$(" not in value and _IS_EXPRESSION.match(name) and check_expression(value):
            return f"{name} = {value}: not a ClassAd expression"
    return None


def matches(expression: str, machine: Mapping[str, Any]) -> bool:
    """Whether ``expression`` is true for a machine ad; undefined and error count as no.

    Attributes may be written bare or with ``TARGET.``, as in a job's requirements.
    """
    target = classad2.ClassAd()
    for name, value in machine.items():
        if value is not None and fits(value):
            target[name] = value
    # A bare name is looked up in the job first and then in the machine; the job here has none.
    value = evaluated(classad2.ExprTree(expression), classad2.ClassAd(), target)
    return value is True or (type(value) in (int, float) and value != 0)


def attributes(expression: str) -> tuple[str, ...]:
    """Return the attributes that ``expression`` refers to, as it writes them."""
    references = classad2.ClassAd().externalRefs(classad2.ExprTree(expression))
    return tuple(name for name in references if name)


def truth(expression: str, own: Mapping[str, Any], machine: Mapping[str, Any]) -> bool | None:
    """Return whether ``expression`` is true; None where it is undefined or an error.

    A bare name is looked up in ``own`` first and then in ``machine``; ``MY.`` means the one,
    ``TARGET.`` the other. What is None in ``own`` is undefined, whatever ``machine`` says.
    """
    scope, target = classad2.ClassAd(), classad2.ClassAd()
    named = {name.lower().rpartition(".")[2] for name in attributes(expression)}
    for name in own:
        if name.lower() in named:
            scope[name] = own[name] if _known(own[name]) else classad2.Value.Undefined
    for name in machine:
        if name.lower() in named and _known(machine[name]):
            target[name] = machine[name]
    value = evaluated(classad2.ExprTree(expression), scope, target)
    if isinstance(value, bool):
        return value
    return value != 0 if type(value) in (int, float) else None


def fits(value: Any) -> bool:
    """Whether a ClassAd can hold ``value``; where it can't, the bindings may end the process."""
    match value:
        case str():
            return not _UNFIT.search(value)
        case list():
            return all(map(fits, value))
        case dict():
            return all(map(fits, [*value, *value.values()]))
        case int():
            return -(2**63) <= value < 2**63
    return value is None or isinstance(value, float)


def _known(value: Any) -> bool:
    """Whether it is a value that expressions compare: no ad, nor a list of anything but texts."""
    if isinstance(value, list):
        return all(isinstance(item, str) and fits(item) for item in value)
    return isinstance(value, (str, int, float)) and fits(value)
