"""The probe's inputs are the same everywhere, and it says clearly where it can't be used."""

from __future__ import annotations

import contextlib
import types

import pytest

from osgrepro.payload import fingerprint
from osgrepro.payload.faults import InputError

numpy = pytest.importorskip("numpy")
probe = pytest.importorskip("osgrepro.payload.experiments.probe")


def test_the_inputs_are_those_of_every_other_slot():
    probe.check(fingerprint.arrays(probe.made().values()))


def test_other_inputs_are_refused():
    with pytest.raises(InputError, match="inputs have sha256 00"):
        probe.check("0" * 64)


def test_inputs_fill_their_range_and_differ_from_each_other():
    one, other = probe.numbers("one", (50, 20)), probe.numbers("other", (50, 20))
    assert one.dtype == numpy.dtype("<f4")
    assert -1 <= one.min() < -0.9
    assert 0.9 < one.max() <= 1
    assert not numpy.array_equal(one, other)


def test_every_operation_reads_inputs_that_there_are():
    inputs, found = probe.made(), probe.operations(Anything())
    assert len(found) > 40
    assert {name for _, wanted in found.values() for name in wanted} <= set(inputs)


def test_every_input_is_read_by_an_operation():
    read = {name for _, wanted in probe.operations(Anything()).values() for name in wanted}
    assert read == set(probe.made())


def test_another_backend_than_tensorflow_is_refused():
    keras = types.SimpleNamespace(backend=types.SimpleNamespace(backend=lambda: "jax"))
    with pytest.raises(InputError, match="jax computes here"):
        probe.tensorflow(keras)


def test_results_are_hashed_by_operation_and_in_all(monkeypatch):
    results = {"sum": [numpy.ones(3)], "product": [numpy.zeros(3)]}
    monkeypatch.setattr(probe, "tensorflow", lambda keras: keras)
    monkeypatch.setattr(probe, "computed", lambda tf, inputs: results)
    context = Remembering()
    metrics = probe.run(context)
    hashes = {name: fingerprint.arrays(values) for name, values in results.items()}
    assert context.hashes == hashes
    assert metrics["operations"] == 2
    assert (
        metrics["digest"] == int(fingerprint.mapping(hashes)[:13], 16) == float(metrics["digest"])
    )


class Anything:
    """A TensorFlow of which only the names are asked for."""

    def __getattr__(self, name):
        return Anything()

    def __call__(self, *args, **kwargs):
        return Anything()


class Remembering:
    """A context into memory."""

    keras = None
    hashes = None

    def settings(self, **defaults):
        assert defaults == {}  # a parameter would make other operations of the same name
        return defaults

    def timed(self, what):
        return contextlib.nullcontext()

    def prepared(self, **arrays):
        assert set(arrays) == set(probe.made())

    def probed(self, results):
        self.hashes = {name: fingerprint.arrays(values) for name, values in results.items()}
        return self.hashes
