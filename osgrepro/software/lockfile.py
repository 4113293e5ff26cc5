"""Reads hash-locked requirements: text in, exact versions with their SHA-256 digests out.

Called by the catalogue, which compares a lock with its parameters, by the wheelhouse, which
downloads what the lock names and nothing else, and by the verb that writes locks.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from osgrepro.common.errors import UsageError

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[\w.!+-]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """One package of a lock: its normalised name, its version, and the files that may be it."""

    name: str
    version: str
    sha256: frozenset[str]
    text: str


def parse(text: str, source: str) -> tuple[Pin, ...]:
    """Return the packages of the lock ``text``.

    Raises
    ------
    UsageError
        Naming every line that isn't one exact version with at least one SHA-256, each with its
        place in ``source``.
    """
    pins, problems = [], []
    for number, line in _logical_lines(text):
        match = _PIN.match(line)
        hashes = frozenset(_HASH.findall(line))
        if match is None:
            problems.append(f"{source}:{number}: not `name==version`: {line[:60]}")
        elif not hashes:
            problems.append(f"{source}:{number}: {match['name']} has no --hash=sha256:…")
        else:
            pins.append(
                Pin(
                    name=normalise(match["name"]),
                    version=match["version"],
                    sha256=hashes,
                    text=line,
                )
            )
    if not pins and not problems:
        problems.append(f"{source}: it locks nothing")
    if problems:
        raise UsageError(
            "\n".join(problems),
            hint="`osgrepro lock` writes locks; `osgrepro help containers` says more",
        )
    return tuple(pins)


def header(requirements: Iterable[str], *, python: str, glibc: str) -> str:
    """Return the first line of the lock of ``requirements``: a digest of all that decides it."""
    decides = json.dumps([sorted(requirements), python, glibc])
    return f"# osgrepro lock of {hashlib.sha256(decides.encode()).hexdigest()[:12]}"


def normalise(name: str) -> str:
    """Return a package's name as indexes compare it (the rule of PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines with something on them, joined where a backslash continues them."""
    lines: list[tuple[int, str]] = []
    start, parts = 0, list[str]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        start = start or number
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            if any(parts):
                lines.append((start, " ".join(filter(None, parts))))
            start, parts = 0, []
    if any(parts):
        lines.append((start, " ".join(filter(None, parts))))
    return lines
