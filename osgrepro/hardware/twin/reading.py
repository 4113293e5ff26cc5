"""The content of a twin's file becomes a ``Twin``, or all of its problems at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from osgrepro.common.errors import TwinError
from osgrepro.hardware.twin.machines import Gpu, Header, Machine, Twin

_HINT = (
    "`osgrepro help twin` describes every key; `osgrepro twin from RESULT.json` writes a machine"
)


def parse(mapping: Mapping[str, Any], source: str) -> Twin:
    """Turn the content of a twin's file into a ``Twin``.

    Raises
    ------
    TwinError
        With every problem of the file, each with its place.
    """
    try:
        twin = Twin.model_validate(_frozen(mapping))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise TwinError(source, [_explained(fault, mapping) for fault in faults], _HINT) from None
    problems = list(_duplicates(twin))
    if problems:
        raise TwinError(source, problems, _HINT)
    return twin


def _duplicates(twin: Twin) -> Iterator[str]:
    seen: dict[str, int] = {}
    for index, machine in enumerate(twin.machine):
        first = seen.setdefault(machine.ep_name, index)
        if first != index:
            yield (
                f"machine[{index}].name ({machine.name}): its execution point would be called "
                f"{machine.ep_name!r}, as that of machine[{first}] ({twin.machine[first].name})"
            )


def _frozen(value: Any) -> Any:
    """Return ``value`` with its lists as tuples, which is what the frozen models hold."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _explained(fault: Mapping[str, Any], mapping: Mapping[str, Any]) -> str:
    """Say one fault that pydantic found, with its place in the file."""
    place = ""
    for part in fault["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f"{'.' if place else ''}{part}"
    match fault["type"]:
        case "extra_forbidden":
            models: tuple[type[BaseModel], ...] = (Twin, Header, Machine, Gpu)
            known = models[len(fault["loc"]) - 1].model_fields
            said = f"unknown key; known are {', '.join(known)}"
        case "missing":
            said = "missing"
        case "tuple_type":
            said = f"should be {'tables, [[machine]]' if place == 'machine' else 'a list'}"
        case "model_type":
            said = "should be a table"
        case _:
            said = f"{fault['msg'][:1].lower()}{fault['msg'][1:]}, not {fault['input']!r:.60}"
    return f"{place}: {said}{_label(fault['loc'], mapping)}"


def _label(loc: tuple[int | str, ...], mapping: Mapping[str, Any]) -> str:
    if len(loc) < 3 or not isinstance(loc[1], int):
        return ""
    name = mapping["machine"][loc[1]].get("name")
    return f" ({name})" if isinstance(name, str) and name.isprintable() else ""
