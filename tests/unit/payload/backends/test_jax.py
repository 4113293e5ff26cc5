"""JAX: what XLA reads when it is loaded, the pool's threads, and the devices."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fake_modules import Calls

from osgrepro.payload.backends.jax import Jax

SWITCH = "--xla_gpu_deterministic_ops=true"


@pytest.mark.parametrize(
    ("threads", "environ", "size"),
    [
        (4, {}, "4"),
        (4, {"TF_NUM_INTRAOP_THREADS": "128", "PJRT_NPROC": "2"}, "4"),
        ("host", {"TF_NUM_INTRAOP_THREADS": "128", "PJRT_NPROC": "2"}, "128"),
        ("host", {"TF_NUM_INTRAOP_THREADS": "many"}, None),
        ("host", {}, None),
    ],
)
def test_the_pool_is_pinned_by_the_campaign_else_by_an_emulated_host(threads, environ, size):
    assert Jax.environment(environ, threads).get("PJRT_NPROC") == size


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        (None, SWITCH),
        ("--xla_cpu_use_fusion_emitters=false", f"--xla_cpu_use_fusion_emitters=false {SWITCH}"),
        ("--xla_gpu_deterministic_ops=false", "--xla_gpu_deterministic_ops=false"),
    ],
)
def test_determinism_is_asked_for_where_the_image_says_nothing_about_it(given, flags):
    environ = {} if given is None else {"XLA_FLAGS": given}
    assert Jax.environment(environ, "host")["XLA_FLAGS"] == flags


@pytest.mark.parametrize(
    ("flags", "deterministic"),
    [(SWITCH, True), ("--xla_gpu_deterministic_ops=false", False), (f"--other {SWITCH}", True)],
)
def test_what_xla_was_told_is_read_back(monkeypatch, flags, deterministic):
    monkeypatch.setenv("XLA_FLAGS", flags)
    assert Jax(None, None).deterministic() is deterministic


def test_seeding_is_kerass():
    keras = Calls("keras")
    Jax(Calls("jax", keras.calls), keras).seed(7, 4, {})
    assert keras.calls == [("keras.utils.set_random_seed", (7,))]


def test_the_pool_is_counted_by_its_threads():
    found = Jax(None, None).pools({"PJRT_NPROC": "8"}, 8)
    assert found["intra_op_configured"]() == found["intra_op_effective"]() == 8
    assert found["inter_op_effective"]() is None


def test_a_pool_that_does_not_show_is_not_guessed():
    found = Jax(None, None).pools({}, 0)
    assert found["intra_op_configured"]() == 0
    with pytest.raises(LookupError, match="tf_XLAEigen"):
        found["intra_op_effective"]()


def test_gpus_are_told_from_cpus():
    gpu = SimpleNamespace(platform="gpu", device_kind="NVIDIA A100", compute_capability="8.0")
    cpu = SimpleNamespace(platform="cpu", device_kind="cpu")
    (found,) = Jax(SimpleNamespace(devices=lambda: [gpu, cpu]), None).devices()
    assert (found["name"], found["capability"]) == ("NVIDIA A100", "8.0")
