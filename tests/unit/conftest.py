"""Unit tests have a cache of their own: they neither read nor fill the user's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSGREPRO_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
