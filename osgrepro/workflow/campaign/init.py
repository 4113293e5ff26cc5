"""The verb ``init``: a commented campaign to begin with."""

from __future__ import annotations

from pathlib import Path

from osgrepro.common import shipped
from osgrepro.common.errors import UsageError


def init(folder: Path) -> Path:
    """Write a commented campaign into ``folder``, made if need be, and return its path.

    Raises
    ------
    UsageError
        If a campaign stands there already; nothing is overwritten.
    """
    target = folder / "campaign.toml"
    text = (shipped.folder("templates") / "campaign.toml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{target if folder.is_dir() else folder} already exists",
            hint="nothing was changed; choose another folder",
        ) from None
    return target
