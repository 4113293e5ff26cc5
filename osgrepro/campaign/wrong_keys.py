"""What is wrong with a campaign file's keys and the kinds of their values, each with its place.

Called by ``read`` alone, which finds out what well-formed entries mean by ``checks``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from osgrepro.common.errors import did_you_mean
from osgrepro.common.models import Campaign

# The campaign file's tables, and the fields of Campaign that they fill.
TABLES = {
    "experiment": "experiments",
    "software": "software",
    "hardware": "hardware",
    "claim": "claims",
}
SECTIONS = ("campaign", *TABLES, "submit")
# The keys of [campaign] itself.
OWN_KEYS = ("name", "repeats", "seed", "seeds", "threads", "trace")


def unknown_keys(mapping: Mapping[str, Any]) -> Iterator[str]:
    """Yield the unknown tables and keys of ``[campaign]``; pydantic finds those of the others."""
    for key in mapping:
        if key not in SECTIONS:
            yield f"{key}: unknown table{did_you_mean(key, SECTIONS, all_known=True)}"
    own = mapping.get("campaign")
    for key in own if isinstance(own, dict) else ():
        if key not in OWN_KEYS:
            yield f"campaign.{key}: unknown key{did_you_mean(key, OWN_KEYS, all_known=True)}"


def wrong_shapes(flat: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is no table where one is due, or is there twice, or not at all."""
    for name in ("campaign", "submit"):
        if name in flat and not isinstance(flat[name], dict):
            yield f"{name}: should be a table, [{name}]"
    for name in TABLES:
        rows = flat.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield f"{name}: should be tables, [[{name}]]"
    own = flat.get("campaign", {})
    if isinstance(own, dict) and {"seed", "seeds"} <= own.keys():
        yield "campaign.seeds: is there as well as campaign.seed; keep one of them"
    if "campaign" not in flat:
        yield "campaign: missing; a campaign begins with a table [campaign]"


def explained(error: ValidationError, flat: Mapping[str, Any]) -> Iterator[str]:
    """Say each fault that pydantic found in the words of the campaign file, each place once."""
    by_place: dict[str, list[Any]] = {}
    within = {fault["loc"][0] for fault in error.errors() if len(fault["loc"]) > 1}
    for fault in error.errors():
        if fault["type"] == "too_short" and len(fault["loc"]) == 1 and fault["loc"][0] in within:
            continue  # pydantic counts only the sound entries, and the others have spoken
        by_place.setdefault(_place(fault["loc"], flat), []).append(fault)
    for place, of_place in by_place.items():  # a union tells a fault for each of its branches
        yield f"{place}: {_message(of_place[0]) or _mismatch(of_place)}"


def _place(loc: Sequence[int | str], flat: Mapping[str, Any]) -> str:
    table = {field: table for table, field in TABLES.items()}.get(str(loc[0]))
    if table is None:
        start = "submit" if loc[0] == "submit" else f"campaign.{loc[0]}"
        if loc[0] == "seeds" and "seed" in flat["campaign"]:
            return "campaign.seed"
        return ".".join([start, *_words(loc[1:])])
    if len(loc) == 1:
        return table
    index = loc[1]
    name = flat[table][index].get("name") if isinstance(index, int) else None
    label = f" ({name})" if isinstance(name, str) and name.isprintable() else ""
    return ".".join([f"{table}[{index}]", *_words(loc[2:])]) + label


def _words(loc: Sequence[int | str]) -> list[str]:
    # pydantic names the branch of a union in the place; a reader of the file has no use for it.
    branches = ("int", "float", "str", "bool", "constrained", "literal", "function")
    return [str(part) for part in loc if not str(part).startswith(branches)]


def _message(fault: Mapping[str, Any]) -> str:
    """Say a fault in words of our own; empty where pydantic's serve."""
    match fault["type"]:
        case "extra_forbidden":
            known = _keys_beside(fault["loc"])
            return f"unknown key{did_you_mean(str(fault['loc'][-1]), known, all_known=True)}"
        case "missing":
            return "missing"
        case "string_pattern_mismatch":
            given = fault["input"]
            return f"{given!r} is not a valid name: letters, digits, '.', '_' and '-', at most 64"
        case "model_type" | "dict_type":
            return f"should be a table, {{ key = value }}, not {_shown(fault['input'])}"
        case "too_short":
            return "needs at least one entry"
    return ""


def _mismatch(faults: Sequence[Mapping[str, Any]]) -> str:
    wanted = (re.sub(r"^Input should be (a valid )?", "", str(fault["msg"])) for fault in faults)
    return f"should be {' or '.join(dict.fromkeys(wanted))}, not {_shown(faults[0]['input'])}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _keys_beside(loc: Sequence[int | str]) -> list[str]:
    """Return the keys that are known where ``loc`` has an unknown one."""
    model: type[BaseModel] = Campaign
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            nested = _model_in(model.model_fields[part].annotation)
            model = nested or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        nested = _model_in(argument)
        if nested is not None:
            return nested
    return None
