"""Parameters and buffers apart, by name; the optimizer beside them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from osgrepro.payload import fingerprint, tensors
from osgrepro.payload.model_hashes import Hashed

numpy = pytest.importorskip("numpy")


class Model:
    def __init__(self, mean=0.0):
        self._mean = numpy.full(2, mean)

    def state_dict(self):
        return {"0.weight": numpy.ones(2), "1.running_mean": self._mean}

    def named_parameters(self, remove_duplicate=True):
        assert not remove_duplicate
        return iter([("0.weight", None)])


def parts(model):
    hashed = Hashed()
    hashed.take(model, kept=True)
    return hashed.known()


def test_a_buffer_changes_the_whole_and_the_buffers_and_no_parameter():
    one, other = parts(Model()), parts(Model(mean=1.0))
    assert one["parameters"] == other["parameters"]
    assert one["buffers"] != other["buffers"]
    assert set(one["entries"]) == {"0.weight", "1.running_mean"}
    assert Hashed().take(Model(), kept=True) == fingerprint.mapping(one["entries"])


def test_a_model_before_the_training_is_not_the_one_that_is_kept():
    hashed = Hashed()
    hashed.take(Model(), kept=False)
    assert hashed.known() == {
        "parameters": None, "buffers": None, "optimizer": None, "entries": {},
    }  # fmt: skip


def test_an_optimizer_counts_by_state_and_settings():
    digests = set()
    for rate in (0.1, 0.2):
        optimizer = SimpleNamespace(state_dict=lambda rate=rate: {"groups": [{"lr": rate}]})
        digests.add(Hashed().take_optimizer(optimizer))
    assert len(digests) == 2


def test_what_is_no_model_is_said_so():
    with pytest.raises(tensors.UnhashableError, match="int has no state_dict"):
        Hashed().take(3, kept=True)
