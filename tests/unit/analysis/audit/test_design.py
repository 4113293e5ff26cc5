"""The design audit: each limit of the design is named once, with counts, and nothing else is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.audit.design import audit

CELLS = {(s, h): [0.5, 0.5] for s in ("tf", "jax") for h in ("a", "b")}


def kinds(runs: pd.DataFrame) -> dict[str, str]:
    """Return the remarks' texts by kind."""
    return {note.kind: note.text for note in audit(runs)}


@pytest.fixture
def sound(frame: Any) -> pd.DataFrame:
    """Return a design without fault: crossed, balanced, every repeat on a host of its own."""
    runs: pd.DataFrame = frame(CELLS)
    return runs.assign(
        host=[f"n{number}" for number in range(len(runs))],
        run_id=[str(number) for number in range(len(runs))],
        seed=1,
        campaign="c",
        code_sha256="c",
        predictions="p",
        primary_metric="accuracy",
        site=["x", "y"] * 4,
    )


def test_a_sound_design_has_no_remark(sound: pd.DataFrame) -> None:
    assert kinds(sound) == {}
    further = sound.assign(seed=2, run_id=sound["run_id"] + "s", host=sound["host"] + "s")
    assert kinds(pd.concat([sound, further], ignore_index=True)) == {}
    assert analyze(sound).design == ()


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("missing cells", lambda r: r[r.index > 1], "1 of 4 cells has no result"),
        ("one repeat", lambda r: r[r.index > 0], "1 cell has one result"),
        (
            "accuracies only",
            lambda r: r.drop(columns="predictions"),
            "may have the same one: mnist",
        ),
        (
            "several primary metrics",
            lambda r: r.assign(primary_metric=["accuracy"] * 7 + ["loss"]),
            "the most frequent is taken: mnist",
        ),
        ("unequal repeats", lambda r: r[r.index > 0], "between 1 and 2"),
        ("one host a cell", lambda r: r.assign(host="n"), "In 4 of 4 cells"),
        ("host unknown", lambda r: r.drop(columns="host"), "4 cells without"),
        ("unequal seeds", lambda r: r.assign(seed=[1, 2] * 3 + [1, 1]), "1 cell lacks a seed"),
        ("one repeat", lambda r: r.assign(seed=[1, 2] * 4), "one result with each seed"),
        ("different code", lambda r: r.assign(code_sha256=range(8)), "mnist (8)"),
        ("duplicated runs", lambda r: r.assign(run_id="x"), "7 rows repeat"),
        ("several campaigns", lambda r: r.assign(campaign=list("cd") * 4), "2 campaigns: c; d"),
        ("process unknown", lambda r: r.assign(origin="a.csv"), "8 runs were imported"),
        (
            "base not pinned",
            lambda r: r.assign(base_pinned=[False, True, None, False] * 2),
            "4 runs in images whose base was named by a tag",
        ),
        ("one environment", lambda r: r[r.index < 2], "nothing varies"),
        (
            "different machines",
            lambda r: r.assign(gpu_memory_mb=[16384.0, 32768.0] * 4),
            "a: GPU memory (MiB) 16384 or 32768",
        ),
        (
            "confounded factors",
            lambda r: r.assign(site=r["hardware"]),
            "Each hardware was seen with one site",
        ),
        (
            "metrics of some runs",
            lambda r: r.assign(**{"metric_hex.loss": ["0x1p0"] + [None] * 7}),
            "mnist, loss (1 of 8)",
        ),
    ],
)
def test_each_limit_is_said(sound: pd.DataFrame, kind: str, change: Any, said: str) -> None:
    found = kinds(change(sound).reset_index(drop=True))
    assert said in found[kind]


def test_failed_runs_leave_their_cell_missing(sound: pd.DataFrame) -> None:
    failed = sound.assign(status=["failed"] * 2 + ["ok"] * 6)
    assert "1 of 4 cells has no result: mnist, tf, a." in kinds(failed)["missing cells"]


def test_many_places_are_counted_and_ten_named(frame: Any) -> None:
    runs = frame({("tf", f"h{number:02}"): [0.5] for number in range(20)})
    note = next(one for one in audit(runs) if one.kind == "one repeat")
    assert len(note.where) == 10
    assert note.text.endswith("and 10 more.")


def test_nothing_is_nothing() -> None:
    columns = ["experiment", "software", "hardware", "status"]
    assert audit(pd.DataFrame(columns=columns)) == ()
    failed = pd.DataFrame([["e", "s", "h", "failed"]], columns=columns)
    assert set(kinds(failed)) <= {"missing cells", "one environment"}


def test_an_emulated_environment_beside_a_real_one_varies(sound: pd.DataFrame) -> None:
    two = sound[sound.index < 4].assign(software="tf").reset_index(drop=True)
    two = two.assign(hardware=["a"] * 2 + ["b (emulated)"] * 2, stands_for=["a"] * 2 + ["b"] * 2)
    assert "one environment" not in kinds(two)
