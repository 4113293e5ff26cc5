"""Emulated runs confirm remote ones to the last bit, refute them, or can't say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.findings import Confirmation
from osgrepro.analysis.replication.confirmation import confirmations
from osgrepro.analysis.replication.pairs import COLUMNS, Counterpart

CAPPED = ["L1d cache 32 KiB, here 48 KiB"]


def run(weights: str | None = "a", **changes: Any) -> dict[str, Any]:
    """Return a remote run, as the dataset has it."""
    loss = {"name": "loss", "value": 0.5, "hex": changes.pop("loss", "0x1.0p-1")}
    return dict.fromkeys(COLUMNS) | {
        "experiment": "mnist",
        "software": "tf",
        "hardware": "epyc",
        "repeat": 1,
        "status": "ok",
        "code_sha256": "c",
        "params_json": '{"epochs":2}',
        "data_json": "[]",
        "seed": 1,
        "final_weights": weights,
        "metrics": [loss],
        "emulated": False,
        "emulation": [],
        "not_emulated": [],
        **changes,
    }


def twin(weights: str | None = "a", **changes: Any) -> dict[str, Any]:
    """Return an emulated run of the same."""
    return run(weights, **{"emulated": True, "emulation": ["128 threads"], **changes})


CELL = ("mnist", "tf", "epyc")


def only(*rows: dict[str, Any], counterpart: Counterpart | None = None) -> Confirmation:
    (found,) = confirmations(rows, {CELL: counterpart} if counterpart else None)
    return found


def test_the_same_weights_confirm() -> None:
    found = only(run(), run(repeat=2), twin())
    assert (found.answer, found.remote_class, found.emulated_class) == ("confirmed", "A", "A")
    assert (found.remote, found.emulated) == (("epyc",), "epyc")
    assert found.emulation == ("128 threads",)
    assert found.text == "final weights: the same to the last bit"
    assert found.p_upper == pytest.approx(0.95)


def test_all_emulated_runs_are_trials_since_the_class_was_known_before() -> None:
    found = only(run(), run(repeat=2), twin(), twin(repeat=2), twin(repeat=3))
    assert found.p_upper == pytest.approx(1 - 0.05 ** (1 / 3))
    assert only(run(), twin("b")).p_upper is None


def test_other_weights_refute_though_the_metrics_agree() -> None:
    found = only(run("a"), twin("b"))
    assert (found.answer, found.remote_class, found.emulated_class) == ("refuted", "A", "B")
    assert found.text == "final weights: B here, A there"


def test_what_is_not_emulated_turns_a_difference_into_no_answer() -> None:
    found = only(run("a"), twin("b", not_emulated=CAPPED))
    assert found.answer == "not emulable"
    assert found.not_emulated == tuple(CAPPED)
    assert found.text.endswith(
        "B here, A there: differs, and was not like the remote: L1d cache 32 KiB, here 48 KiB"
    )


def test_an_equal_result_is_confirmed_whatever_is_not_emulated() -> None:
    found = only(run(), twin(not_emulated=CAPPED))
    assert found.answer == "confirmed"
    assert "in spite of: L1d" in found.text


def test_runs_on_a_machine_that_lacks_nothing_outweigh_the_others() -> None:
    found = only(run("a"), twin("b"), twin("a", not_emulated=CAPPED))
    assert (found.answer, found.not_emulated) == ("refuted", ())


def test_a_simulated_gpu_refutes_nothing() -> None:
    found = only(run("a"), twin("b", emulated=None, simulated_gpu=True))
    assert found.answer == "not emulable"
    assert found.not_emulated == ("GPU simulated, jobs run on the CPU",)


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        ({"final_weights": None, "predictions": "p"}, "predictions: the same to the last bit"),
        ({"final_weights": None, "labels": "l"}, "labels: the same to the last bit"),
        ({"final_weights": None}, "loss: the same to the last bit"),
    ],
)
def test_the_finest_grade_that_both_recorded_decides(recorded: dict[str, Any], told: str) -> None:
    assert only(run(**{"weights": "a"}) | recorded, twin() | {**recorded}).text == told
    assert only(run() | recorded, twin() | recorded | {"final_weights": "x"}).text == told


def test_nothing_in_common_is_no_answer_and_the_remote_keeps_its_class() -> None:
    other = [{"name": "accuracy", "value": 1.0, "hex": "0x1.0p+0"}]
    found = only(run(None), twin(None, metrics=other))
    assert (found.answer, found.remote_class, found.emulated_class) == ("not emulable", "A", None)
    assert found.text == "no fingerprint and no metric is recorded on both sides"


def test_repeats_that_disagree_are_confirmed_by_one_of_theirs_and_the_text_says_so() -> None:
    found = only(run("a"), run("a", repeat=2), run("b", repeat=3), twin("b"))
    assert (found.answer, found.remote_class, found.emulated_class) == ("confirmed", "A B", "B")
    assert found.text == "final weights: the remote repeats disagree (A B); B is among theirs"
    assert only(run("a"), run("b", repeat=2), twin("c")).answer == "refuted"


def test_emulated_repeats_that_disagree_refute_remote_ones_that_agree() -> None:
    found = only(run("a"), twin("a"), twin("b", repeat=2))
    assert found.answer == "refuted"
    assert found.text.endswith("the emulated repeats disagree")


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"code_sha256": "d"}, "code"),
        ({"params_json": '{"epochs":3}'}, "parameters"),
        ({"data_json": '[{"sha256": "d"}]'}, "data"),
        ({"seed": 2, "threads_requested": None}, "seed"),
    ],
)
def test_runs_of_another_definition_are_not_compared(other: dict[str, Any], told: str) -> None:
    found = only(run("a"), twin("b", **other))
    assert (found.answer, found.emulated) == ("not tried", None)
    assert found.text == f"not replayed yet: the emulated runs have other {told}"


@pytest.mark.parametrize(
    ("theirs", "own", "why"),
    [
        ("x", "y", "another image"),
        (None, "y", "image of the remote run not recorded"),
        ("x", None, "image of the emulated run not recorded"),
    ],
)
def test_only_the_same_image_refutes(theirs: str | None, own: str | None, why: str) -> None:
    found = only(run("a", image_sha256=theirs), twin("b", image_sha256=own))
    assert (found.answer, found.not_emulated) == ("not emulable", (why,))
    assert only(run("a", image_sha256="x"), twin("b", image_sha256="x")).answer == "refuted"


def test_an_import_is_confirmed_by_a_run_with_more_parameters_and_never_refuted() -> None:
    imported = {"code_sha256": None, "data_json": None, "seed": None, "emulated": None}
    remote = run(None, **imported, not_emulated=None)
    more = '{"batch":128,"epochs":2}'
    assert only(remote, twin("b", params_json=more)).answer == "confirmed"
    found = only(remote, twin("b", params_json=more, loss="0x1.8p-1"))
    assert found.answer == "not emulable"
    assert "code of the remote run not recorded" in found.not_emulated
    assert only(remote, twin(params_json="{}")).answer == "confirmed"
    assert only(remote, twin(params_json='{"epochs":3}')).emulated is None


def test_without_an_emulated_run_the_obstacles_are_told() -> None:
    found = only(
        run(),
        counterpart=Counterpart(
            cells=(CELL,),
            obstacles=("vendor AuthenticAMD, here GenuineIntel", "avx2: missing here"),
        ),
    )
    assert (found.answer, found.emulated) == ("not emulable", None)
    assert found.text == "vendor AuthenticAMD, here GenuineIntel; avx2: missing here"
    both = Counterpart(cells=(CELL,), obstacles=("avx2: missing here",), lacking=("no image",))
    assert only(run(), counterpart=both).answer == "not emulable"
    image = Counterpart(cells=(CELL,), lacking=("no image: build it",))
    ready = only(run(), counterpart=image)
    assert (ready.answer, ready.text) == ("not ready", "no image: build it")
    nothing = only(run(), twin(hardware="other"))
    assert (nothing.answer, nothing.text) == ("not tried", "not replayed yet")
    failed = only(run(), twin(status="failed"))
    assert (failed.answer, failed.text) == ("not emulable", "replayed, but no run ended well")


def test_failed_remote_runs_have_no_outcome() -> None:
    assert confirmations([run(status="failed"), twin()]) == ()


def test_letters_are_shared_by_the_cells_of_an_experiment_the_commonest_first() -> None:
    rows = [run("b", hardware="x"), run("a", hardware="y"), run("a", hardware="z")]
    rows += [run("q", hardware="x", experiment="other"), twin("c", hardware="x")]
    found = {(one.experiment, one.remote[0]): one for one in confirmations(rows)}
    classes = {cell: one.remote_class for cell, one in found.items()}
    assert classes == {
        **{("mnist", "x"): "B", ("mnist", "y"): "A", ("mnist", "z"): "A"},
        ("other", "x"): "A",
    }
    assert found["mnist", "x"].emulated_class == "C"


RUNS = st.builds(
    lambda make, weights, hardware, unlike: make(
        weights, hardware=hardware, not_emulated=unlike if make is twin else []
    ),
    st.sampled_from([run, twin]),
    st.sampled_from("abc"),
    st.sampled_from("xyz"),
    st.sampled_from([[], CAPPED]),
)


@given(st.lists(RUNS))
def test_each_remote_environment_has_one_answer_that_its_letters_bear_out(
    rows: list[dict[str, Any]],
) -> None:
    found = confirmations(rows)
    assert [one.remote for one in found] == [
        (name,) for name in sorted({row["hardware"] for row in rows if not row["emulated"]})
    ]
    for one in found:
        own = set((one.emulated_class or "").split())
        assert (one.answer == "confirmed") == bool(own and own <= {*one.remote_class.split()})
        assert not (one.answer == "refuted" and one.not_emulated)
    assert confirmations(rows[::-1]) == found


def metric(name: str, bits: str = "0x1.0p-1") -> list[dict[str, Any]]:
    return [{"name": name, "value": float.fromhex(bits) if bits != "nan" else None, "hex": bits}]


def test_equal_accuracies_alone_confirm_nothing_and_other_ones_refute() -> None:
    same = only(run(None, metrics=metric("accuracy")), twin(None, metrics=metric("accuracy")))
    assert same.answer == "not emulable"
    assert "only accuracies were recorded" in same.text
    other = twin(None, metrics=metric("accuracy", "0x1.8p-1"))
    assert only(run(None, metrics=metric("accuracy")), other).answer == "refuted"
    both = metric("accuracy") + metric("loss")
    assert only(run(None, metrics=both), twin(None, metrics=both)).answer == "confirmed"


def test_what_is_no_number_is_not_compared() -> None:
    nothing = metric("loss", "nan")
    found = only(run(None, metrics=nothing), twin(None, metrics=nothing))
    assert (found.answer, found.text) == (
        "not emulable",
        "no fingerprint and no metric is recorded on both sides",
    )
    half = nothing + metric("accuracy")
    assert only(run(None, metrics=half), twin(None, metrics=half)).answer == "not emulable"
