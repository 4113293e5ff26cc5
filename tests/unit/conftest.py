"""Unit tests have a cache of their own: they neither read nor fill the user's.

NumPy computes with one thread: its matrices are small here, and threads that wait for each other
take the processors of the tests beside them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# Before NumPy is loaded, and for every process that a test starts.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSGREPRO_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
