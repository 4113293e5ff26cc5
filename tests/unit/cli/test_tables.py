"""What the tables say, and that none of them says zero where nothing is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from printed import words

from osgrepro.cli import tables
from osgrepro.pool.condor import ClusterTransfers, Plugin
from osgrepro.results import dataset
from osgrepro.workflow.results import analyzing
from osgrepro.workflow.runs import retries
from osgrepro.workflow.runs.monitoring.transfers import Moved

STAGED = ClusterTransfers(
    cluster=7,
    jobs=24,
    eps=4,
    stagings=8,
    plugins={"cedar": Plugin(staged_bytes=83_000_000, sent_bytes=9_000)},
)
OLD = ClusterTransfers(
    cluster=8, jobs=6, eps=2, plugins={"cedar": Plugin(received_bytes=2_500_000_000)}
)


def test_transfers_are_told_by_cluster_and_summed() -> None:
    rows = words(tables.transfers([Moved(name="tf.1", transfers=STAGED)] * 2))
    assert rows[1] == ["7", "tf.1", "24", "4", "8", "83.0 MB", "0", "0 B", "9.0 kB"]
    assert rows[-1] == ["all", "48", "16", "166.0 MB", "0", "0 B", "18.0 kB"]


def test_what_was_not_recorded_is_not_zero_nor_is_its_sum() -> None:
    moved = [Moved(name="tf.1", transfers=STAGED), Moved(name="tf.2", transfers=OLD)]
    rows = words(tables.transfers(moved))
    assert rows[2][4:7] == ["not recorded"] * 3
    assert rows[-1] == ["all", "30", *["not recorded"] * 3, "2.5 GB", "9.0 kB"]
    assert list(tables.gaps(moved)) == ["stagings are not recorded for cluster 8"]


def test_what_the_history_lost_is_said() -> None:
    lost = ClusterTransfers(
        cluster=7, jobs=24, unrecorded_jobs=5, eps=4, stagings=2, unrecorded_eps=3
    )
    jobs, stagings = tables.gaps([Moved(name="tf.1", transfers=lost)])
    assert "no longer has 5 of 24 jobs" in jobs
    assert "3 of 4 execution points" in stagings


def test_bytes_are_told_by_the_way_that_they_went() -> None:
    rows = words(
        tables.plugins({"osdf": Plugin(staged_bytes=1), "file": Plugin(staged_bytes=None)})
    )
    assert rows[1:] == [["osdf", "1 B", "0 B", "0 B"], ["file", "not recorded", "0 B", "0 B"]]


def test_what_landed_elsewhere_is_called_so_and_other_refusals_by_their_reason() -> None:
    rows = [
        {"reason": "landed-elsewhere", "file": "a.json", "message": "CpuFamily = 6: not epyc"},
        {"reason": "truncated", "file": "b.json", "message": "it breaks off"},
        {"reason": "landed-elsewhere", "file": "c.json", "message": "?"},
    ]
    assert list(tables.refusals({"truncated": 1, "landed-elsewhere": 2}, rows)) == [
        "landed elsewhere: a.json and 1 more: CpuFamily = 6: not epyc",
        "not taken (truncated): b.json: it breaks off",
    ]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (20_754_432, "20.8 MB")]
)
def test_sizes_have_a_unit_that_suits_them(count: int, text: str) -> None:
    assert tables.size(count) == text


def test_runs_that_failed_for_lack_of_memory_are_told_from_others(tmp_path: Path) -> None:
    kinds = ("OutOfMemoryError", "ValueError", "MemoryError", "OutOfMemoryError")
    rows = [
        {
            "run_id": f"r{number}",
            "experiment": "e",
            "software": "s",
            "hardware": f"h{number}",
            "status": "failed",
            "exception_type": kind,
        }
        for number, kind in enumerate(kinds)
    ]
    dataset.write(tmp_path / "d.parquet", rows)
    wanted = {"r0", "r1", "r2"}
    short = retries.short_of_memory(tmp_path / "d.parquet", wanted)
    assert short == {"r0": "h0", "r2": "h2"}


def test_runs_agree_if_those_with_the_same_seed_do(tmp_path: Path) -> None:
    def row(hardware: str, seed: int, weights: str) -> dict[str, Any]:
        return {
            "experiment": "e",
            "software": "s",
            "hardware": hardware,
            "status": "ok",
            "seed": seed,
            "primary_metric": "m",
            "metrics": [{"name": "m", "value": 0.5, "hex": "0x1p-1"}],
            "final_weights": weights,
        }

    rows = [row("a", seed, f"w{seed}") for seed in (1, 2) for _ in range(2)]
    rows += [row("b", seed, f"w{repeat}") for seed in (1, 2) for repeat in (1, 2)]
    rows += [row("c", seed, f"w{seed}") for seed in (1, 2)]
    rows += [row("d", 1, "w1")]
    dataset.write(tmp_path / "d.parquet", rows)
    shown = words(tables.outcomes(analyzing.preview(tmp_path / "d.parquet")))
    told = {one[2]: " ".join(one[one.index("0.500000") + 1 :]) for one in shown[1:]}
    assert told == {
        "a": "A B 4, 2 seeds, bitwise the same",
        "b": "A B 4, 2 seeds, not the same",
        "c": "A B 2, 2 seeds",
        "d": "A 1",
    }
