"""The verb ``help``: the pages of the documentation, which travel in the wheel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common import shipped
from osgrepro.common.errors import UsageError, did_you_mean

_PARTS = ("tutorial", "howto", "reference", "explanation", "decisions", "gallery")


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A page: its name as one asks for it, its title, and where it lies."""

    name: str
    title: str
    path: Path

    def text(self) -> str:
        """Return the page, in Markdown."""
        return self.path.read_text(encoding="utf-8")


def topics() -> Mapping[str, Topic]:
    """Return every page by its name, in the order in which one reads them."""
    pages = [
        path for part in _PARTS for path in sorted((shipped.folder("docs") / part).glob("*.md"))
    ]
    # What a part begins with is called as the part is.
    named_pages = {page.parent.name if page.stem == "index" else page.stem: page for page in pages}
    named_pages["containers"] = shipped.folder("containers") / "README.md"
    return {
        name: Topic(name=name, title=_title(path), path=path) for name, path in named_pages.items()
    }


def find(name: str) -> Topic:
    """Return the page of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    known = topics()
    if name.lower() not in known:
        raise UsageError(
            f"{name}: no such topic{did_you_mean(name, known)}",
            hint="`osgrepro help` lists them; `osgrepro COMMAND --help` is about a command",
        )
    return known[name.lower()]


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()
