"""The payload trains inside the real images: the study's three experiments, traced and stopped."""

from __future__ import annotations

import io
import os
import pickle
import signal
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import real_pool
from paths import SHARED
from slot import Slot

from osgrepro.common import folders
from osgrepro.pool.enclosure import provide
from osgrepro.runs import inputs, pyz
from osgrepro.software import apptainer

pytestmark = [pytest.mark.pool, pytest.mark.timeout(1200)]

DATA = SHARED / "data"

# Three steps each, so that what a trace sees last is what the run ends with.
FEW = {
    "mnist_convnet": ("sample:digits", {"epochs": 1, "limit_train": 400}),
    "bidirectional_lstm": (
        "sample:reviews",
        {"epochs": 1, "limit_train": 96, "limit_test": 64, "vocabulary": 1000, "length": 20},
    ),
    "imbalanced_classification": ("sample:transactions", {"epochs": 1, "batch_size": 2000}),
}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
# On a GPU the framework does them; without one it can do them on the CPU.
SUMS = """
import importlib
def run(context):
    package = type(context).__module__.rpartition(".")[0]
    backends = importlib.import_module(package + ".backends")
    sums = importlib.import_module(package + ".selftest.sums").every()
    backend = backends.load({"KERAS_BACKEND": context.params["backend"]}, needed=True)
    faults = [known.fault(backend.answer(known.name, known.operands, None)) for known in sums]
    assert faults == [None] * 4, faults
    return {"score": len(faults)}
"""
# What computes, by backend.
ENGINES = {"tensorflow": "libtensorflow", "jax": "libjax_common", "torch": "libtorch_cpu"}


# The study's experiments stand on Keras.
@pytest.fixture(scope="module", params=real_pool.built_from_indexes(keras=True))
def container(request):
    return request.param


@pytest.fixture(scope="module")
def enter(container):
    """Return what runs a payload's command line in the image, as a starter does it."""
    image = apptainer.plan_image(container, folders.cache()).built_image()
    if image is None:
        pytest.skip(f"the image {container.name} is not built: osgrepro build {container.name}")
    sif, enclosure = Path(image.location), provide()

    def enter_with(scratch):
        def command(argv):
            inside = ["apptainer", "exec", "--contain", "--no-home", "--bind", f"{scratch}:/srv"]
            inside += ["--pwd", "/srv", str(sif), "python3", *argv[1:]]
            return enclosure.command(inside, binds=[scratch, sif.parent], cwd=scratch)

        return command

    return enclosure.user, enter_with


