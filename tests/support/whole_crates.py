"""A whole crate, as ``osgrepro export`` writes it, and what its metadata may become elsewhere."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import exported
from hypothesis import strategies as st
from mutations import ODD, as_json, garbled, mutated

from osgrepro.results import crate
from osgrepro.runs import workspace
from osgrepro.workflow import loading
from osgrepro.workflow.results.exporting import export

_PATHS = (
    *("dataset.parquet", "nowhere", "", ".", "..", "../../etc/passwd", "/etc/passwd", "a\x00b"),
    *("http://127.0.0.1:9/x", "file:///etc/passwd", "%2e%2e/x", "#a", "x" * 300, "\ud800", "data/"),
)


@cache
def folder() -> Path:
    """Return a crate that is right; one for the whole process, and nobody changes it."""
    home = Path(mkdtemp(prefix="osgrepro-")) / "home"
    home.mkdir()
    loaded = loading.load(str(exported.campaign(home)))
    place = workspace.open_workspace(home / "mine.runs", "mine", "mine.toml")
    export(loaded, place, home / "crate")
    return home / "crate"


def metadata() -> dict[str, Any]:
    """Return the metadata of that crate."""
    content: dict[str, Any] = json.loads((folder() / crate.METADATA).read_text())
    return content


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Draw metadata that mostly are wrong somewhere: entities, ids, hashes, their whole form."""
    content = draw(mutated(metadata()))
    graph = content.get("@graph")
    if isinstance(graph, list) and draw(st.booleans()):
        entity = {
            "@id": draw(st.sampled_from(_PATHS) | ODD),
            "@type": draw(st.sampled_from(["File", "Dataset", "Person", ["File", "x"]]) | ODD),
            "sha256": draw(st.just("a" * 64) | ODD),
        }
        graph.append(entity)
        root = next((e for e in graph if isinstance(e, dict) and e.get("@id") == "./"), None)
        if root is not None and isinstance(root.get("hasPart"), list):
            root["hasPart"].append({"@id": entity["@id"]})
    return draw(garbled(as_json(content)))
