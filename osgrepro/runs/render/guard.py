"""Keeps a campaign's values inside their line of a submit description, or refuses them.

Called by the submissions only. What is refused is refused with its place, never repaired: a value
that was changed silently would no longer be what the campaign says.
"""

from __future__ import annotations

import re

from osgrepro.common.errors import RenderError
from osgrepro.common.models import NAME_PATTERN

# Everything that ends a line for some reader, and the rest of the control characters.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# $(name), $ENV(name), $$(attribute), $$([expression]) and their like.
_MACRO = re.compile(r"\$\w*\s*[(\[]|\$\$")
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def line(value: str, place: str) -> str:
    """Return ``value`` where it fits on one line and expands to itself.

    Raises
    ------
    RenderError
        If it holds a control character or a macro, or ends in a continuation.
    """
    for pattern, fault in ((_CONTROL, "a line break or control character"), (_MACRO, "a macro")):
        match = pattern.search(value)
        if match:
            raise RenderError(f"{place}: {fault} ({match.group()!r}) is not allowed in {value!r}")
    if value.rstrip().endswith("\\"):
        raise RenderError(f"{place}: {value!r} ends in a backslash, which continues the line")
    return value.strip()


def name(value: str, place: str) -> str:
    """Return ``value`` where it is a name: letters, digits, ``.``, ``_`` and ``-``."""
    # \Z, because $ would let a final line break pass.
    if not re.match(NAME_PATTERN.replace("$", r"\Z"), value):
        raise RenderError(
            f"{place}: {value!r} is not a valid name: letters, digits, '.', '_' and '-'"
        )
    return value


def path(value: str, place: str) -> str:
    """Return ``value`` where HTCondor reads it as one path: no comma, quote or ``$``."""
    reserved = re.search(r"""[,"'$\\;]""", value)
    if reserved or not value or value != value.strip():
        raise RenderError(
            f"{place}: HTCondor can't take the path {value!r}",
            hint="use a path without commas, quotes, '$', backslashes, and spaces at either end",
        )
    return line(value, place)


def expression(value: str, place: str) -> str:
    """Return the ClassAd expression ``value`` where it stays one expression inside parentheses.

    Whether it means something is for HTCondor's own parser to say; here only what could end the
    parentheses around it, or hide them, is refused.
    """
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line(value, place))
    bare = re.sub(r"'(?:[^'\\]|\\.)*'", "x", bare)
    if not bare:
        raise RenderError(f"{place}: the expression is empty")
    if bare.replace('""', "").count('"') or "'" in bare:
        raise RenderError(f"{place}: a quote is not closed in {value!r}")
    if "//" in bare or "/*" in bare or "#" in bare:
        raise RenderError(f"{place}: a comment is not allowed in {value!r}")
    opened: list[str] = []
    for character in bare:
        if character in _BRACKETS.values():
            opened.append(character)
        elif character in _BRACKETS and (not opened or opened.pop() != _BRACKETS[character]):
            raise RenderError(f"{place}: unbalanced {character!r} in {value!r}")
    if opened:
        raise RenderError(f"{place}: {opened[-1]!r} is not closed in {value!r}")
    return value.strip()
