"""One planted difference, wherever it is, is the first point that is named."""

from __future__ import annotations

import math
from typing import Any

import pytest
from divergence_results import VARIABLES, digest, result
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.divergence import computed_by, diverge
from osgrepro.analysis.divergence.floats import distance
from osgrepro.common.errors import InputError

# (path to the value, stage, step): in the order of training, back-propagation's for gradients.
PLACES: list[tuple[tuple[Any, ...], str, int | None]] = [
    (("definition", "code_sha256"), "script", None),
    (("definition", "params", "epochs"), "parameters", None),
    (("definition", "data", 0, "sha256"), "data files", None),
    (("definition", "seed"), "seed", None),
    (("provenance", "data", "prepared", "x_train"), "prepared data", None),
    (("fingerprints", "initial_weights"), "initial weights", None),
]
for _step in range(3):
    PLACES.append((("provenance", "data", "first_batches", _step), "batch", _step + 1))
    PLACES.append((("provenance", "data", "first_outputs", _step), "outputs", _step + 1))
    PLACES += [
        (("fingerprints", "gradients", _step, f"{n}:{VARIABLES[n]}"), "gradients", _step + 1)
        for n in reversed(range(len(VARIABLES)))
    ]
    PLACES.append((("provenance", "data", "first_weights", _step), "weights", _step + 1))
PLACES += [
    (("fingerprints", "losses", "loss", 0), "losses", None),
    (("fingerprints", "losses", "val_loss", 0), "losses", None),
    (("fingerprints", "losses", "loss", 1), "losses", None),
    (("fingerprints", "final_weights"), "final weights", None),
    (("fingerprints", "predictions"), "predictions", None),
    (("fingerprints", "labels"), "labels", None),
    (("metrics", "test_loss", "hex"), "metrics", None),
]


def plant(made: dict[str, Any], path: tuple[Any, ...]) -> None:
    """Change the value at ``path``."""
    *way, last = path
    place: Any = made
    for part in way:
        place = place[part]
    old = place[last]
    if isinstance(old, int):
        place[last] = old + 1
    elif old.startswith("0x"):
        place[last] = (float.fromhex(old) + 2**-20).hex()
    else:
        place[last] = digest("another", old)


@given(st.sets(st.integers(0, len(PLACES) - 1), min_size=1))
def test_the_earliest_of_planted_differences_is_found_first(planted: set[int]) -> None:
    other = result()
    for index in planted:
        plant(other, PLACES[index][0])
    path, stage, step = PLACES[min(planted)]
    for found in (diverge(result(), other), diverge(other, result())):
        assert found.answer == "differs"
        assert found.first is not None
        assert (found.first.stage, found.first.step) == (stage, step)
        if stage == "gradients":
            assert found.first.variable == path[-1].partition(":")[2]
        if stage == "losses":
            assert (found.first.variable, found.first.epoch) == (path[2], path[3] + 1)
        before = found.stages[: [one.point for one in found.stages].index(found.first)]
        assert {one.status for one in before} <= {"same"}


@given(
    st.sets(st.sampled_from([path[:2] for path, _, _ in PLACES if path[0] != "definition"])),
    st.booleans(),
)
def test_what_one_side_lacks_is_not_recorded_and_parts_nothing(
    lacking: set[tuple[str, str]], swapped: bool
) -> None:
    other = result()
    for section, name in lacking:
        if section == "metrics":
            other["metrics"] = {}
        else:
            other[section][name] = {} if name in ("data", "losses") else None
    pair = (other, result()) if swapped else (result(), other)
    found = diverge(*pair)
    assert found.first is None
    assert found.answer == ("same" if len(lacking) < 8 else "not assessable")
    assert any(one.status == "not recorded" for one in found.stages) == bool(lacking)


def test_identical_runs_have_no_divergence() -> None:
    found = diverge(result(), result())
    assert (found.answer, found.text) == ("same", "no divergence in all that was recorded")
    assert found.candidates == ()


def test_a_gradient_that_feeds_nothing_that_differs_is_its_own_operations() -> None:
    other = result()
    plant(other, ("fingerprints", "gradients", 0, "2:dense/kernel"))
    found = diverge(result(), other)
    assert found.text == ("they part at step 1: the gradient of dense/kernel, computed by MatMul")
    assert "it is this operation itself" in found.explanation[1]
    assert [one.status for one in found.stages[8].gradients] == ["same", "differs", "same", "same"]


@pytest.mark.parametrize(
    ("recorded", "told"),
    [(True, "or the loss's own gradient"), (False, "the forward pass may have parted before it")],
)
def test_where_all_gradients_differ_the_forward_pass_is_ruled_out_by_its_outputs_alone(
    recorded: bool, told: str
) -> None:
    first, other = result(), result()
    if not recorded:  # as results were before outputs were traced
        del first["provenance"]["data"]["first_outputs"]
    for number, name in enumerate(VARIABLES):
        plant(other, ("fingerprints", "gradients", 1, f"{number}:{name}"))
    found = diverge(first, other)
    assert found.first is not None
    assert (found.first.step, found.first.variable) == (2, "dense/bias")
    assert told in found.explanation[1]


def test_variables_are_told_apart_by_their_numbers_not_their_names_or_places() -> None:
    other = result()
    other["fingerprints"]["gradients"] = [
        {
            f"{n}:sequential/{name}": digest(name, step)
            for n, name in reversed([*enumerate(VARIABLES)])
        }
        for step in range(3)
    ]
    assert diverge(result(), other).answer == "same"


def test_models_of_different_sizes_are_not_assessable_by_their_gradients() -> None:
    other = result()
    del other["fingerprints"]["gradients"][0]["3:dense/bias"]
    stage = diverge(result(), other).stages[8]
    assert (stage.status, stage.text) == ("not recorded", "4 variables in A, 3 in B")


