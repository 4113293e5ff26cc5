"""Whole runs of the archive, in processes of their own, without TensorFlow: every way to end."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from osgrepro.payload import fingerprint
from osgrepro.results.records import examples
from osgrepro.runs import pyz

WAITING = """
import pathlib, {imports}
def run(context):
    context.initial_weights([])
    pathlib.Path("started").touch()
    {work}
"""


def wait_for(path, process, seconds=30):
    end = time.monotonic() + seconds
    while not path.exists():
        assert process.poll() is None, process.stdout.read().decode()
        assert time.monotonic() < end
        time.sleep(0.01)


def ends(pid, seconds=10):
    """Whether a process ends soon; one that only waits to be collected has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.01)
    return False


def test_a_run_leaves_one_sealed_result(slot):
    code, output, result = slot.run()
    assert code == 0, output
    assert result["status"] == "ok"
    assert result["metrics"] == {"score": {"value": 0.1, "hex": (0.1).hex()}}
    assert result["exception"] is None
    assert result["definition"]["experiment"] == "probe"
    assert result["payload"]["sha256"]
    assert result["provenance"]["errors"] == {}
    assert [p.name for p in slot.folder.glob("results/*/*")] == [
        "0123456789abcdef01234567.0.0.1.json"
    ]


def test_nothing_but_the_result_stays_behind(slot):
    before = {path.name for path in slot.folder.iterdir()} | {"spec.json", "results"}
    slot.run()
    assert {path.name for path in slot.folder.iterdir()} == before


def test_the_result_lies_under_cluster_proc_and_attempt(slot):
    (slot.folder / "job.ad").write_text("ClusterId = 12\nProcId = 3\nNumShadowStarts = 2\n")
    _, _, result = slot.run({"_CONDOR_JOB_AD": str(slot.folder / "job.ad")})
    assert (result["cluster"], result["proc"], result["attempt"]) == (12, 3, 2)
    assert (slot.folder / "results/01/0123456789abcdef01234567.12.3.2.json").exists()


def test_training_that_raises_leaves_a_failed_result_with_its_traceback(slot):
    slot.script("def run(context):\n    raise ValueError('no such thing')\n")
    code, output, result = slot.run()
    assert code == 10
    assert result["status"] == "failed"
    assert result["exception"]["type"] == "ValueError"
    assert result["exception"]["message"] == "no such thing"
    assert "script.py" in result["exception"]["traceback"]
    assert "no such thing" in output


@pytest.mark.parametrize("ending", ["raise SystemExit(3)", "import sys; sys.exit()"])
def test_a_script_that_exits_is_failed_training(slot, ending):
    slot.script("def run(context):\n    " + ending + "\n")
    assert slot.run()[0] == 10


def test_a_missing_metric_is_failed_training(slot):
    slot.script("def run(context):\n    return {'other': 1}\n")
    code, _, result = slot.run()
    assert code == 10
    assert "metrics.score: declared" in result["exception"]["message"]


def test_a_metric_that_is_no_number_keeps_its_bits(slot):
    slot.script("def run(context):\n    return {'score': float('nan')}\n")
    code, _, result = slot.run()
    assert code == 0
    assert result["metrics"]["score"] == {"value": None, "hex": "nan"}


def test_data_with_other_bytes_are_bad_input(slot):
    slot.data("numbers.csv", b"1,2\n")
    (slot.folder / "numbers.csv").write_bytes(b"1,3\n")
    code, _, result = slot.run()
    assert code == 20
    assert "numbers.csv has sha256" in result["exception"]["message"]


def test_code_with_other_bytes_is_bad_input(slot):
    slot.experiment["code_sha256"] = "f" * 64
    code, _, result = slot.run()
    assert code == 20
    assert "script.py has sha256" in result["exception"]["message"]


