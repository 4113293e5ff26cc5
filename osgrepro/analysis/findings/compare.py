"""Two findings of one dataset side by side: in what do they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from osgrepro.analysis.findings.findings import Findings
from osgrepro.analysis.findings.json import to_json

# Another SciPy or another CPU may round a last digit differently; nothing else may differ.
RELATIVE = 1e-9
_OWN = ("versions",)
# Another version of osgrepro may put into other words what is the same.
_WORDS = ("text", "why", "missing")


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One place where two findings differ: its path, and what each has there (JSON values)."""

    where: str
    first: Any
    second: Any


def differences(first: Findings, second: Findings) -> tuple[Difference, ...]:
    """Return every place where two findings differ, but for the versions that computed them.

    Numbers are the same if they agree to a relative 1e-9. Sentences count only if one version of
    osgrepro wrote both.
    """
    ours, theirs = ({k: v for k, v in to_json(f).items() if k not in _OWN} for f in (first, second))
    one_version = first.versions.get("osgrepro") == second.versions.get("osgrepro")
    passed = () if one_version else _WORDS
    return tuple(
        difference
        for difference in _differences(ours, theirs, "")
        if difference.where.split(".")[-1] not in passed
    )


def _differences(first: Any, second: Any, where: str) -> Iterator[Difference]:
    if isinstance(first, dict) and isinstance(second, dict):
        for key in dict.fromkeys([*first, *second]):
            inside = f"{where}.{key}" if where else str(key)
            yield from _differences(first.get(key), second.get(key), inside)
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for number, (ours, theirs) in enumerate(zip(first, second, strict=True)):
            yield from _differences(ours, theirs, f"{where}[{number}]")
    elif not _same(first, second):
        yield Difference(where=where, first=first, second=second)


def _same(first: Any, second: Any) -> bool:
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (first, second))
    if numbers:
        return math.isclose(first, second, rel_tol=RELATIVE)
    return bool(first == second)