def test_an_evaluation_that_differs_is_told_from_training() -> None:
    other = result()
    plant(other, ("fingerprints", "losses", "val_loss", 0))
    found = diverge(result(), other)
    assert "only the evaluation" in found.explanation[0]


def test_what_differs_of_the_machines_is_named() -> None:
    other = result()
    provenance = other["provenance"]
    provenance["cpu"] = {"model_name": "Intel", "flags": ["sse", "avx2", "avx512f", "ibrs"]}
    provenance["threads"]["intra_op_effective"] = 8
    provenance["libraries"][0]["sha256"] = digest("other libm")
    provenance["gpus"] = [{"name": "A100", "driver": "550", "mig": None, "visible": True}]
    provenance["environment"] = {"TF_ENABLE_ONEDNN_OPTS": "0"}
    provenance["framework"]["onednn_verbose"] = ["onednn_verbose,v1,info,cpu,isa:AVX2"]
    told = {one.what: (one.a, one.b) for one in diverge(result(), other).candidates}
    assert told["CPU"] == ("AMD EPYC 7302", "Intel")
    assert told["instructions that the other lacks"] == ("none", "avx512f")
    assert told["intra-op threads"] == ("1", "8")
    assert told["GPU"] == ("none", "A100")
    assert told["library libm.so.6"] == (digest("libm"), digest("other libm"))
    assert told["variable TF_ENABLE_ONEDNN_OPTS"] == ("none", "0")
    assert "oneDNN isa" not in told  # one side said nothing


def test_a_part_without_a_differing_machine_says_so() -> None:
    other = result()
    plant(other, ("fingerprints", "final_weights"))
    assert "the run may not repeat at all" in diverge(result(), other).explanation[-1]


def test_onednn_implementations_are_compared_by_what_they_do() -> None:
    first, second = result(), result()
    line = "onednn_verbose,v1,primitive,exec,cpu,convolution,{},forward_training,src,,,x"
    for made, name in ((first, "jit:avx2"), (second, "brgconv:avx512_core")):
        made["provenance"]["framework"]["onednn_verbose"] = [line.format(name)]
    (one,) = diverge(first, second).candidates
    assert (one.what, one.a) == ("oneDNN convolution forward_training", "jit:avx2")


def test_a_failed_run_is_compared_as_far_as_it_came() -> None:
    other = result(status="failed", exit_code=10, metrics={}, exception={"type": "ValueError"})
    other["fingerprints"] |= {"final_weights": None, "predictions": None, "labels": None}
    found = diverge(result(), other)
    assert found.answer == "same"
    assert found.notes == ("B failed (ValueError); what it recorded before is compared",)


def test_two_experiments_are_refused() -> None:
    other = result()
    other["definition"] |= {"entry": "experiments.probe:run", "code_sha256": digest("probe")}
    with pytest.raises(InputError, match="two experiments"):
        diverge(result(), other)


def test_probes_name_every_operation_that_differs() -> None:
    first, second = result(), result()
    first["fingerprints"]["probe"] = {"matmul": digest(1), "conv": digest(2), "sum": digest(3)}
    second["fingerprints"]["probe"] = {"matmul": digest(1), "conv": digest(4), "sum": digest(5)}
    found = diverge(first, second)
    assert found.text == "they part at the operation conv of the probe"
    assert next(one.text for one in found.stages if one.name == "probe") == "conv, sum"


def test_strange_provenance_is_as_if_nothing_was_recorded() -> None:
    other = result()
    other["provenance"]["data"] = {"prepared": [1], "first_batches": {"a": 1}, "first_weights": [7]}
    found = diverge(result(), other)
    assert found.answer == "same"


@pytest.mark.parametrize(
    ("variable", "operation", "kind"),
    [
        ("sequential/conv2d_1/kernel", "Conv2DBackpropFilter", "convolution"),
        ("conv2d_1/bias:0", "BiasAddGrad", "reduction"),
        ("dense/kernel:0", "MatMul", "matrix product"),
        ("embedding/embeddings", "UnsortedSegmentSum", "scatter"),
        (
            "bidirectional/forward_lstm/lstm_cell_1/recurrent_kernel:0",
            "MatMul of each time step, added up",
            "matrix product",
        ),
        ("batch_normalization_3/gamma", "FusedBatchNormGradV3", "normalization"),
        ("depthwise_conv2d/bias", "BiasAddGrad", "reduction"),
        ("my_layer/kernel", "unknown", "unknown"),
        ("kernel", "unknown", "unknown"),
        ("", "unknown", "unknown"),
        ("condense/kernel", "unknown", "unknown"),
    ],
)
def test_a_variable_tells_what_computes_its_gradient(variable, operation, kind) -> None:
    assert computed_by(variable) == (operation, kind)


def test_numbers_are_as_far_apart_as_there_are_floats_between() -> None:
    assert distance((1.0).hex(), (1 + 2**-23).hex()) == (1, "float32")
    assert distance((1.0).hex(), math.nextafter(1.0, 2.0).hex()) == (1, "float64")
    assert distance((-0.0).hex(), (0.0).hex()) == (0, "float32")
    assert distance("nan", (1.0).hex()) is None
    assert distance("zz", (1.0).hex()) is None


@given(*[st.floats(allow_nan=False, allow_infinity=False)] * 2)
def test_a_distance_is_symmetric_and_zero_for_equals_alone(a: float, b: float) -> None:
    there, back = distance(a.hex(), b.hex()), distance(b.hex(), a.hex())
    assert there == back
    assert there is not None
    assert (there.ulps == 0) == (a == b)
