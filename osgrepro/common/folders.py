"""Where osgrepro keeps what is not a campaign's: the cache, whose content can be made again."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache() -> Path:
    """Return the cache folder: OSGREPRO_CACHE, or the user's own."""
    chosen = os.environ.get("OSGREPRO_CACHE")
    return Path(chosen).absolute() if chosen else platformdirs.user_cache_path("osgrepro")