@pytest.fixture
def slot(enter, tmp_path):
    user, enter_with = enter
    archive = tmp_path / "payload.pyz"
    pyz.build_pyz(archive)
    # Not pytest's own folder: below /tmp the pool's user sees the host's modes.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        scratch = Path(name)
        if os.geteuid() == 0:
            os.chown(scratch, user.uid, user.gid)
        yield Slot(scratch, archive, enter_with(scratch))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return where the sample of each experiment lies."""
    cache = tmp_path_factory.mktemp("cache")
    return {
        name: inputs.fetch(inputs.describe(spec, Path()), cache) for name, (spec, _) in FEW.items()
    }


def train(slot, name, path, **params):
    slot.built_in(name, path, **params)
    code, output, result = slot.run(QUIET, timeout=900)
    assert code == 0, output
    assert result is not None, output
    return result


@pytest.mark.parametrize("name", FEW)
def test_an_experiment_trains_and_a_trace_changes_no_bit(slot, container, data, name):
    params = FEW[name][1]
    plain = train(slot, name, data[name], **params)
    must_prove_what_it_ran_on(plain, container)
    (slot.folder / "results").rename(slot.folder / "plain")

    slot.spec["trace"] = True
    traced = train(slot, name, data[name], **params)
    assert plain["fingerprints"].pop("gradients") is None
    gradients = traced["fingerprints"].pop("gradients")
    assert traced["fingerprints"] == plain["fingerprints"]
    assert traced["metrics"] == plain["metrics"]
    if container.backend != "tensorflow":
        assert gradients is None
        assert container.backend in traced["provenance"]["errors"]["trace"]
        return
    seen = traced["provenance"]["data"]
    assert len(gradients) == len(seen["first_batches"]) == len(seen["first_outputs"]) == 3
    assert len({tuple(step.values()) for step in gradients}) == 3
    assert seen["first_weights"][-1] == traced["fingerprints"]["final_weights"]
    assert traced["provenance"]["errors"] == {}


def test_the_framework_computes_the_self_tests_sums(slot, container):
    slot.script(SUMS)
    slot.experiment["params"] = {"backend": container.backend}
    code, output, result = slot.run(QUIET, timeout=900)
    assert code == 0, output
    assert result["metrics"]["score"]["value"] == 4
    (cpu,) = result["provenance"]["self_test"]["devices"]
    assert len(cpu["sums"]) == 4


def must_prove_what_it_ran_on(result, container):
    provenance, prints = result["provenance"], result["fingerprints"]
    framework = provenance["framework"]
    assert framework["backend"] == container.backend
    assert framework["version"] == container.framework
    assert framework["op_determinism"] is True
    assert framework["float_type"] == "float32"
    assert container.keras in (None, framework["keras_version"])
    assert provenance["process"]["python"] == container.python
    assert provenance["errors"] == {}
    assert provenance["sample_data"] is True
    assert provenance["image"]["labels"]
    assert any(ENGINES[container.backend] in library["path"] for library in provenance["libraries"])
    assert all(library["sha256"] for library in provenance["libraries"])
    assert set(provenance["data"]["prepared"]) == {"x_train", "y_train", "x_test", "y_test"}
    for kind in ("initial_weights", "final_weights", "predictions", "labels"):
        assert prints[kind]
    examples = result["examples"]
    assert examples["count"] == provenance["data"]["test_set"]["items"]
    assert (examples["type"], examples["omitted"]) == ("uint8", None)
    assert examples["predicted"]["zlib"]
    assert examples["truth"]["zlib"]
    assert (examples["ranks"] is not None) == (examples["classes"] > 2)
    assert prints["initial_weights"] != prints["final_weights"]
    assert [len(series) for series in prints["losses"].values()] == [1, 1]
    assert result["timings"]["fit_s"] > 0


# The example as a researcher would write it down, with seed and determinism, knowing nothing of us.
BARE = """
import json
import numpy as np
{imports}

