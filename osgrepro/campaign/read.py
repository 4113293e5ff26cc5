"""A campaign file's content becomes a ``Campaign``, or all of its problems at once.

Pure: the workflow reads the file and hands the parsed TOML in, with the check that only HTCondor's
own ClassAd parser can do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from osgrepro.campaign import faults
from osgrepro.campaign.faults import CheckExpression
from osgrepro.common.errors import CampaignError, did_you_mean
from osgrepro.common.models import (
    Campaign,
    Experiment,
    Hardware,
    Software,
)

# The campaign file's tables, and the fields of Campaign that they fill.
TABLES = {
    "experiment": "experiments",
    "software": "software",
    "hardware": "hardware",
    "claim": "claims",
}
SECTIONS = ("campaign", *TABLES, "submit")

_OSDF_FOLDER = re.compile(r"osdf:///\w[\w.@+-]*(/\w[\w.@+-]*)+/?\Z")


def accept_any(_expression: str) -> str | None:
    """Find no fault with any ClassAd expression, for where HTCondor's parser is not wanted."""
    return None


def parse(
    mapping: Mapping[str, Any],
    source: str,
    *,
    check_expression: CheckExpression = accept_any,
) -> Campaign:
    """Turn the content of a campaign file into a ``Campaign``.

    Parameters
    ----------
    mapping : mapping
        The parsed TOML.
    source : str
        The file's name, for messages.
    check_expression : callable
        Takes a ClassAd expression and returns what is wrong with it, or None.

    Raises
    ------
    CampaignError
        With every problem of the file, each with its place.
    """
    flat = {key: mapping[key] for key in mapping if key in SECTIONS}
    shapes = list(_wrong_shapes(flat))
    problems = [*_unknown_keys(mapping), *shapes]
    if shapes:
        raise CampaignError(source, problems, hint=_HINT)
    try:
        campaign = Campaign.model_validate(_frozen(_fields(flat)))
    except ValidationError as error:
        problems += [*_explain(error, flat), *_meaning_of_sound(flat, check_expression)]
        raise CampaignError(source, problems, hint=_HINT) from None
    problems += _meaning(campaign, check_expression)
    if problems:
        raise CampaignError(source, problems, hint=_HINT)
    return campaign


_HINT = "`osgrepro help campaign` describes every key; `osgrepro init DIR` writes an example"
_OWN_KEYS = ("name", "repeats", "seed", "seeds", "threads", "trace")


def _fields(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the campaign file's tables under the names of Campaign's fields."""
    own = {key: value for key, value in flat["campaign"].items() if key in _OWN_KEYS}
    if "seed" in own:  # the short way to say that there is one
        own["seeds"] = (own.pop("seed"),)
    tables = {TABLES.get(table, table): rows for table, rows in flat.items() if table != "campaign"}
    return {"experiments": (), "software": (), "hardware": ()} | own | tables


def _unknown_keys(mapping: Mapping[str, Any]) -> Iterator[str]:
    for key in mapping:
        if key not in SECTIONS:
            yield f"{key}: unknown table{did_you_mean(key, SECTIONS, all_known=True)}"
    own = mapping.get("campaign")
    for key in own if isinstance(own, dict) else ():
        if key not in _OWN_KEYS:
            yield f"campaign.{key}: unknown key{did_you_mean(key, _OWN_KEYS, all_known=True)}"


def _wrong_shapes(flat: Mapping[str, Any]) -> Iterator[str]:
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


def _frozen(value: Any) -> Any:
    """Return ``value`` with its lists as tuples, which is what the frozen models hold."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def _explain(error: ValidationError, flat: Mapping[str, Any]) -> Iterator[str]:
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


def _meaning(campaign: Campaign, check_expression: CheckExpression) -> Iterator[str]:
    """Yield the problems that a well-formed campaign can still have."""
    tables = {table: getattr(campaign, field) for table, field in TABLES.items()}
    yield from faults.duplicates(
        {name: [row.name for row in rows] for name, rows in tables.items()}
    )
    for table, rows in tables.items():
        for index, entry in enumerate(rows):
            yield from faults.of_entry(table, index, entry, check_expression)
    if campaign.submit.staging is not None and not _OSDF_FOLDER.match(campaign.submit.staging):
        yield "submit.staging: should be a folder in OSDF, as osdf:///ospool/ap40/data/USER"
    if len(set(campaign.seeds)) < len(campaign.seeds):
        yield "campaign.seeds: a seed is there twice; more runs of one seed are repeats"
    yield from faults.of_claims(campaign)


def _meaning_of_sound(flat: Mapping[str, Any], check_expression: CheckExpression) -> Iterator[str]:
    """Yield what those entries mean wrongly that are well-formed, beside others that are not."""
    rows = {table: flat.get(table, []) for table in TABLES}
    named = {table: [row.get("name") for row in rows[table]] for table in TABLES}
    yield from faults.duplicates(
        {table: [name for name in names if isinstance(name, str)] for table, names in named.items()}
    )
    for table, model in _ENTRIES.items():
        for index, row in enumerate(rows[table]):
            try:
                entry = model.model_validate(_frozen(row))
            except ValidationError:  # its faults are told already
                continue
            yield from faults.of_entry(table, index, entry, check_expression)


_ENTRIES: Mapping[str, type[BaseModel]] = {
    "experiment": Experiment,
    "software": Software,
    "hardware": Hardware,
}
