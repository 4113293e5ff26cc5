"""ClassAd expressions, as HTCondor itself reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import classad2
import htcondor2

# What would end a text in HTCondor, and what UTF-8 can't hold.
# Submit commands whose value is a ClassAd expression.
_IS_EXPRESSION = re.compile(r"(my\.|requirements$|rank$|periodic_|on_exit_|retry_until$)", re.I)
# An = that is not part of ==, =?=, =!=, !=, <= or >=.
_SINGLE = re.compile(r"(?<![=!<>?])=(?![=?!])")
_UNFIT = re.compile("[\\0\ud800-\udfff]")


def check_expression(expression: str) -> str | None:
    """Return what is wrong with a ClassAd expression, or None if HTCondor can parse it."""
    try:
        classad2.ExprTree(expression)
    except (classad2.ClassAdException, ValueError, TypeError):
        single = isinstance(expression, str) and _SINGLE.search(expression)
        hint = "; to compare, write ==" if single else ""
        return f"{expression!r} is not a ClassAd expression{hint}"
    return None


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
        if value is not None:
            target[name] = value
    # A bare name is looked up in the job first and then in the machine; the job here has none.
    value = classad2.ExprTree(expression).eval(scope=classad2.ClassAd(), target=target)
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
            scope[name] = own[name] if _fits(own[name]) else classad2.Value.Undefined
    for name in machine:
        if name.lower() in named and _fits(machine[name]):
            target[name] = machine[name]
    value = classad2.ExprTree(expression).eval(scope=scope, target=target)
    if isinstance(value, bool):
        return value
    return value != 0 if type(value) in (int, float) else None


def _fits(value: Any) -> bool:
    """Whether a ClassAd can hold ``value``; the bindings have no decent error where it can't."""
    if isinstance(value, str):
        return not _UNFIT.search(value)
    if isinstance(value, list):
        return all(isinstance(item, str) and _fits(item) for item in value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, float)