def test_a_built_in_experiment_without_tensorflow_is_a_bad_slot(slot):
    entry = "experiments.mnist_convnet:run"
    slot.experiment.update(entry=entry, code_sha256=pyz.entry_sha256(entry))
    hidden = slot.folder / "tensorflow"
    hidden.mkdir()
    (hidden / "__init__.py").write_text("raise ImportError('libcudart.so.11 is not there')\n")
    code, _, result = slot.run({"PYTHONPATH": str(slot.folder)})
    assert code == 30
    assert "libcudart.so.11" in result["exception"]["message"]


def test_a_crash_while_importing_tensorflow_is_a_bad_slot(slot):
    fake = slot.folder / "tensorflow.py"
    fake.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    code, _, result = slot.run({"PYTHONPATH": str(slot.folder)})
    assert code == 30
    assert "SIGILL while importing" in result["exception"]["message"]
    assert result["provenance"]["cpu"]["flags"]


def test_a_crash_in_training_still_leaves_a_result(slot):
    slot.script("import os\ndef run(context):\n    os.kill(os.getpid(), 11)\n")
    code, _, result = slot.run()
    assert code == 10
    assert "SIGSEGV while training" in result["exception"]["message"]


def test_an_instruction_that_the_processor_lacks_is_a_bad_slot_also_in_training(slot):
    slot.script("import os, signal\ndef run(context):\n    os.kill(os.getpid(), signal.SIGILL)\n")
    code, _, result = slot.run()
    assert code == 30
    assert "SIGILL while training" in result["exception"]["message"]


