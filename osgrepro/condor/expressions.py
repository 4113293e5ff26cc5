"""ClassAd expressions, as HTCondor itself reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import classad2


def check_expression(expression: str) -> str | None:
    """Return what is wrong with a ClassAd expression, or None if HTCondor can parse it."""
    try:
        classad2.ExprTree(expression)
    except (classad2.ClassAdException, ValueError, TypeError):
        return f"{expression!r} is no ClassAd expression"
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
