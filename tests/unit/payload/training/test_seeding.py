"""The generators of every script draw the same numbers again."""

from __future__ import annotations

import random

import pytest

from osgrepro.payload.training import seeding


def test_pythons_and_numpys_numbers_repeat():
    numpy = pytest.importorskip("numpy")

    def draw():
        seeding.seed_python(3)
        return random.random(), numpy.random.random()

    assert draw() == draw()
