"""What the training process finds in its environment: pools of one size, seed, home, backend."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from osgrepro.payload.training import environment

HTCONDOR = dict.fromkeys((*environment.SIZES, "OMP_THREAD_LIMIT", "PYTHON_CPU_COUNT"), "1")
AD = {"Cpus": 1}


def sizes(environ):
    return {environ.get(name) for name in environment.SIZES}


def test_a_number_sizes_every_pool_and_nothing_caps_it():
    environ = environment.with_threads({**HTCONDOR, "PATH": "/bin"}, 6, AD)
    assert sizes(environ) == {"6"}
    assert "OMP_THREAD_LIMIT" not in environ
    assert environ["PATH"] == "/bin"


def test_an_emulated_size_is_every_pools():
    del_tf = {k: v for k, v in HTCONDOR.items() if k != "TF_NUM_INTRAOP_THREADS"}
    environ = environment.with_threads({**del_tf, "TF_NUM_INTRAOP_THREADS": "8"}, "host", AD)
    assert sizes(environ) == {"8"}


def test_a_host_is_whole_whatever_htcondor_gave_the_slot():
    environ = environment.with_threads(
        {n: v for n, v in HTCONDOR.items() if n != "TF_NUM_INTRAOP_THREADS"}, "host", AD
    )
    assert sizes(environ) == {None}
    assert "OMP_THREAD_LIMIT" not in environ


@pytest.mark.parametrize("ad", [AD, None])
def test_what_an_image_or_a_user_says_is_kept(ad):
    environ = environment.with_threads({"OMP_NUM_THREADS": "3"}, "host", ad)
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


def task(seed=1, threads="host", **own):
    return SimpleNamespace(seed=seed, threads=threads, experiment=SimpleNamespace(environment=own))


def test_the_training_process_gets_what_python_reads_at_its_start():
    given = {"PATH": "/bin", "PYTHONHASHSEED": "9"}
    environ = environment.of_training(given, task(seed=2**32 + 5), None, "/w")
    assert environ["PATH"] == "/bin"
    assert environ["PYTHONHASHSEED"] == "5"
    assert environ["PYTHONNOUSERSITE"] == "1"
    assert environ["KERAS_HOME"] == "/w"


@pytest.mark.parametrize(
    ("image", "backend"),
    [({}, "tensorflow"), ({"KERAS_BACKEND": ""}, "tensorflow"), ({"KERAS_BACKEND": "jax"}, "jax")],
)
def test_the_images_own_backend_is_kept(image, backend):
    assert environment.of_training(image, task(), None, "/w")["KERAS_BACKEND"] == backend


def test_what_a_backend_reads_when_it_is_imported_is_there_before():
    environ = environment.of_training({"KERAS_BACKEND": "jax"}, task(threads=6), None, "/w")
    assert environ["PJRT_NPROC"] == "6"


def test_the_campaigns_variables_count_over_those_of_the_slot_but_not_over_the_seed():
    own = {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "9"}
    environ = environment.of_training(HTCONDOR, task(threads=6, **own), AD, "/w")
    assert (environ["OMP_NUM_THREADS"], environ["MKL_NUM_THREADS"]) == ("2", "6")
    assert environ["PYTHONHASHSEED"] == "1"
