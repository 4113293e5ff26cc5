"""Machine ads as plain values, of the live pool or of a file that ``condor_status`` wrote.

One ad for each static or partitionable slot. The dynamic slots that are cut from a partitionable
one say nothing of the machine that it does not say itself, and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import classad2
import htcondor2
import orjson

from osgrepro.common import texts
from osgrepro.common.errors import PoolError, UsageError
from osgrepro.pool.condor.configuration import configure
from osgrepro.pool.condor.expressions import evaluated, fits
from osgrepro.pool.condor.translation import translated

Ad = dict[str, Any]

# What tells one kind of hardware from another, where it is, and how large the slot is.
ATTRIBUTES = (
    *("MyType", "Name", "Machine", "SlotType", "DynamicSlot", "Arch", "Microarch"),
    *("CpuFamily", "CpuModelNumber", "CpuCacheSize", "OSGVO_CPU_MODEL"),
    *("has_avx", "has_avx2", "has_avx512f", "has_avx512dq", "has_avx512_vnni"),
    *("Cpus", "TotalSlotCpus", "TotalCpus", "DetectedCpus", "Memory", "TotalSlotMemory"),
    *("GPUs", "TotalSlotGPUs", "AvailableGPUs", "GPUs_DeviceName", "GPUs_Capability"),
    *("GPUs_GlobalMemoryMb", "GPUs_DriverVersion", "GPUs_MaxSupportedVersion"),
    *("GLIDEIN_Site", "GLIDEIN_ResourceName", "OSG_SITE_NAME", "OSG_SITE"),
)
_WHOLE_SLOTS = 'SlotType =!= "Dynamic" && DynamicSlot =!= true'
_SAVING = "save one with `condor_status -json >FILE` or `condor_status -l >FILE`"
# A dynamic slot is called slot1_3@…; its partitionable one is slot1@….
_PART = re.compile(r"^([A-Za-z_-]*\d+)_\d+@")
_SIZES = {"Cpus": "TotalSlotCpus", "GPUs": "TotalSlotGPUs", "Memory": "TotalSlotMemory"}
_POLICIES = frozenset({"start"})
# The ads of single GPUs are attributes that are named after their ids.
_GPU = "gpus_"
_TEXT = re.compile(r'"([^"\\]*)"')
# Longer ones are not integer of a ClassAd.
_LONGEST_INTEGER = 19
# Of many times as long ones the bindings may end the process.
_LONGEST_EXPRESSION = 100_000
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_JSON_EXPRESSION = re.compile(r"/Expr\((.*)\)/", re.S)
_LITERALS = {"true": True, "false": False}


def query(config: Path | None = None, attributes: Iterable[str] = ()) -> Iterator[Ad]:
    """Return the machine ads that the pool's collector has now, in one query.

    Parameters
    ----------
    config : Path or None
        The configuration of a pool's client; None takes the machine's own.
    attributes : iterable of str
        What is wanted beside ``ATTRIBUTES``. An attribute without a value is not in an ad.

    Raises
    ------
    PoolError
        If the collector does not answer, or knows no machine.
    """
    configure(config)
    names = _Names((*attributes, *ATTRIBUTES))
    with translated("the pool's machines can't be listed"):
        # A projection brings with it what its attributes refer to: the ads of single GPUs.
        ads = htcondor2.Collector().query(
            htcondor2.AdType.Startd, _WHOLE_SLOTS, sorted(names.wanted.values())
        )
    if not ads:
        raise PoolError(
            "the pool's collector does not know any machines",
            hint="pilots come only when jobs wait: submit some, or look at the pool with "
            "`condor_status`; --ads reads a saved file",
        )
    return (_plain(ad, names) for ad in ads)


def read(path: Path, attributes: Iterable[str] = ()) -> list[Ad]:
    """Return the machine ads of a file: JSON (a list, or an ad a line), or ``condor_status -l``.

    Parameters
    ----------
    path : Path
        The file.
    attributes : iterable of str
        What is wanted beside ``ATTRIBUTES``. An attribute without a value is not in an ad.

    Raises
    ------
    UsageError
        If there is no such file, it is neither form, or has no machine ad.
    """
    names = _Names((*attributes, *ATTRIBUTES))
    try:
        content = texts.utf8(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint=_SAVING) from None
    except UnicodeDecodeError as error:
        problem = f"not in the encoding that its byte-order mark announces: {error.reason}"
        raise UsageError(f"{path}: {problem} at byte {error.start}", hint=_SAVING) from None
    if content[:4096].lstrip().startswith((b"[", b"{")):
        ads = _from_json(content, path, names)
    else:
        ads = _from_long(content.splitlines(), path, names)
    whole: list[Ad] = []
    parts: list[Ad] = []
    for ad in ads:
        if _is_machine(ad):
            (parts if _is_dynamic(ad) else whole).append(ad)
    if not whole:
        problem = "has only dynamic slots" if parts else "has no machine ad"
        raise UsageError(f"{path}: {problem}", hint=_SAVING)
    _add_parts(whole, parts)
    return whole


class _Names(dict[str, str | None]):
    """How an attribute is called here, by its name in an ad; None where it is not wanted."""

    def __init__(self, wanted: Iterable[str]) -> None:
        super().__init__()
        self.wanted = {name.lower(): name for name in wanted}

    def __missing__(self, key: str) -> str | None:
        lower = key.lower()
        self[key] = self.wanted.get(lower) or (key if lower.startswith(_GPU) else None)
        return self[key]


def _is_machine(ad: Ad) -> bool:
    return ad.get("MyType", "Machine") == "Machine" and bool(
        {"Name", "Machine", "CpuFamily"} & set(ad)
    )


def _is_dynamic(ad: Ad) -> bool:
    if "SlotType" in ad or "DynamicSlot" in ad:
        return ad.get("SlotType") == "Dynamic" or ad.get("DynamicSlot") is True
    # Ads of `condor_status -attributes` may have the name alone to tell by.
    return _PART.match(str(ad.get("Name"))) is not None


def _add_parts(whole: Iterable[Ad], parts: Iterable[Ad]) -> None:
    """Give partitionable slots that don't tell their own size that of what is left and cut off."""
    by_name = {str(ad["Name"]): ad for ad in whole if "Name" in ad}
    cut: dict[tuple[str, str], float] = {}
    for part in parts:
        name = _PART.sub(r"\1@", str(part.get("Name")))
        for key in _SIZES:
            if name in by_name and isinstance(part.get(key), (int, float)):
                cut[name, key] = cut.get((name, key), 0) + part[key]
    for (name, key), size in cut.items():
        ad = by_name[name]
        left = ad.get(key, 0)
        if isinstance(left, (int, float)):
            ad.setdefault(_SIZES[key], left + size)


