"""What a framework shows when the work is done: fakes with the switches that are read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from osgrepro.payload.backends.jax import Jax
from osgrepro.payload.backends.torch import Torch
from osgrepro.payload.provenance import Collector, trained

RANDOM = 2**50 + 1


class Generator:
    """A generator of PyTorch, whose state is its seed and how many numbers were drawn."""

    def __init__(self, device="cpu", seed=RANDOM, drawn=0):
        self.device, self._seed, self._drawn = device, seed, drawn

    def manual_seed(self, seed):
        self._seed = seed

    def initial_seed(self):
        return self._seed

    def get_state(self):
        return (self._seed, self._drawn)


def torch(cpu, gpus=(), memory=0):
    cuda = SimpleNamespace(
        is_initialized=lambda: bool(gpus),
        is_available=lambda: bool(gpus),
        default_generators=tuple(gpus),
        device_count=lambda: len(gpus),
        max_memory_allocated=lambda _index: memory,
    )
    module = SimpleNamespace(
        default_generator=cpu, cuda=cuda, Generator=Generator, equal=lambda a, b: a == b
    )
    return Torch.around(module)


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        (torch(Generator(drawn=3)), (False, None)),
        (torch(Generator()), (None, None)),
        (torch(Generator(seed=7, drawn=3)), (True, 7)),
        (torch(Generator(seed=7), [Generator("cuda:0", 7, 9)]), (True, 7)),
        (torch(Generator(seed=7), [Generator("cuda:0", RANDOM, 9)]), (False, None)),
    ],
)
def test_pytorch_was_seeded_if_its_generators_say_so(backend, expected):
    assert backend.seeded() == expected


@pytest.mark.parametrize(
    ("backend", "used"),
    [
        (torch(Generator()), False),
        (torch(Generator(), [Generator("cuda:0")], 0), False),
        (torch(Generator(), [Generator("cuda:0")], 4096), True),
    ],
)
def test_pytorch_used_a_gpu_if_it_gave_memory_of_it(backend, used):
    assert trained.gpu_used(Collector(), [backend], root="/nowhere") is used


def test_of_two_frameworks_the_one_that_nobody_seeded_counts():
    found = trained.seeding(
        Collector(), [torch(Generator(seed=1)), torch(Generator(drawn=1)), torch(Generator())]
    )
    assert (found["framework"], found["name"], found["seed"]) == (False, "torch", None)


def test_jax_has_no_random_state_to_be_seeded():
    found = trained.seeding(Collector(), [Jax.around(SimpleNamespace())])
    assert (found["framework"], found["name"]) == (None, "jax")


def test_where_nothing_was_imported_nothing_is_claimed():
    found = trained.seeding(Collector(), [])
    assert (found["framework"], found["name"], found["python"]) == (None, None, None)
    assert trained.gpu_used(Collector(), [], root="/nowhere") is None


def test_an_open_device_of_the_driver_is_a_gpu_in_use(tmp_path):
    folder = tmp_path / "proc/self/fd"
    folder.mkdir(parents=True)
    (folder / "3").symlink_to("/dev/null")
    assert trained.holds_gpu(str(tmp_path)) is False
    (folder / "4").symlink_to("/dev/nvidia0")
    assert trained.holds_gpu(str(tmp_path)) is True
    assert trained.gpu_used(Collector(), [], root=str(tmp_path)) is True


def test_numpys_global_numbers_tell_whether_they_were_seeded():
    numpy = pytest.importorskip("numpy")
    before = numpy.random.get_state()
    try:
        numpy.random.seed(3)
        assert trained.numpy_seeded({"numpy": numpy}) is True
    finally:
        numpy.random.set_state(before)
    assert trained.numpy_seeded({}) is None
