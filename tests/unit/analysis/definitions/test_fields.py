"""What a frame of runs may hold: whatever else is in a field is an error that says where."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osgrepro.analysis import analyze, preview
from osgrepro.common.errors import InputError, OsgreproError

_COLUMNS: dict[str, Any] = {
    **{"experiment": "mnist", "software": "tf", "hardware": "h", "status": "ok", "seed": 1},
    **{"campaign": "c", "run_id": None, "host": "x", "site": "s", "primary_metric": "accuracy"},
    **{"metric.accuracy": 0.5, "metric_hex.accuracy": "0x1p-1", "final_weights": "w"},
    **{"predictions": "p", "labels": None, "entry": "e", "code_sha256": "c", "params_json": "{}"},
    **{"data_json": "[]", "environment_json": "{}", "threads_requested": "1", "origin": None},
    **{"intra_op_threads": 1, "logical_cpus": 4, "cpu_vendor": "v", "cpu_avx2": True, "gpus": 0},
    **{"gpu_name": None, "gpu_memory_mb": None, "image_sha256": "i", "emulated": False},
    **{"simulated_gpu": False, "emulation": None, "not_emulated": None, "sample_data": False},
    **{"seeded": True, "gpu_used": False, "base_pinned": True, "test_set": 100, "baseline": 0.1},
    **{"keras_backend": "tf", "framework": "tf", "framework_version": "2", "definition": "d"},
}
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=2),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=1), st.integers(), max_size=1),
    st.sets(st.integers(), max_size=1),
    st.tuples(st.lists(st.integers(), max_size=1)),
    st.just(pd.Timestamp("2026-01-01")),
    st.complex_numbers(),
)


def _runs() -> pd.DataFrame:
    rows = [{**_COLUMNS, "hardware": name, "host": name} for name in "aabb"]
    return pd.DataFrame(rows).astype(object)


@settings(suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(_COLUMNS)), _VALUES)
def test_no_value_in_any_column_is_a_traceback(column: str, value: Any) -> None:
    runs = _runs()
    runs.at[1, column] = value
    try:
        preview(runs)
    except OsgreproError as error:
        assert error.hint


@pytest.mark.parametrize("ask", [analyze, preview])
@pytest.mark.parametrize("column", ["emulation", "cpu_vendor", "labels"])
@pytest.mark.parametrize("value", [["avx512f"], {"avx512f": True}, (["a"],)])
def test_what_cannot_be_compared_is_named_with_its_row(
    ask: Callable[[pd.DataFrame], object], column: str, value: object
) -> None:
    runs = _runs()
    runs.at[2, column] = value
    kind = type(value).__name__
    with pytest.raises(InputError, match=re.escape(f"{column} has a {kind} in row 2")) as error:
        ask(runs)
    assert "osgrepro.frame(PATH)" in error.value.hint


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("metric.accuracy", "0,5", "number"),
        ("metric.accuracy", pd.Timestamp("2026-01-01"), "number"),
        ("test_set", float("inf"), "whole number"),
        ("gpus", "two", "number"),
        ("seed", b"1", "number"),
        ("emulation", 1, "text"),
        ("emulated", "False", "truth value"),
    ],
)
def test_a_field_that_is_no_number_or_truth_value_is_named(
    column: str, value: object, what: str
) -> None:
    runs = _runs()
    runs.at[2, column] = value
    text = re.escape(f"{column} has {value!r} in row 2, which is no {what}")
    with pytest.raises(InputError, match=text):
        analyze(runs)


def test_columns_that_nothing_reads_may_hold_lists() -> None:
    runs = _runs().assign(losses=[[0.5]] * 4)
    assert analyze(runs) == analyze(_runs())


def test_two_columns_of_one_name_are_refused() -> None:
    runs = pd.concat([_runs(), _runs()[["host"]]], axis=1)
    with pytest.raises(InputError, match="there are two columns host"):
        analyze(runs)
