"""Whole runs on slots that compute wrongly, crash or refuse: seconds, exit code 30, and why."""

from __future__ import annotations

import pytest

WRONG = """
class Array:
    def __init__(self, values):
        self.values = values
    def copy(self):
        self.values[1][2] += 1
        return self
    def tolist(self):
        return self.values
def asarray(values, kind):
    return Array([list(row) for row in values])
"""
CRASHING = "import os, signal\nos.kill(os.getpid(), signal.{})\n"
# What TensorFlow shows, as far as the self-test asks.
TENSORFLOW = """
from types import SimpleNamespace as Space
__version__ = "2.99"
keras = None
device = Space(name="/physical_device:GPU:0")
config = Space(
    list_physical_devices=lambda kind: [device],
    experimental=Space(get_device_details=lambda device: {"device_name": "Tesla X"}),
)
identity = reduce_sum = matmul = None
def constant(values, kind):
    BREAKS
class device:
    def __init__(self, name): pass
    def __enter__(self): pass
    def __exit__(self, *error): pass
device.name = "/physical_device:GPU:0"
"""


@pytest.fixture
def broken(slot):
    """Runs on a slot whose packages are these."""

    def run(gpus=0, **sources):
        slot.spec["hardware"]["any"]["gpus"] = gpus
        for name, source in sources.items():
            (slot.folder / f"{name}.py").write_text(source)
        code, output, result = slot.run({"PYTHONPATH": str(slot.folder)})
        return code, output, result, result["provenance"]["self_test"]

    return run


def test_a_run_tells_what_was_tested(slot):
    pytest.importorskip("numpy")
    _, _, result = slot.run()
    tested = result["provenance"]["self_test"]
    (cpu,) = tested["devices"]
    assert (cpu["device"], cpu["by"].split()[0]) == ("CPU", "NumPy")
    assert cpu["sums"] == ["copy", "sum", "matrix product", "convolution"]
    assert tested["failure"] is tested["untested"] is None
    assert 0 < tested["wall_s"] < result["timings"]["wall_s"]


def test_a_wrong_sum_is_a_bad_slot_and_nothing_is_trained(slot, broken):
    slot.script("open('trained', 'w')\ndef run(context):\n    return {'score': 1}\n")
    code, output, result, tested = broken(numpy=WRONG)
    assert code == 30
    assert not (slot.folder / "trained").exists()
    message = result["exception"]["message"]
    assert result["exception"]["type"] == "SlotError"
    assert message.startswith("the slot's self-test failed: CPU (")
    assert "copy by NumPy: 1 of 65536 numbers are wrong, the first is 259.0 inst" in message
    assert message in output
    assert message.endswith(tested["failure"])
    assert tested["devices"] == []
    assert result["provenance"]["host"]["kernel"]


@pytest.mark.parametrize("signal", ["SIGILL", "SIGSEGV", "SIGBUS"])
def test_a_crash_is_a_bad_slot_also_for_a_program(slot, broken, signal):
    slot.script("print('trained')\n")
    slot.experiment["metrics_file"] = "metrics.json"
    code, output, _, tested = broken(numpy=CRASHING.format(signal))
    assert code == 30
    assert tested["failure"] == f"importing NumPy: ended by {signal}"
    assert "\ntrained" not in output


def test_a_package_that_cannot_be_imported_is_the_trainings_to_meet(broken):
    code, _, _, tested = broken(numpy="raise ImportError('no libopenblas')")
    assert code == 0
    assert tested["untested"] == "ImportError: no libopenblas"
    assert tested["failure"] is None


def test_a_gpu_that_shows_but_fails_is_a_bad_slot(broken):
    raises = "raise RuntimeError('CUDA_ERROR_ECC_UNCORRECTABLE')"
    code, _, _, tested = broken(gpus=1, tensorflow=TENSORFLOW.replace("BREAKS", raises))
    assert code == 30
    assert tested["failure"].startswith("GPU 0 (Tesla X")
    assert tested["failure"].endswith(
        "copy by TensorFlow 2.99: RuntimeError: CUDA_ERROR_ECC_UNCORRECTABLE"
    ), tested


def test_a_crash_on_a_gpu_names_it(broken):
    crashing = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    code, _, _, tested = broken(gpus=1, tensorflow=TENSORFLOW.replace("BREAKS", crashing))
    assert code == 30
    assert tested["failure"].startswith("GPU 0 (Tesla X")
    assert tested["failure"].endswith("copy by TensorFlow 2.99: ended by SIGSEGV")


def test_a_framework_that_a_program_may_not_need_is_no_fault_of_the_slot(slot, broken):
    slot.script("print('trained')\n")
    slot.experiment["metrics_file"] = "metrics.json"
    _, _, _, tested = broken(gpus=1, tensorflow=CRASHING.format("SIGILL"))
    assert tested["failure"] is None
    assert tested["untested"] == "importing what computes on GPUs: ended by SIGILL"


def test_keras_writes_nothing_that_the_training_reads(slot, broken):
    # As Keras does; each process names its own.
    writes = "import os, sys\nopen(os.path.join(os.environ['KERAS_HOME'], sys.argv[1]), 'w')\n"
    slot.script(
        "import os\ndef run(context):\n"
        "    return {'score': 'test' in os.listdir(os.environ['KERAS_HOME'])}\n"
    )
    code, output, result, tested = broken(numpy=f"{writes}raise ImportError('was here')")
    assert code == 0, output
    assert tested["untested"] == "ImportError: was here"
    assert result["metrics"]["score"]["value"] == 0
