"""Findings as JSON and back: a whole document, validated when it comes in."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from osgrepro.analysis.findings.findings import Findings
from osgrepro.common.errors import InputError

# What a reader is told first, made of the findings: nothing reads it back.
SENTENCES = ("finding", "why", "next")


@cache
def _adapter() -> TypeAdapter[Findings]:
    return TypeAdapter(Findings)


def to_json(findings: Findings) -> dict[str, Any]:
    """Return findings as what JSON can hold; NaN and infinities become null."""
    # In Python's own values pydantic would leave them as they are.
    shown: dict[str, Any] = json.loads(_adapter().dump_json(findings))
    return shown


def from_json(text: str | bytes, source: str) -> Findings:
    """Read findings from JSON.

    Raises
    ------
    InputError
        If ``text``, which came from ``source``, holds none of this version.
    """
    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{source}: no findings of this version: {where}: {first['msg']}",
            hint="`osgrepro analyze DATASET --json` writes them",
        ) from None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of findings, with the sentences that commands write besides."""
    schema = _adapter().json_schema()
    sentences = {"type": "array", "items": {"type": "string"}}
    schema["properties"] |= dict.fromkeys(SENTENCES, sentences)
    return schema
