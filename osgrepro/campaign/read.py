"""A campaign file's content becomes a ``Campaign``, or all of its problems at once.

Pure: the workflow reads the file and hands the parsed TOML in, with the check that only HTCondor's
own ClassAd parser can do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from osgrepro.campaign import checks, wrong_keys
from osgrepro.campaign.checks import CheckExpression
from osgrepro.campaign.wrong_keys import OWN_KEYS, SECTIONS, TABLES
from osgrepro.common.errors import CampaignError
from osgrepro.common.models import (
    Campaign,
    Experiment,
    Hardware,
    Software,
)

_OSDF_FOLDER = re.compile(r"osdf:///\w[\w.@+-]*(/\w[\w.@+-]*)+/?\Z")
# A million of them take some 200 MB of memory.
_MOST_RUNS = 2_000_000


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
    shapes = list(wrong_keys.wrong_shapes(flat))
    problems = [*wrong_keys.unknown_keys(mapping), *shapes]
    if shapes:
        raise CampaignError(source, problems, hint=_HINT)
    try:
        campaign = Campaign.model_validate(_frozen(_fields(flat)))
    except ValidationError as error:
        problems += [*wrong_keys.explained(error, flat), *_meaning_of_sound(flat, check_expression)]
        raise CampaignError(source, problems, hint=_HINT) from None
    problems += _meaning(campaign, check_expression)
    if problems:
        raise CampaignError(source, problems, hint=_HINT)
    return campaign


_HINT = "`osgrepro help campaign` describes every key; `osgrepro init DIR` writes an example"


def _fields(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the campaign file's tables under the names of Campaign's fields."""
    own = {key: value for key, value in flat["campaign"].items() if key in OWN_KEYS}
    if "seed" in own:  # the short way to say that there is one
        own["seeds"] = (own.pop("seed"),)
    tables = {TABLES.get(table, table): rows for table, rows in flat.items() if table != "campaign"}
    return {"experiments": (), "software": (), "hardware": ()} | own | tables


def _frozen(value: Any) -> Any:
    """Return ``value`` with its lists as tuples, which is what the frozen models hold."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def _meaning(campaign: Campaign, check_expression: CheckExpression) -> Iterator[str]:
    """Yield the problems that a well-formed campaign can still have."""
    tables = {table: getattr(campaign, field) for table, field in TABLES.items()}
    yield from checks.duplicates(
        {name: [row.name for row in rows] for name, rows in tables.items()}
    )
    for table, rows in tables.items():
        for index, entry in enumerate(rows):
            yield from checks.of_entry(table, index, entry, check_expression)
    if campaign.submit.staging is not None and not _OSDF_FOLDER.match(campaign.submit.staging):
        yield "submit.staging: should be a folder in OSDF, as osdf:///ospool/ap40/data/USER"
    if campaign.size > _MOST_RUNS:
        yield (
            f"campaign.repeats: {campaign.size:,} runs in all, and {_MOST_RUNS:,} is the most: "
            "ask for fewer repeats or seeds, or divide it into several campaigns"
        )
    if len(set(campaign.seeds)) < len(campaign.seeds):
        yield "campaign.seeds: a seed is there twice; more runs of one seed are repeats"
    yield from checks.of_claims(campaign)


def _meaning_of_sound(flat: Mapping[str, Any], check_expression: CheckExpression) -> Iterator[str]:
    """Yield what those entries mean wrongly that are well-formed, beside others that are not."""
    rows = {table: flat.get(table, []) for table in TABLES}
    named = {table: [row.get("name") for row in rows[table]] for table in TABLES}
    yield from checks.duplicates(
        {table: [name for name in names if isinstance(name, str)] for table, names in named.items()}
    )
    for table, model in _ENTRIES.items():
        for index, row in enumerate(rows[table]):
            try:
                entry = model.model_validate(_frozen(row))
            except ValidationError:  # its faults are told already
                continue
            yield from checks.of_entry(table, index, entry, check_expression)


_ENTRIES: Mapping[str, type[BaseModel]] = {
    "experiment": Experiment,
    "software": Software,
    "hardware": Hardware,
}
