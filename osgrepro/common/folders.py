"""Where osgrepro keeps what is not a campaign's: the cache, whose content can be made again."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from osgrepro.common import private


def cache() -> Path:
    """Return the cache folder: OSGREPRO_CACHE, or the user's own.

    Raises
    ------
    PoolError
        If we are root and others may write there: what is in the cache is executed.
    """
    chosen = os.environ.get("OSGREPRO_CACHE")
    path = Path(chosen).absolute() if chosen else platformdirs.user_cache_path("osgrepro")
    if os.geteuid() == 0:
        private.must_be_ours(path, "OSGREPRO_CACHE")
    return path
