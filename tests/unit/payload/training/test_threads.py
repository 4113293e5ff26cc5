"""The pools of a training process: of one size, whatever the framework."""

from __future__ import annotations

import pytest

from osgrepro.payload.training import threads

HTCONDOR = dict.fromkeys((*threads.SIZES, "OMP_THREAD_LIMIT", "PYTHON_CPU_COUNT"), "1")
AD = {"Cpus": 1}


def sizes(environ):
    return {environ.get(name) for name in threads.SIZES}


def test_a_number_sizes_every_pool_and_nothing_caps_it():
    environ = threads.with_threads({**HTCONDOR, "PATH": "/bin"}, 6, AD)
    assert sizes(environ) == {"6"}
    assert "OMP_THREAD_LIMIT" not in environ
    assert environ["PATH"] == "/bin"


def test_an_emulated_size_is_every_pools():
    del_tf = {k: v for k, v in HTCONDOR.items() if k != "TF_NUM_INTRAOP_THREADS"}
    environ = threads.with_threads({**del_tf, "TF_NUM_INTRAOP_THREADS": "8"}, "host", AD)
    assert sizes(environ) == {"8"}


def test_a_host_is_whole_whatever_htcondor_gave_the_slot():
    environ = threads.with_threads(
        {n: v for n, v in HTCONDOR.items() if n != "TF_NUM_INTRAOP_THREADS"}, "host", AD
    )
    assert sizes(environ) == {None}
    assert "OMP_THREAD_LIMIT" not in environ


@pytest.mark.parametrize(
    ("size", "cpus", "said", "waits"),
    [
        (4, 1, {}, "passive"),
        (4, 4, {}, None),
        (1, 1, {}, None),
        (4, 1, {"OMP_WAIT_POLICY": "active"}, "active"),
        (4, 1, {"GOMP_SPINCOUNT": "100"}, None),
        (4, 1, {"KMP_BLOCKTIME": "200"}, None),
    ],
)
def test_threads_that_wait_sleep_where_the_slot_has_fewer_cpus(size, cpus, said, waits):
    environ = threads.with_threads(said, size, {"Cpus": cpus})
    assert environ.get("OMP_WAIT_POLICY") == waits


def test_without_a_slot_waiting_is_left_alone():
    assert "OMP_WAIT_POLICY" not in threads.with_threads({}, 64, None)


@pytest.mark.parametrize("ad", [{"Cpus": 4096}, None])
def test_what_an_image_or_a_user_says_is_kept(ad):
    environ = threads.with_threads({"OMP_NUM_THREADS": "3"}, "host", ad)
    assert environ == {"OMP_NUM_THREADS": "3"}


def test_a_program_gets_them(slot):
    slot.script(
        "import json, os\njson.dump({'score': int(os.environ['OMP_NUM_THREADS'])}, "
        "open('metrics.json', 'w'))\n"
    )
    slot.experiment["metrics_file"] = "metrics.json"
    slot.spec["threads"] = 5
    _, output, result = slot.run({"OMP_NUM_THREADS": "1"})
    assert result["metrics"]["score"]["value"] == 5, output
    assert result["provenance"]["threads"]["environment"]["OMP_NUM_THREADS"] == "5"
