"""Seeds the generators that every script can draw from: Python's, and NumPy's global one.

A backend's own seeds stand in ``backends``, the hash seed in ``environment``: it has to be there
before Python starts.
"""

from __future__ import annotations

import importlib
import random


def seed_python(seed: int) -> None:
    """Seed Python's and, where there is one, NumPy's random numbers."""
    random.seed(seed)
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        return
    numpy.random.seed(seed % 2**32)


def seed_worker(number: int) -> None:
    """Seed Python and NumPy in a worker of a DataLoader, by what PyTorch seeded itself with there.

    Its own seed is the loader's generator's and the worker's ``number``.
    """
    del number
    seed_python(importlib.import_module("torch").initial_seed())
