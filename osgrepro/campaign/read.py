"""A campaign file's content becomes a ``Campaign``, or all of its problems at once.

Pure: the workflow reads the file and hands the parsed TOML in, with the check that only HTCondor's
own ClassAd parser can do.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ValidationError

from osgrepro.campaign import allowed_variables
from osgrepro.common.errors import CampaignError, did_you_mean
from osgrepro.common.models import (
    CVMFS,
    DEVICE_PATTERN,
    OSDF,
    REMOTE_IMAGES,
    Alternative,
    Campaign,
    Claim,
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

CheckExpression = Callable[[str], str | None]

_ENTRY = re.compile(r"experiments\.[A-Za-z_]\w*:[A-Za-z_]\w*\Z")
# A place for a parameter in an argument of a program.
_PARAMETER = re.compile(r"\{params\.([^{}]+)\}")
# What a reader of the file would take for one.
_PLACE = re.compile(r"\{([A-Za-z_][\w.-]*)\}")
_PLACES = ("seed", "repeat")
_SCRIPT = re.compile(r"[\w./-]+\.py\Z")
# What lies in a run's folder besides its own files.
_OURS = ("payload.pyz", "spec.json", "result.json")
_IMAGE_KIND = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?")
_OSDF_FOLDER = re.compile(r"osdf:///\w[\w.@+-]*(/\w[\w.@+-]*)+/?\Z")
# What JSON's readers on the slot and here both take to the last digit.
_LARGEST = 2**63


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
        yield "campaign.seeds: stands beside campaign.seed; keep one of them"
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
    for place, faults in by_place.items():  # a union tells a fault for each of its branches
        yield f"{place}: {_message(faults[0]) or _mismatch(faults)}"


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
            found = _model_in(model.model_fields[part].annotation)
            model = found or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _meaning(campaign: Campaign, check_expression: CheckExpression) -> Iterator[str]:
    """Yield the problems that a well-formed campaign can still have."""
    tables = {table: getattr(campaign, field) for table, field in TABLES.items()}
    yield from _duplicates({name: [one.name for one in rows] for name, rows in tables.items()})
    for table, rows in tables.items():
        for index, entry in enumerate(rows):
            yield from _entry_faults(table, index, entry, check_expression)
    if campaign.submit.staging is not None and not _OSDF_FOLDER.match(campaign.submit.staging):
        yield "submit.staging: should be a folder in OSDF, as osdf:///ospool/ap40/data/USER"
    if len(set(campaign.seeds)) < len(campaign.seeds):
        yield "campaign.seeds: a seed stands twice; more runs of one seed are repeats"
    yield from _claim_faults(campaign)


def _meaning_of_sound(flat: Mapping[str, Any], check_expression: CheckExpression) -> Iterator[str]:
    """Yield what those entries mean wrongly that are well-formed, beside others that are not."""
    rows = {table: flat.get(table, []) for table in TABLES}
    named = {table: [row.get("name") for row in rows[table]] for table in TABLES}
    yield from _duplicates(
        {table: [name for name in names if isinstance(name, str)] for table, names in named.items()}
    )
    for table, model in _ENTRIES.items():
        for index, row in enumerate(rows[table]):
            try:
                entry = model.model_validate(_frozen(row))
            except ValidationError:  # its faults are told already
                continue
            yield from _entry_faults(table, index, entry, check_expression)


_ENTRIES: Mapping[str, type[BaseModel]] = {
    "experiment": Experiment,
    "software": Software,
    "hardware": Hardware,
}


def _entry_faults(
    table: str, index: int, entry: object, check_expression: CheckExpression
) -> Iterator[str]:
    match entry:
        case Experiment():
            for fault in _experiment_faults(entry):
                yield f"{table}[{index}].{fault} ({entry.name})"
        case Hardware():
            for key, fault in _hardware_faults(entry, check_expression):
                yield f"{table}[{index}].{key} ({entry.name}): {fault}"
        case Software():
            for fault in _software_faults(entry):
                yield f"{table}[{index}]{fault}"


def _duplicates(names: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for table, given in names.items():
        counts = Counter(name.lower() for name in given)
        for name, count in counts.items():
            if count > 1:
                yield f"{table}: the name {name!r} stands {count} times (case does not count)"


def _hardware_faults(
    hardware: Hardware, check_expression: CheckExpression
) -> Iterator[tuple[str, str]]:
    for key in ("requirements", "proves"):
        expression = getattr(hardware, key)
        wrong = check_expression(expression) if expression is not None else None
        if wrong:
            yield key, wrong
    device = hardware.gpus.device if hardware.gpus else None
    if device is not None and not re.match(DEVICE_PATTERN.replace("$", r"\Z"), device):
        shape = "letters, digits, blanks, '.', '_' and '-'; for several devices a hardware each"
        yield "gpus.device", f"{device!r} is not a valid device name: {shape}"


def _software_faults(software: Software) -> Iterator[str]:
    if software.container and software.image:
        yield f" ({software.name}): container and image exclude each other"
    if software.sha256 and not software.image:
        yield f".sha256 ({software.name}): is for a finished image"
    if (kind := _IMAGE_KIND.match(software.image or "")) and kind[0] not in REMOTE_IMAGES:
        yield (
            f".image ({software.name}): images by {kind[0]} are not supported; name a SIF file of "
            "this machine, a folder as /cvmfs/…, or an image as osdf://…, docker://… or oras://…"
        )
    if _climbs(software.image or ""):
        yield (
            f".image ({software.name}): {software.image} climbs out of where it begins; name it "
            "without '.' and '..'"
        )
    if kind and kind[0] == OSDF and not (software.image or "").startswith(f"{OSDF}/"):
        below = (software.image or "").removeprefix(OSDF)
        yield f".image ({software.name}): OSDF's names have three slashes: {OSDF}/{below}"
    for fault in allowed_variables.faults(software.environment):
        yield f".{fault} ({software.name})"


def _climbs(image: str) -> bool:
    """Whether the path of an image in CVMFS or OSDF is another than it seems."""
    path = next((image.removeprefix(kind) for kind in (OSDF, CVMFS) if image.startswith(kind)), "")
    return bool({".", ".."}.intersection(path.split("/")))


def _experiment_faults(experiment: Experiment) -> Iterator[str]:
    script = bool(_SCRIPT.match(experiment.entry))
    if not script and not _ENTRY.match(experiment.entry):
        yield (
            f"entry: {experiment.entry!r} is neither experiments.MODULE:FUNCTION "
            "nor the path of a .py file"
        )
    elif script and (experiment.entry.startswith("/") or ".." in experiment.entry.split("/")):
        yield f"entry: {experiment.entry!r} must lie beside the campaign file or below it"
    yield from _value_faults(experiment)
    if experiment.primary not in experiment.metrics:
        meant = did_you_mean(experiment.primary, experiment.metrics)
        yield f"primary: {experiment.primary!r} is none of metrics{meant}"
    if len(set(experiment.metrics)) < len(experiment.metrics):
        yield "metrics: a name stands twice"
    if not script and (experiment.arguments or experiment.metrics_file):
        yield "arguments and metrics_file are for a script of your own"
    if experiment.metrics_file is not None:
        yield from _metrics_file_faults(experiment, experiment.metrics_file)


def _metrics_file_faults(experiment: Experiment, name: str) -> Iterator[str]:
    """Yield why the file of the metrics can't be that: an old one is removed before the start."""
    if "/" in name or name in {"", ".", ".."}:
        yield "metrics_file: should be a file name without a folder"
    read = {PurePosixPath(spec.partition("#")[0]).name for spec in experiment.data}
    if name in {PurePosixPath(experiment.entry).name, *_OURS, *read}:
        yield f"metrics_file: {name} is a file that the run itself reads or writes; name another"


