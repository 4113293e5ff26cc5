"""A campaign of one program, ``e.py``, written to a folder: what is not said does not matter."""

from __future__ import annotations

from pathlib import Path

from osgrepro.workflow.loading import Loaded, load

ANY = """
[[hardware]]
name = "any"
"""
TEXT = """
[campaign]
name = "{name}"
repeats = {repeats}
[[experiment]]
name = "e"
entry = "e.py"
metrics_file = "m.json"
metrics = ["loss"]
primary = "loss"
[[software]]
name = "py"
image = "{image}"
"""


def write(
    folder: Path,
    *,
    name: str = "c",
    repeats: int = 1,
    image: str = "docker://python:3.11",
    rest: str = ANY,
    script: str = "",
) -> Loaded:
    """Write ``c.toml`` and its script, and load it; ``rest`` are its hardware and options."""
    (folder / "e.py").write_text(script)
    file = folder / "c.toml"
    file.write_text(TEXT.format(name=name, repeats=repeats, image=image) + rest)
    return load(str(file))