@pytest.mark.parametrize(
    ("imports", "work"),
    [
        ("time", "time.sleep(600)"),
        # One call into C that never lets another thread of the process run.
        ("re", "re.match('(a+)+$', 'a' * 60 + 'b')"),
        ("signal, time", "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"),
    ],
    ids=["sleeping", "in a long call", "deaf"],
)
def test_sigterm_leaves_a_result_at_any_time(slot, imports, work):
    slot.script(WAITING.format(imports=imports, work=work))
    process = slot.start()
    wait_for(slot.folder / "started", process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 40
    (result,) = slot.results()
    assert result["exception"]["type"] == "InterruptedRunError"
    assert result["fingerprints"]["initial_weights"]
    assert result["provenance"]["host"]["kernel"]


def test_labels_of_real_arrays_come_back_example_by_example(slot):
    pytest.importorskip("numpy")
    slot.script(
        "import numpy\n"
        "def run(context):\n"
        "    scores = numpy.random.default_rng(1).random((2000, 10), dtype='float32')\n"
        "    context.predictions(scores, numpy.eye(10)[scores.argsort(axis=1)[:, -3]])\n"
        "    return {'score': 1.0}\n"
    )
    _code, output, result = slot.run()
    assert result["examples"]["omitted"] is None, output
    examples.check(result["examples"])
    assert (result["examples"]["count"], result["examples"]["classes"]) == (2000, 10)
    thirds = fingerprint.bytes_sha256(bytes([3] * 2000))
    assert result["examples"]["ranks"]["sha256"] == thirds


def test_sigterm_takes_the_programs_of_a_run_with_it(slot):
    slot.script(
        "import os, pathlib, time\n"
        "if os.fork() == 0:\n    time.sleep(600)\n"
        "pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "os.rename('pid', 'started')\ntime.sleep(600)\n"
    )
    slot.experiment["metrics_file"] = "metrics.json"
    process = slot.start()
    wait_for(slot.folder / "started", process)
    program = int((slot.folder / "started").read_text())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 40
    assert ends(program)


def test_a_killed_supervisor_takes_the_training_with_it(slot):
    slot.script(
        "import os, pathlib, time\ndef run(context):\n"
        "    pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "    os.rename('pid', 'started')\n    time.sleep(600)\n"
    )
    process = slot.start()
    wait_for(slot.folder / "started", process)
    training = int((slot.folder / "started").read_text())
    process.kill()
    process.communicate(timeout=20)
    assert ends(training)


def test_a_result_that_cannot_be_written_is_a_bad_slot(slot):
    (slot.folder / "results").mkdir()
    (slot.folder / "results/01").write_text("in the way")
    code, output, result = slot.run()
    assert code == 30
    assert "the result can't be written" in output
    assert result is None


def test_no_secret_reaches_the_result(slot):
    secrets = {
        "BEARER_TOKEN": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln",
        "X509_USER_PROXY": "/srv/.secret/x509up_u1000",
        "WANDB_API_KEY": "0123456789wandb",
        "MY_TOKEN": "hunter2hunter2",
        "_CONDOR_CREDS": "/srv/.condor_creds",
    }
    (slot.folder / "machine.ad").write_text(
        'Name = "slot1@host"\nClaimId = "<1.2.3.4>#1#secret"\nStartdToken = "hunter2hunter2"\n'
        'Note = "see hunter2hunter2"\n'
    )
    (slot.folder / "job.ad").write_text(
        'ClusterId = 1\nProcId = 0\nEnvironment = "MY_TOKEN=hunter2hunter2"\n'
        'Arguments = "--key hunter2hunter2"\nProjectName = "hunter2hunter2"\n'
    )
    slot.script(
        "import os\ndef run(context):\n    raise ValueError(' '.join(os.environ.values()))\n"
    )
    ads = {
        "_CONDOR_MACHINE_AD": str(slot.folder / "machine.ad"),
        "_CONDOR_JOB_AD": str(slot.folder / "job.ad"),
    }
    _, _, result = slot.run({**secrets, **ads})
    text = json.dumps(result)
    for value in secrets.values():
        assert value not in text
    assert "ClaimId" not in result["provenance"]["machine_ad"]
    assert "Environment" not in result["provenance"]["job_ad"]
    assert result["provenance"]["machine_ad"]["Name"] == "slot1@host"
    assert result["provenance"]["host"]["slot"] == "slot1@host"


def test_a_repeat_that_is_seeded_draws_the_same_numbers(slot):
    slot.script("import random\ndef run(context):\n    return {'score': random.random()}\n")
    first = slot.run()[2]["metrics"]["score"]["hex"]
    assert slot.run()[2]["metrics"]["score"]["hex"] == first
    assert slot.run(seed="2")[2]["metrics"]["score"]["hex"] != first


def test_strings_hash_as_the_seed_says(slot):
    slot.script("def run(context):\n    return {'score': hash('word') % 1000}\n")
    values = {slot.run({"PYTHONHASHSEED": str(n)})[2]["metrics"]["score"]["hex"] for n in (3, 4)}
    assert len(values) == 1


def test_variables_are_there_before_python_starts_and_in_the_definition(slot):
    slot.experiment["environment"] = {"PYTHONOPTIMIZE": "2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    slot.script(
        "import os, sys\n"
        "def run(context):\n"
        "    assert os.environ['ONEDNN_MAX_CPU_ISA'] == 'AVX2'\n"
        "    return {'score': sys.flags.optimize}\n"
    )
    code, output, result = slot.run()
    assert code == 0, output
    assert result["metrics"]["score"]["value"] == 2
    assert result["definition"]["environment"] == slot.experiment["environment"]
    assert result["provenance"]["environment"]["ONEDNN_MAX_CPU_ISA"] == "AVX2"


def test_what_osgrepro_sets_is_not_undone_by_variables(slot):
    slot.experiment["environment"] = {"PYTHONHASHSEED": "77", "KERAS_HOME": "/etc"}
    slot.script(
        "import os\n"
        "def run(context):\n"
        "    assert os.environ['KERAS_HOME'] != '/etc'\n"
        "    return {'score': float(os.environ['PYTHONHASHSEED'])}\n"
    )
    code, output, result = slot.run()
    assert code == 0, output
    assert result["metrics"]["score"]["value"] == 1