def _value_faults(experiment: Experiment) -> Iterator[str]:
    for name, value in experiment.params.items():
        if isinstance(value, float) and not math.isfinite(value):
            yield f"params.{name}: must be a finite number"
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            yield f"params.{name}: an integer has 64 bits"
    yield from allowed_variables.faults(experiment.environment)
    yield from _argument_faults(experiment)


def _argument_faults(experiment: Experiment) -> Iterator[str]:
    if any("\0" in argument for argument in experiment.arguments):
        yield "arguments: a NUL can't stand in an argument"
    known = (*_PLACES, *(f"params.{name}" for name in experiment.params))
    for argument in experiment.arguments:
        for name in _PLACE.findall(argument):
            if name not in _PLACES and not name.startswith("params."):
                meant = did_you_mean(name, known, all_known=True)
                yield f"arguments: {{{name}}} stands for nothing{meant}"
        for name in _PARAMETER.findall(argument):
            if name not in experiment.params:
                meant = did_you_mean(name, tuple(experiment.params))
                yield f"arguments: {{params.{name}}}: there is no such parameter{meant}"


def _claim_faults(campaign: Campaign) -> Iterator[str]:
    known = {experiment.name: experiment.metrics for experiment in campaign.experiments}
    for index, claim in enumerate(campaign.claims):
        for key, fault in _faults_of(claim, known):
            yield f"claim[{index}].{key} ({claim.name}): {fault}"
        for number, other in enumerate(claim.alternatives):
            for key, fault in _faults_of_alternative(claim, other, known):
                yield f"claim[{index}].alternatives[{number}]{key} ({claim.name}): {fault}"


def _faults_of(claim: Claim, known: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    for key, name in (("a", claim.a), ("b", claim.b)):
        if name is not None and name not in known:
            yield key, f"no experiment is named {name!r}{did_you_mean(name, known)}"
        elif name is not None and claim.metric not in known[name]:
            meant = did_you_mean(claim.metric, known[name])
            yield "metric", f"{name} has no {claim.metric!r}{meant}"
    if claim.below and claim.b is not None:
        yield "below", "is for a claim without b; swap a and b instead"
    if not math.isfinite(claim.delta):
        yield "delta", "must be a finite number"


def _faults_of_alternative(
    claim: Claim, other: Alternative, known: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str]]:
    if other == Alternative():
        yield "", "says nothing that the claim doesn't"
    for name in dict.fromkeys((claim.a, claim.b)):
        if name and other.metric and other.metric not in known.get(name, (other.metric,)):
            yield ".metric", f"{name} has no {other.metric!r}"
    if other.delta is not None and not math.isfinite(other.delta):
        yield ".delta", "must be a finite number"
