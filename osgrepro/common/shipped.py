"""The folders that travel in the wheel: templates, containers, campaigns, twins and docs.

An installed wheel carries them as ``osgrepro/_share/…``; an editable install reads the checkout.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def folder(name: str) -> Path:
    """Return the shipped folder ``name``: templates, containers, submit, twins or docs.

    Raises
    ------
    FileNotFoundError
        If neither the wheel nor a checkout has it: a broken installation.
    """
    package = Path(str(resources.files("osgrepro")))
    for place in (package / "_share" / name, package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"osgrepro's installation lacks its folder {name!r}")
