"""The context only looks: it hands on what it is given and records hashes."""

from __future__ import annotations

import pytest

from osgrepro.payload import fingerprint, spec
from osgrepro.payload.context import Context
from osgrepro.payload.faults import InputError
from osgrepro.payload.processes import channel

numpy = pytest.importorskip("numpy")


class Told:
    """A channel into memory."""

    def __init__(self):
        self.state = {}

    def send(self, **parts):
        channel.merge(self.state, parts)


class Model:
    """What a Keras model shows of itself."""

    built = True

    def __init__(self):
        self.weights = numpy.zeros(2, "float32")
        self.calls = []

    def get_weights(self):
        return [self.weights]

    def fit(self, *args, **kwargs):
        self.calls.append((args, kwargs))
        self.weights = self.weights + 1
        return type("History", (), {"history": {"loss": [0.5], "accuracy": [0.9]}})()


@pytest.fixture
def task(slot):
    slot.data("a.npz", b"a")
    return lambda: spec.read_task(
        str(slot.save()),
        run_id="0" * 24,
        experiment="probe",
        hardware="any",
        seed=1,
        repeat=1,
        scratch=str(slot.folder),
        out="",
    )


def test_fit_is_the_models_own_and_leaves_evidence(task):
    told, model = Told(), Model()
    history = Context(task(), told).fit(model, 1, 2, epochs=3)
    assert model.calls == [((1, 2), {"epochs": 3})]
    assert history.history["accuracy"] == [0.9]
    prints = told.state["fingerprints"]
    assert prints["initial_weights"] == fingerprint.arrays([numpy.zeros(2, "float32")])
    assert prints["final_weights"] == fingerprint.arrays([numpy.ones(2, "float32")])
    assert prints["losses"] == {"loss": [(0.5).hex()]}
    assert told.state["timings"]["fit_s"] >= 0


def test_a_model_that_is_not_built_has_no_initial_weights_yet(task):
    told, model = Told(), Model()
    model.built = False
    Context(task(), told).fit(model)
    assert "initial_weights" not in told.state["fingerprints"]


def test_predictions_are_recorded_with_their_labels(task):
    told = Told()
    values = [[0.2], [0.7]]
    returned = Context(task(), told).predictions(values)
    assert returned.tolist() == values
    assert told.state["fingerprints"]["labels"] == fingerprint.arrays(
        [numpy.array([0, 1], "uint8")]
    )


@pytest.mark.parametrize(
    ("values", "truth", "regression"),
    [
        ([[0.2], [0.7]], None, True),
        ([[0.2], [0.7]], [[0.25], [0.6]], False),
        ([[0.2], [1.7]], None, False),
        ([[0.1, 2.0], [3.0, 4.0]], [[0.3, 2.5], [3.0, 4.0]], False),
        (["a", "b"], None, False),
    ],
)
def test_what_is_no_classification_has_no_labels(task, values, truth, regression):
    told = Told()
    Context(task(), told).predictions(values, truth, regression=regression)
    assert set(told.state["fingerprints"]) == {"predictions"}
    assert told.state["examples"]["predicted"] is None
    assert told.state["examples"]["omitted"]
    assert told.state["provenance"]["data"]["test_set"]["most_frequent_share"] is None


def test_labels_below_0_are_labels_all_the_same(task):
    told = Told()
    Context(task(), told).predictions([-1, 1], [-1, -1])
    labels = fingerprint.arrays([numpy.array([-1, 1], "<i8")])
    assert told.state["fingerprints"]["labels"] == labels


@pytest.mark.parametrize(
    ("truth", "share"),
    [
        (None, None),
        ([[0], [1], [1], [1]], 0.75),
        ([3, 9, 9, 7], 0.5),
        ([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]], 0.75),
    ],
)
def test_the_test_set_is_recorded_with_its_most_frequent_class(task, truth, share):
    told = Told()
    Context(task(), told).predictions([[0.2], [0.7], [0.1], [0.9]], truth)
    test_set = told.state["provenance"]["data"]["test_set"]
    assert test_set == {"items": 4, "most_frequent_share": share}


def test_predictions_are_kept_example_by_example(task):
    told = Told()
    Context(task(), told).predictions([[0.2], [0.7], [0.1]], [0, 1, 1])
    block = told.state["examples"]
    assert (block["count"], block["classes"], block["omitted"]) == (3, 2, None)
    assert block["predicted"]["sha256"] == fingerprint.bytes_sha256(bytes([0, 1, 0]))
    assert block["truth"]["sha256"] == fingerprint.bytes_sha256(bytes([0, 1, 1]))


def test_labels_that_do_not_fit_the_predictions_cost_no_result(task):
    told = Told()
    Context(task(), told).predictions([[0.2], [0.7]], [1])
    assert told.state["provenance"]["errors"] == {"test_set": "2 predictions for 1 labels"}
    assert told.state["provenance"]["data"]["test_set"]["most_frequent_share"] is None


def test_prepared_arrays_are_recorded(task):
    told = Told()
    Context(task(), told).prepared(x=numpy.zeros(2))
    assert set(told.state["provenance"]["data"]["prepared"]) == {"x"}


def test_what_was_probed_is_recorded_by_operation(task):
    told, ones = Told(), numpy.ones(2)
    hashes = Context(task(), told).probed({"sum": [ones], "both": [ones, ones]})
    assert told.state["fingerprints"]["probe"] == hashes
    assert hashes == {
        "sum": fingerprint.arrays([ones]),
        "both": fingerprint.arrays([ones, ones]),
    }


def test_the_only_file_needs_no_name(task, slot):
    assert Context(task(), Told()).path() == str(slot.folder / "a.npz")


def test_one_of_several_files_is_asked_for_by_name(task, slot):
    slot.data("b.npz", b"b")
    context = Context(task(), Told())
    assert context.path("b.npz") == str(slot.folder / "b.npz")
    with pytest.raises(InputError, match="one file asked for"):
        context.path()


def test_a_file_that_is_not_declared_is_bad_input(task):
    with pytest.raises(InputError, match=r"'c\.npz' asked for"):
        Context(task(), Told()).path("c.npz")


def test_a_whole_number_is_good_for_a_float(task, slot):
    slot.experiment["params"] = {"rate": 1}
    assert Context(task(), Told()).settings(rate=0.1) == {"rate": 1}


def test_truth_is_no_number(task, slot):
    slot.experiment["params"] = {"epochs": True}
    with pytest.raises(InputError, match="should be int, not bool"):
        Context(task(), Told()).settings(epochs=1)
