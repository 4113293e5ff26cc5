"""Reads a machine's description: YAML of unknown origin, of which nothing may execute or swell."""

from __future__ import annotations

from typing import Any

import yaml

from osgrepro.common.errors import UNFORESEEN, InputError

MAX_CHARS = 4_000_000  # the study's largest has 251 000
MAX_DEPTH = 100
_ORDERED = "tag:yaml.org,2002:python/object/apply:collections.OrderedDict"
# libyaml is ten times as fast, and not in every build of PyYAML.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """The safe loader, to which ordered mappings are mappings."""


def _ordered(loader: Any, node: Any) -> dict[Any, Any]:
    # The node is the call's arguments: one list of [key, value]; without arguments it is empty.
    try:
        arguments = loader.construct_sequence(node, deep=True)
        return dict(map(tuple, arguments[0])) if arguments else {}
    except (TypeError, ValueError) as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"an OrderedDict that is not made of pairs: {error}", node.start_mark
        ) from error


_Loader.add_constructor(_ORDERED, _ordered)


def load(text: str, path: str) -> dict[str, Any]:
    """Return the mapping that ``text`` holds.

    Raises
    ------
    InputError
        If it is too large, no YAML, no mapping, or has aliases or tags that would make objects.
    """
    if len(text) > MAX_CHARS:
        raise _refused(path, f"{len(text)} characters are too many for a description")
    try:
        if danger := _danger(text):
            raise _refused(path, danger)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        raise _refused(path, " ".join(str(error).split())) from error
    except UNFORESEEN as error:  # too deep; 2022-99-99; {[]: 1}; !!int ""
        raise _refused(path, f"{type(error).__name__}: {error}") from error
    if not isinstance(value, dict):
        raise _refused(path, "it is not a mapping")
    return value


def _danger(text: str) -> str | None:
    # Events are made one after the other, whatever they nest; libyaml's loader calls itself for
    # each level, and some ten thousand of them end the process.
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.AliasEvent):
            return "it has aliases (*name), and a few of them can fill the memory"
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return f"it is nested deeper than {MAX_DEPTH} levels"
    return None


def _refused(path: str, why: str) -> InputError:
    return InputError(
        f"{path}: can't be read as a machine's description: {why}",
        hint="fix the file, or move it away: its facts are then taken from the files beside it",
    )
