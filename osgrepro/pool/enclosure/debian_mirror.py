"""Where Debian packages come from: what this machine's own apt was told."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "OSGREPRO_DEBIAN_MIRROR"


def mirror(environ: Mapping[str, str] = os.environ, etc: Path = Path("/etc")) -> str | None:
    """Return the address of this machine's Debian mirror; None leaves the choice to mmdebstrap.

    ``OSGREPRO_DEBIAN_MIRROR`` overrides. Only Debian's own sources count: a derivative's mirror
    has other packages.
    """
    if chosen := environ.get(VARIABLE, "").strip():
        return chosen
    release = _os_release(etc / "os-release")
    if release.get("ID") != "debian":
        return None
    suites = {release.get("VERSION_CODENAME", ""), "stable", "testing", "unstable", "sid"}
    for uri, named_suites, components in _sources(etc / "apt"):
        if suites.isdisjoint(named_suites) or "main" not in components:
            continue
        if address := _address(uri):
            return address
    return None


def _os_release(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = re.findall(r"^(\w+)=(.*)$", path.read_text(errors="replace"), re.MULTILINE)
    return {key: value.strip().strip("\"'") for key, value in pairs}


def _sources(apt: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield URI, suites and components of every binary source, in apt's order."""
    for path in (apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))):
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        if path.suffix == ".list":
            yield from _one_line(text)
        elif path.suffix == ".sources":
            yield from _deb822(text)


def _one_line(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    pattern = r"^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)([^#\n]*)"
    for uri, suite, components in re.findall(pattern, text, re.MULTILINE):
        yield uri, [suite], components.split()


def _deb822(text: str) -> Iterator[tuple[str, list[str], list[str]]]:
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", lines):
        fields = {
            key.lower(): value.split()
            for key, value in re.findall(r"^([\w-]+):((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        }
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        for uri in fields.get("uris", []):
            yield uri, fields.get("suites", []), fields.get("components", [])


def _address(uri: str) -> str | None:
    """Return an address that any apt understands: a list of mirrors becomes its first entry."""
    if uri.startswith(("http://", "https://", "file:", "copy:")):
        return uri.rstrip("/")
    if uri.startswith("mirror+file:"):
        listed = Path(uri.removeprefix("mirror+file:"))
        lines = listed.read_text(errors="replace").split() if listed.is_file() else []
        return next((line.rstrip("/") for line in lines if "://" in line), None)
    return None