layers = keras.layers
keras.utils.set_random_seed(1)
{determinism}
file = np.load("digits.npz")
x_train = np.expand_dims(file["x_train"][:600].astype("float32") / 255, -1)
x_test = np.expand_dims(file["x_test"].astype("float32") / 255, -1)
y_train = keras.utils.to_categorical(file["y_train"][:600], 10)
y_test = keras.utils.to_categorical(file["y_test"], 10)
model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Flatten(),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax"),
])
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=128, epochs=2, validation_split=0.1)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
json.dump({{"test_loss": loss, "test_accuracy": accuracy}}, open("metrics.json", "w"))
"""
BARE_BACKENDS = {
    "tensorflow": {
        "imports": "import tensorflow as tf\nkeras = tf.keras",
        "determinism": "tf.config.experimental.enable_op_determinism()",
    },
    "jax": {"imports": "import keras", "determinism": ""},
    "torch": {
        "imports": "import keras, torch",
        "determinism": "torch.use_deterministic_algorithms(True)",
    },
}


def test_the_payload_changes_no_bit_of_the_bare_example(slot, container, data):
    path = data["mnist_convnet"]
    ours = train(slot, "mnist_convnet", path, epochs=2, limit_train=600)["metrics"]
    (slot.folder / "results").rename(slot.folder / "ours")
    slot.script(BARE.format(**BARE_BACKENDS[container.backend]))
    slot.experiment.update(entry="script.py", params={}, metrics_file="metrics.json")
    code, output, result = slot.run(QUIET, timeout=300)
    assert code == 0, output
    assert result["metrics"] == ours


def test_a_pinned_pool_wins_over_the_slots_own(slot, data):
    slot.spec["threads"] = 1
    slot.built_in("imbalanced_classification", data["imbalanced_classification"], epochs=1)
    code, output, result = slot.run({**QUIET, "TF_NUM_INTRAOP_THREADS": "3"}, timeout=300)
    assert code == 0, output
    threads = result["provenance"]["threads"]
    assert (threads["intra_op_configured"], threads["intra_op_effective"]) == (1, 1)
    # Told as the process that trained had it: in agreement with the campaign.
    environment = result["provenance"]["environment"]
    assert {environment["TF_NUM_INTRAOP_THREADS"], environment["OMP_NUM_THREADS"]} == {"1"}


def test_an_emulated_hosts_pool_means_the_same_to_every_backend(slot, data):
    slot.built_in("imbalanced_classification", data["imbalanced_classification"], epochs=1)
    code, output, result = slot.run({**QUIET, "TF_NUM_INTRAOP_THREADS": "3"}, timeout=300)
    assert code == 0, output
    assert result["provenance"]["threads"]["intra_op_effective"] == 3


def test_sigterm_while_training_leaves_a_result(slot, data):
    name = "mnist_convnet"
    slot.built_in(name, data[name], epochs=10_000)
    process = slot.start(QUIET)
    for line in process.stdout:
        if b"val_loss" in line:
            break
    process.send_signal(signal.SIGTERM)
    start = time.monotonic()
    process.communicate(timeout=30)

    assert time.monotonic() - start < 20
    assert process.returncode == 40
    (result,) = slot.results()
    assert result["exception"]["message"] == "SIGTERM while training"
    assert result["fingerprints"]["initial_weights"]
    assert result["provenance"]["framework"]["version"]


def write_reviews(path):
    """Write reviews as in Keras's imdb.npz: lists, pickled so that every NumPy can read them."""
    random = np.random.RandomState(5)
    with zipfile.ZipFile(path, "w") as archive:
        for part, count in (("train", 70), ("test", 50)):
            rows = np.empty(count, dtype=object)
            rows[:] = [random.randint(1, 400, n).tolist() for n in random.randint(1, 30, count)]
            for name, array in ((f"x_{part}", rows), (f"y_{part}", random.randint(0, 2, count))):
                content = io.BytesIO()
                if array is rows:
                    header = np.lib.format.header_data_from_array_1_0(array)
                    np.lib.format.write_array_header_1_0(content, header)
                    pickled = pickle.dumps(array, protocol=3)
                    content.write(pickled.replace(b"numpy._core", b"numpy.core"))
                else:
                    np.save(content, array)
                archive.writestr(f"{name}.npy", content.getvalue())


def test_kerass_own_layout_of_reviews_is_read_as_keras_reads_it(slot):
    """The prepared arrays are those of ``keras.datasets.imdb.load_data`` and ``pad_sequences``."""
    write_reviews(slot.folder / "imdb.npz")
    slot.built_in(
        "bidirectional_lstm",
        slot.folder / "imdb.npz",
        epochs=1,
        vocabulary=300,
        length=12,
    )
    code, output, result = slot.run(QUIET, timeout=300)
    assert code == 0, output
    ours = result["provenance"]["data"]["prepared"]
    (slot.folder / "results").rename(slot.folder / "ours")
    slot.script(
        "import sys\n"
        "def run(context):\n"
        "    keras = context.keras\n"
        "    load_data = keras.datasets.imdb.load_data\n"
        "    sys.modules[load_data.__module__].get_file = lambda *a, **k: context.path()\n"
        "    train, test = load_data(num_words=300)\n"
        "    pad = keras.preprocessing.sequence.pad_sequences\n"
        "    context.prepared(x_train=pad(train[0], maxlen=12), y_train=train[1],\n"
        "                     x_test=pad(test[0], maxlen=12), y_test=test[1])\n"
        "    return {'test_loss': 0, 'test_accuracy': 0}\n"
    )
    slot.experiment.update(entry="script.py", params={})
    code, output, result = slot.run(QUIET, timeout=300)
    assert code == 0, output
    assert result["provenance"]["data"]["prepared"] == ours


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "file", "params", "least"),
    [
        ("mnist_convnet", "mnist.npz", {"epochs": 1}, 0.95),
        ("bidirectional_lstm", "imdb-5000-top500.npz", {"epochs": 2, "length": 100}, 0.70),
        ("imbalanced_classification", "creditcard-3265.csv", {}, 0.95),
    ],
)
def test_real_data_are_learnt(slot, name, file, params, least):
    if not (DATA / file).is_file():
        pytest.skip(f"the real data are not there: {DATA / file}")
    result = train(slot, name, DATA / file, **params)
    assert result["metrics"]["test_accuracy"]["value"] > least