def _from_json(content: bytes, path: Path, names: _Names) -> Iterator[Ad]:
    for ad in _json_ads(content, path):
        if not isinstance(ad, dict):
            raise UsageError(f"{path}: contains JSON that is not an ad", hint=_SAVING)
        plain: Ad = {}
        expressions = {}
        for key, value in ad.items():
            name = names[key]
            if name is None or value is None:
                continue
            expression = _json_expression(value)
            if expression is None:
                plain[name] = value
            else:
                expressions[name] = expression
        yield _evaluated(plain, expressions)


def _json_ads(content: bytes, path: Path) -> list[Any]:
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        try:
            return [orjson.loads(line) for line in content.splitlines() if line.strip()]
        except orjson.JSONDecodeError:
            raise UsageError(
                f"{path}: neither JSON nor the long form of ads: {error}", hint=_SAVING
            ) from None
    return parsed if isinstance(parsed, list) else [parsed]


def _json_expression(value: Any) -> str | None:
    """Return the text of what JSON has no form for; None for a value."""
    if isinstance(value, str):
        match = _JSON_EXPRESSION.fullmatch(value)
        return match[1] if match else None
    if isinstance(value, list) and any(_json_expression(item) for item in value):
        items = (_json_expression(item) or orjson.dumps(item).decode() for item in value)
        return f"{{ {', '.join(items)} }}"
    return None


def _from_long(lines: Iterable[bytes], path: Path, names: _Names) -> Iterator[Ad]:
    plain: Ad = {}
    expressions: dict[str, str] = {}
    for number, raw in enumerate(lines, 1):
        key, equals, value = raw.decode(errors="replace").strip().partition(" = ")
        if equals and key.isidentifier():
            name = names[key]
            if name is not None and not _take_literal(plain, name, value):
                expressions[name] = value
        elif key:
            raise UsageError(
                f"{path}, line {number}: neither JSON nor the long form of ads", hint=_SAVING
            )
        elif plain or expressions:
            yield _evaluated(plain, expressions)
            plain, expressions = {}, {}
    if plain or expressions:
        yield _evaluated(plain, expressions)


def _take_literal(plain: Ad, name: str, text: str) -> bool:
    """Take a value that needs no parser, which is most of them; tell whether it was one."""
    if quoted := _TEXT.fullmatch(text):
        plain[name] = quoted[1]
    elif number := _NUMBER.fullmatch(text):
        plain[name] = float(text) if number[1] or len(text) > _LONGEST_INTEGER else int(text)
    elif text.lower() in _LITERALS:
        plain[name] = _LITERALS[text.lower()]
    else:
        return False
    return True


def _evaluated(plain: Ad, expressions: Mapping[str, str]) -> Ad:
    """Return an ad with its expressions' values; what has none, or is none, is left out."""
    if not expressions:
        return plain
    ad = classad2.ClassAd()
    for name, value in plain.items():
        if fits(value):
            with suppress(classad2.ClassAdException, ValueError):  # a name that is none
                ad[name] = value
    for name, text in expressions.items():
        if fits(text) and len(text) <= _LONGEST_EXPRESSION:
            with suppress(classad2.ClassAdException, ValueError, TypeError):
                ad[name] = classad2.ExprTree(text)
    return _plain(ad, _Names((*plain, *expressions)))


def _plain(ad: Any, names: _Names) -> Ad:
    """Return the values of an ad of the bindings."""
    values = {}
    for key, raw in ad.items():
        name = names[key]
        if key.lower() in _POLICIES and isinstance(raw, classad2.ExprTree):
            value: Any = str(raw)  # it means something only beside a job
        else:
            value = None if name is None else _value(raw, ad)
        if name is not None and value is not None:
            values[name] = value
    return values


def _value(value: Any, ad: Any) -> Any:
    if isinstance(value, classad2.ExprTree):
        value = evaluated(value, ad)
    if isinstance(value, classad2.ClassAd):
        return {name: _value(item, value) for name, item in value.items()}
    if isinstance(value, list):
        return [_value(item, ad) for item in value]
    return None if isinstance(value, classad2.Value) else value
